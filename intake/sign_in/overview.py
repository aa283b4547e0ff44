"""The page “Your sign-in”: what somebody shows to come in, how to change it, and when it was shown lately."""

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_security import current_user

from intake import pauses
from intake.access import ANY_STAFF, needs_second_factor, setting_up
from intake.models import User, Way
from intake.sign_in.blueprint import bp

LATEST = 10
"""How many tries to enter the account are shown."""


def way_name(way: Way) -> str:
    """What the last thing shown was, in words."""
    names = {
        Way.PASSWORD: _("Password"),
        Way.CODE: _("Password and code of the app"),
        Way.RECOVERY_CODE: _("Password and recovery code"),
        Way.PASSKEY: _("Password and passkey"),
    }
    return str(names[way])


@bp.get("")
@setting_up(*ANY_STAFF)
def overview() -> ResponseReturnValue:
    """Everything about one's own sign-in on one page."""
    user: User = current_user._get_current_object()
    return render_template(
        "sign_in/overview.html",
        account=user,
        passkeys=sorted(user.webauthn, key=lambda key: key.name),
        codes_left=len(user.mf_recovery_codes or []),
        latest=pauses.latest(user, LATEST),
        way_name=way_name,
        needs_one=needs_second_factor(user),
    )
