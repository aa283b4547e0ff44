"""Views of the pages of help; open to everybody, as the processes are no secret."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from intake import staff_words
from intake.access import public
from intake.guidance.describing import OF_ENQUIRIES, OF_EXPRESSIONS, Process
from intake.guidance.drawing import chart
from workflows import diagram

bp = Blueprint("guidance", __name__, url_prefix="/help")


@bp.get("/process")
@public
def process() -> ResponseReturnValue:
    """How an expression goes its way."""
    return _page(OF_EXPRESSIONS, _("How an expression of interest goes its way"), _("Applicants"))


@bp.get("/enquiries")
@public
def enquiries() -> ResponseReturnValue:
    """How an enquiry goes its way."""
    return _page(OF_ENQUIRIES, _("How an enquiry goes its way"), _("What it means"))


def _page(of: Process, title: str, meaning: str) -> str:
    """`meaning` stands over what the states mean to others than staff."""
    picture = chart(of.workflow, of.main_line, state_name=of.state_name, button=of.button)
    return render_template(
        "guidance/process.html",
        title=title,
        meaning=meaning,
        chart=picture,
        say=of,
        words=staff_words,
        mermaid=diagram.mermaid(of.workflow),
        wide=True,
    )
