"""The extensions, created bare; `create_app` binds them."""

from flask import request
from flask_babel import Babel
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_mail import Mail
from flask_migrate import Migrate
from flask_security import Security, SQLAlchemySessionUserDatastore
from flask_sqlalchemy import SQLAlchemy
from flask_talisman import Talisman
from flask_wtf import CSRFProtect

from intake.models import Base, Role, User

db = SQLAlchemy(metadata=Base.metadata)
migrate = Migrate(render_as_batch=True, compare_type=True)
mail = Mail()
babel = Babel()
csrf = CSRFProtect()
talisman = Talisman()
accounts = SQLAlchemySessionUserDatastore(db.session, User, Role)
security = Security(datastore=accounts)


def _reads() -> bool:
    return request.method in {"GET", "HEAD", "OPTIONS"}


limiter = Limiter(get_remote_address, default_limits=["120 per minute"], default_limits_exempt_when=_reads)
"""By default an address may send 120 forms a minute; sign-in and asking for a link are stricter, in their views."""
