"""Views of the pages of help; open to everybody, as the process is no secret."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from intake import staff_words
from intake.access import public
from intake.guidance import describing
from intake.guidance.drawing import chart
from workflows import diagram
from workflows.expression import EXPRESSION, MAIN_LINE
from workflows.expression_words import STATES

bp = Blueprint("guidance", __name__, url_prefix="/help")


@bp.get("/process")
@public
def process() -> ResponseReturnValue:
    """How an expression goes its way."""
    picture = chart(EXPRESSION, MAIN_LINE, state_name=staff_words.state_name, button=staff_words.button)
    return render_template(
        "guidance/process.html",
        chart=picture,
        say=describing,
        words=staff_words,
        states=STATES,
        mermaid=diagram.mermaid(EXPRESSION),
        wide=True,
    )
