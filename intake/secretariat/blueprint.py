"""The blueprint of the secretariat, and what all its views share."""

from flask import Blueprint

from intake import staff_words
from intake.forms import IntakeForm
from intake.wording import reason_text
from workflows.workflow import Refused

bp = Blueprint("secretariat", __name__, url_prefix="/staff")


@bp.context_processor
def _for_staff() -> dict[str, object]:
    return {"words": staff_words, "wide": True}


def say_why(form: IntakeForm, refused: Refused) -> None:
    """Say in a form why nothing was stored, with the words kept."""
    form.form_errors = [*form.form_errors, *(reason_text(reason) for reason in refused.reasons)]
