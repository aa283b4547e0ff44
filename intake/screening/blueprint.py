"""The blueprint of screening, and what all its views share."""

from flask import Blueprint
from flask_security import current_user

from intake import staff_words
from intake.advance import Stale
from intake.models import User
from intake.screening import record
from intake.wording import reason_text
from workflows.workflow import Refused

bp = Blueprint("screening", __name__, url_prefix="/staff")


@bp.context_processor
def _for_staff() -> dict[str, object]:
    return {"words": staff_words, "record": record, "wide": True}


def myself() -> User:
    """The member of staff of this request."""
    found: User = current_user._get_current_object()
    return found


def why_not(error: Refused | Stale) -> dict[str, object]:
    """Why nothing was stored, for a page: the reasons, or what somebody else did meanwhile."""
    if isinstance(error, Stale):
        return {"stale": True, "meanwhile": error.entries}
    return {"reasons": [reason_text(reason) for reason in error.reasons]}
