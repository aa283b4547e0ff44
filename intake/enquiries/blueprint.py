"""The blueprint of enquiries, and what all its views share."""

from flask import Blueprint

from intake import staff_words
from intake.enquiries import words

bp = Blueprint("enquiries", __name__, url_prefix="/staff/enquiries")


@bp.context_processor
def _for_staff() -> dict[str, object]:
    return {"words": staff_words, "enquiry_words": words, "wide": True}
