"""The view of a document that came with an expression: handed to staff who have no conflict of interest, once clean."""

from flask import abort, flash, redirect, url_for
from flask.typing import ResponseReturnValue

from intake import conflicts, documents, looks
from intake.access import ANY_STAFF, staff
from intake.documents import handing, words
from intake.extensions import talisman
from intake.models import Expression, Shown
from intake.screening import queries
from intake.screening.blueprint import bp, myself


@bp.get("/expressions/<reference:reference>/documents/<int(max=2147483647):document_id>")
@staff(*ANY_STAFF)
@talisman(content_security_policy=handing.HARMLESS)  # type: ignore[untyped-decorator]
def document(reference: str, document_id: int) -> ResponseReturnValue:
    """One document as a file."""
    expression = queries.row_or_404(reference)
    if conflicts.conflict_of(expression, myself()) is not None:
        abort(403)
    found = documents.find(expression, document_id) or abort(404)
    if why := words.said(found).why:
        flash(why, "error")
        return redirect(url_for(".show", reference=reference, _anchor="documents"), 303)
    file = handing.attachment(found)
    looks.note(myself().id, Shown.DOCUMENT, expression_id=expression.id, detail=f"no. {document_id}")
    return file


def about(expression: Expression) -> tuple[list[words.Said], list[words.Said]]:
    """The documents of an expression in words: those that are kept, and those that were removed after sending."""
    every = [words.said(each) for each in documents.ever(expression)]
    kept = [said for said in every if said.document.removed_at is None]
    return kept, [said for said in every if said not in kept]
