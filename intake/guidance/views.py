"""Views of the pages of help and of the public figures; open to everybody, as the processes are no secret."""

from flask import Blueprint, Response, jsonify, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from intake import exports, staff_words
from intake.access import public
from intake.current import programme
from intake.guidance.describing import OF_ENQUIRIES, OF_EXPRESSIONS, Process
from intake.guidance.drawing import chart
from intake.guidance.telling import breakdowns, by_code, count_in_words, median_in_words, rows
from intake.statistics import statistics
from workflows import diagram

bp = Blueprint("guidance", __name__)


@bp.get("/help/process")
@public
def process() -> ResponseReturnValue:
    """How an expression goes its way."""
    return _page(OF_EXPRESSIONS, _("How an expression of interest goes its way"), _("Applicants"))


@bp.get("/help/enquiries")
@public
def enquiries() -> ResponseReturnValue:
    """How an enquiry goes its way."""
    return _page(OF_ENQUIRIES, _("How an enquiry goes its way"), _("What it means"))


@bp.get("/accessibility")
@public
def accessibility() -> ResponseReturnValue:
    """What holds of the accessibility of these pages, and what does not."""
    return render_template("guidance/accessibility.html")


@bp.get("/statistics")
@public
def public_figures() -> ResponseReturnValue:
    """The call in numbers, with no names."""
    found = statistics()
    received, days = count_in_words(found.received), median_in_words(found)
    shown = breakdowns(found)
    return render_template("guidance/statistics.html", found=found, received=received, days=days, breakdowns=shown)


@bp.get("/statistics.csv")
@public
def public_figures_as_csv() -> ResponseReturnValue:
    """The same figures as a table, in the language of the reader."""
    head = (_("Figure"), _("Group"), _("Expressions"), _("As of"))
    return Response(exports.as_csv(head, rows(statistics())), mimetype=exports.MIMETYPES["csv"])


@bp.get("/statistics.json")
@public
def public_figures_as_json() -> ResponseReturnValue:
    """The same figures by codes that stay as they are."""
    return jsonify(call=programme().call.slug, **by_code(statistics()))


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
