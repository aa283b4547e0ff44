"""Views of an expression as a copy for staff: its answers as they stand, without what staff think of them."""

from flask import make_response
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from intake import errors
from intake.access import ANY_STAFF, staff
from intake.current import programme
from intake.models import Expression, now
from intake.papers import CannotPrint, Paper, Row, Section, as_pdf, as_text
from intake.screening import queries, record
from intake.screening.blueprint import bp
from intake.wording import moment

MIMETYPES = {"pdf": "application/pdf", "txt": "text/plain"}


@bp.get("/expressions/<reference:reference>/answers.<any(pdf,txt):kind>")
@staff(*ANY_STAFF)
def copy_of_answers(reference: str, kind: str) -> ResponseReturnValue:
    """The answers of an expression, to keep or to print."""
    paper = _paper(queries.expression_or_404(reference))
    try:
        answer = make_response(as_pdf(paper) if kind == "pdf" else as_text(paper))
    except CannotPrint as why:
        text = _("%(why)s The copy as text holds the same words.", why=why)
        return errors.page(503, errors.Explanation(_("The PDF cannot be made now"), text))
    answer.mimetype = MIMETYPES[kind]
    answer.headers["Content-Disposition"] = f'attachment; filename="{reference}-answers.{kind}"'
    return answer


def _paper(expression: Expression) -> Paper:
    sections = [
        _section(_("The organisation"), record.organisation(expression)),
        *(_criterion(expression, each.id, each.name) for each in programme().criteria),
        _section(_("Reach and taking part"), record.reach(expression)),
    ]
    sent = _("Sent on %(moment)s.", moment=moment(expression.submitted_at))
    facts = [expression.organisation_name, programme().name, sent, _("Copied on %(moment)s.", moment=moment(now()))]
    title = _("Expression of interest %(reference)s", reference=expression.reference)
    return Paper(title, [str(fact) for fact in facts], sections)


def _criterion(expression: Expression, id: str, name: str) -> Section:
    said = Row(_("Statement"), record.statement(expression, id))
    return Section(name, [said, *_rows(record.facts(expression, id))])


def _section(title: str, rows: list[record.Row]) -> Section:
    return Section(title, _rows(rows))


def _rows(rows: list[record.Row]) -> list[Row]:
    return [Row(label, words) for label, words, _href, _hidden in rows]
