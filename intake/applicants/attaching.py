"""Views of an applicant's documents: the list, adding one at a time, keeping one, removing one."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from intake import documents
from intake.access import applicant, applicant_actor, opened_expression, takes
from intake.applicants import forms, steps
from intake.applicants.blueprint import bp
from intake.documents import handing, naming, words
from intake.documents.limits import MOST_DOCUMENTS, MOST_REQUEST
from intake.extensions import limiter, talisman
from intake.models import Document, Expression, ScanState
from workflows.expression import EDITABLE

ALL = "/expressions/<reference:reference>/documents"
ONE = f"{ALL}/<int(max=2147483647):document_id>"


def listed(expression: Expression) -> list[words.Said]:
    """The documents of an expression in words."""
    return [words.said(document) for document in documents.of(expression)]


def _home(reference: str) -> ResponseReturnValue:
    return redirect(url_for(".documents", reference=reference), 303)


def _one_or_404(document_id: int) -> Document:
    return documents.find(opened_expression(), document_id) or abort(404)


def _page(expression: Expression, form: forms.DocumentForm) -> str:
    held = listed(expression)
    return render_template(
        "applicants/documents.html",
        expression=expression,
        form=form,
        documents=held,
        limits=words.limits(),
        is_full=len(held) >= MOST_DOCUMENTS,
        previous=steps.steps()[-1],
        editable=expression.state in EDITABLE,
    )


@bp.get(ALL, endpoint="documents")
@applicant
def list_documents(reference: str) -> ResponseReturnValue:
    """What is added, and the form for one more."""
    return _page(opened_expression(), forms.DocumentForm(formdata=None))


@bp.post(ALL)
@applicant
@takes(MOST_REQUEST)
@limiter.limit("30 per minute")
def add_document(reference: str) -> ResponseReturnValue:
    """Keep one document, or say why it is not taken."""
    expression, form, sent = opened_expression(), forms.DocumentForm(), request.files.get("document")
    if sent is None or not sent.filename:
        form.validate()
        form.blame("document", _("Choose a file first, then add it."))
        return _page(expression, form), 422
    try:
        added = documents.add(expression, sent.filename, sent.stream, by=applicant_actor(expression).name)
    except documents.NotTaken as error:
        form.validate()
        form.blame("document", _("%(name)s was not added. %(why)s", name=naming.base(sent.filename)[:100], why=error))
        return _page(expression, form), 422
    flash(*_outcome(added))
    return _home(reference)


def _outcome(added: documents.Added) -> tuple[str, str]:
    """What became of a document, and the tone in which to say it."""
    said = words.said(added.document)
    name = added.document.name
    if not added.is_new:
        return _("%(name)s is there already; it was not added twice.", name=name), "info"
    if added.document.scan_state is ScanState.INFECTED:
        return _("%(name)s: %(why)s Remove it.", name=name, why=said.why), "error"
    return _("%(name)s is added. %(why)s", name=name, why=said.why).strip(), "success"


@bp.get(ONE)
@applicant
@talisman(content_security_policy=handing.HARMLESS)  # type: ignore[untyped-decorator]
def document(reference: str, document_id: int) -> ResponseReturnValue:
    """One document as a file."""
    found = _one_or_404(document_id)
    if why := words.said(found).why:
        flash(why, "error")
        return _home(reference)
    return handing.attachment(found)


@bp.get(f"{ONE}/remove")
@applicant
def ask_to_remove(reference: str, document_id: int) -> ResponseReturnValue:
    """Which document would go."""
    found = words.said(_one_or_404(document_id))
    form = forms.PlainForm(formdata=None)
    return render_template("applicants/remove_document.html", expression=opened_expression(), said=found, form=form)


@bp.post(f"{ONE}/remove")
@applicant
def remove_document(reference: str, document_id: int) -> ResponseReturnValue:
    """Remove one document; removed twice, it is gone once."""
    expression = opened_expression()
    name = documents.remove(expression, document_id, by=applicant_actor(expression).name)
    said = _("%(name)s is removed.", name=name) if name else _("That document had been removed already.")
    flash(said, "success" if name else "info")
    return _home(reference)
