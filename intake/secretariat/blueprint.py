"""The blueprint of the secretariat, and what all its views share."""

from flask import Blueprint
from flask_security import current_user

from intake import staff_words
from intake.models import User

bp = Blueprint("secretariat", __name__, url_prefix="/staff")


@bp.context_processor
def _for_staff() -> dict[str, object]:
    return {"words": staff_words, "wide": True}


def myself() -> User:
    """The member of staff of this request."""
    found: User = current_user._get_current_object()
    return found
