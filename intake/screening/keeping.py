"""Views that keep what is typed on a sheet before it is saved as verdicts; nothing here is a verdict."""

from collections.abc import Mapping

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from intake import conflicts, judging
from intake.access import staff
from intake.extensions import db
from intake.models import Expression
from intake.screening import drafts, queries, verdict_forms
from intake.screening.blueprint import bp, myself
from intake.screening.criteria import Sheet
from workflows.people import Role
from workflows.workflow import Refused


def sheet_of(expression: Expression) -> Sheet:
    """The sheet of whoever may judge now. Raises `Refused`."""
    conflicts.refuse(expression, myself())
    if not judging.is_open(expression):
        raise Refused([judging.FROZEN])
    return Sheet(expression, myself(), screens=True)


@bp.post("/expressions/<reference:reference>/verdicts/draft")
@staff(Role.SCREENER)
def keep_draft(reference: str) -> ResponseReturnValue:
    """Keep what is typed so far; incomplete is fine, what no field may hold is not. Sent by static/sheet.js."""
    expression = queries.expression_or_404(reference)
    sheet = sheet_of(expression)
    form = verdict_forms.for_verdicts(expression, {}, formdata=request.form)
    if not form.validate_words():
        return "", 422
    drafts.keep(expression, myself(), sheet.typed(form))
    db.session.commit()
    return "", 204


@bp.post("/expressions/<reference:reference>/verdicts/draft/discard")
@staff(Role.SCREENER)
def discard_draft(reference: str) -> ResponseReturnValue:
    """Forget what is typed; the verdicts stay as they are."""
    drafts.discard(queries.expression_or_404(reference), myself())
    db.session.commit()
    flash(_("The words that were not saved are discarded."), "success")
    return redirect(url_for(".show", reference=reference), 303)


def keep_unsaved(expression: Expression, form: verdict_forms.VerdictsForm) -> None:
    """Keep and commit what a form holds that could not be saved, if its sender may still judge."""
    if judging.is_open(expression) and conflicts.conflict_of(expression, myself()) is None:
        drafts.keep(expression, myself(), Sheet(expression, myself(), screens=True).typed(form))
        db.session.commit()


def _joined(typed: verdict_forms.Words, void: Mapping[str, str]) -> verdict_forms.Words:
    """What is typed with what became void below it; taken over twice, it stands there once."""
    written = typed.get("reason", "")
    reason = written if void["reason"] in written else "\n\n".join(filter(None, (written, void["reason"])))
    return {"outcome": typed.get("outcome") or void["outcome"], "reason": reason}


@bp.post("/expressions/<reference:reference>/verdicts/take-over")
@staff(Role.SCREENER)
def take_over(reference: str) -> ResponseReturnValue:
    """Put a verdict that became void back into the form, beside whatever else is typed there."""
    expression = queries.expression_or_404(reference)
    sheet = sheet_of(expression)
    wanted = request.form.get("criterion", "")
    part = next((each for each in sheet.parts if each.criterion.id == wanted and each.is_open), None)
    if part is None or not part.void:
        abort(404)
    form = verdict_forms.for_verdicts(expression, {}, formdata=request.form)
    form.validate_words()
    drafts.keep(expression, myself(), {**sheet.typed(form), wanted: _joined(form.words.get(wanted, {}), part.void[0])})
    db.session.commit()
    return redirect(url_for(".show", reference=reference, _anchor=f"criterion-{wanted}"), 303)
