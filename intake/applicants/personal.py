"""Views of what an applicant may ask for: copies of the answers and of everything, and erasure."""

from flask import Response, flash, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _

from intake import errors
from intake.access import applicant, opened_expression
from intake.applicants import forms, moves, summary
from intake.applicants.blueprint import bp
from intake.current import programme
from intake.extensions import limiter
from intake.models import Expression, now
from intake.papers import CannotPrint, Paper, Row, Section, as_pdf, as_text
from intake.privacy import gathering
from intake.wording import day, moment
from workflows.expression import ACTIVE
from workflows.workflow import Refused

MIMETYPES = {"pdf": "application/pdf", "txt": "text/plain", "json": "application/json"}


def _page(expression: Expression, form: forms.ErasureForm) -> str:
    form.version.data = expression.version
    return render_template(
        "applicants/personal.html",
        expression=expression,
        form=form,
        plain=forms.PlainForm(formdata=None),
        retention=programme().retention,
        is_under_way=expression.state in ACTIVE,
    )


@bp.get("/expressions/<reference:reference>/data")
@applicant
def personal_data(reference: str) -> ResponseReturnValue:
    """Copies to take, and erasure with what it means."""
    return _page(opened_expression(), forms.ErasureForm(formdata=None))


@bp.post("/expressions/<reference:reference>/data/erasure")
@applicant
def request_erasure(reference: str) -> ResponseReturnValue:
    """Ask for erasure; what is under way is withdrawn with it."""
    expression, form = opened_expression(), forms.ErasureForm()
    form.validate()
    if not form.confirmed.data and not form.confirmed.errors:
        form.blame("confirmed", _("Tick that you have read what erasure means."))
    if form.errors:
        return _page(expression, form), 422
    try:
        taken = moves.take(expression, "request_erasure", version=form.version.data or 0)
    except Refused as refused:
        moves.explain(form, refused)
        return _page(expression, form), 409
    due = _("Your data will be erased by %(day)s.", day=day(expression.erasure_due_on))
    flash(due if taken else _("Erasure was asked for already. %(due)s", due=due), "success" if taken else "info")
    return redirect(url_for(".personal_data", reference=reference), 303)


@bp.post("/expressions/<reference:reference>/data/kept")
@applicant
def keep_data(reference: str) -> ResponseReturnValue:
    """Take the request back as long as nothing is erased."""
    expression = opened_expression()
    taken = moves.take(expression, "keep_data", version=expression.version)
    said = _("Your request is taken back; your data are kept.") if taken else _("There was no request to take back.")
    flash(said, "success" if taken else "info")
    return redirect(url_for(".personal_data", reference=reference), 303)


@bp.get("/expressions/<reference:reference>/copies/answers.<any(pdf,txt):kind>")
@applicant
@limiter.limit("60 per hour")
def copy_of_answers(reference: str, kind: str) -> ResponseReturnValue:
    """The answers, to keep or to print."""
    expression = opened_expression()
    return _file(_answers(expression), kind, f"{reference}-answers")


@bp.get("/expressions/<reference:reference>/copies/everything.<any(pdf,json):file_type>")
@applicant
@limiter.limit("60 per hour")
def copy_of_everything(reference: str, file_type: str) -> ResponseReturnValue:
    """Everything that is kept about the people of an expression."""
    whole = [gathering.of(opened_expression())]
    if file_type == "json":
        return _sent(gathering.as_json(whole), file_type, f"{reference}-everything")
    return _file(gathering.as_paper(whole, now()), file_type, f"{reference}-everything")


def _answers(expression: Expression) -> Paper:
    """The answers in the words of the form."""
    sections = [
        Section(part.step.title, [Row(row.label, row.words) for row in part.rows]) for part in summary.parts(expression)
    ]
    sent = expression.submitted_at
    when = _("Sent on %(moment)s.", moment=moment(sent)) if sent else _("A draft, not sent yet.")
    facts = [expression.organisation_name, programme().name, when, _("Copied on %(moment)s.", moment=moment(now()))]
    locale = get_locale()
    title = _("Expression of interest %(reference)s", reference=expression.reference)
    direction = locale.text_direction if locale else "ltr"
    language = str(locale) if locale else "en"
    return Paper(title, [str(fact) for fact in facts if fact], sections, language, direction)


def _file(paper: Paper, kind: str, name: str) -> ResponseReturnValue:
    if kind == "txt":
        return _sent(as_text(paper), kind, name)
    try:
        return _sent(as_pdf(paper), kind, name)
    except CannotPrint as why:
        text = _("%(why)s The copy as text holds the same words.", why=why)
        way = _("Take the copy as text from the page “Personal data” of your expression.")
        return errors.page(503, errors.Explanation(_("The PDF cannot be made now"), text, (way,)))


def _sent(content: str | bytes, kind: str, name: str) -> Response:
    answer = make_response(content)
    answer.mimetype = MIMETYPES[kind]
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    return answer
