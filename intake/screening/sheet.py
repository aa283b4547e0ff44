"""Views of one expression: its page with the screening sheet, and who screens it."""

from collections.abc import Mapping

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from intake import judging, visits
from intake.access import ANY_STAFF, staff, staff_actor
from intake.advance import Stale
from intake.current import programme
from intake.extensions import db
from intake.inbound import shelf
from intake.models import Expression
from intake.screening import attached, conflicting, drafts, keeping, neighbours, queries, talk, verdict_forms
from intake.screening.blueprint import bp, myself, why_not
from intake.screening.criteria import Sheet
from intake.screening.steps import Offer
from intake.screening.verdict_forms import SettleForm, VerdictsForm
from intake.screening.waiting import waiting
from intake.wording import today
from workflows.people import Role
from workflows.workflow import Refused


@bp.get("/expressions/<reference:reference>")
@staff(*ANY_STAFF)
def show(reference: str) -> ResponseReturnValue:
    """One expression on one page."""
    expression = queries.expression_or_404(reference)
    shown = page(expression)
    visits.note(expression, myself())
    return shown


def page(
    expression: Expression,
    form: VerdictsForm | None = None,
    *,
    settling: Mapping[str, SettleForm] | None = None,
    **said: object,
) -> str:
    """The page of an expression; `form` and `settling` hold words that were not stored, `said` why."""
    offer = Offer(expression, staff_actor())
    conflict = conflicting.standing(offer)
    may_screen = Role.SCREENER in offer.actor.roles and not conflict.words
    sheet = Sheet(expression, myself(), screens=may_screen)
    kept, gone = attached.about(expression)
    return render_template(
        "screening/show.html",
        expression=expression,
        sheet=sheet,
        form=form or verdict_forms.for_verdicts(expression, sheet.words()),
        settling=sheet.settling(settling or {}),
        steps=sheet.veiled(offer.steps()),
        can_take=judging.can_be_taken(expression, by=myself()) and may_screen,
        conflict=conflict,
        waiting=waiting(expression, today()),
        others=visits.others(expression, myself()),
        neighbours=neighbours.around(expression, request.args),
        talk=talk.about(expression, myself()),
        mail=shelf.about(expression),
        attached=kept,
        detached=gone,
        **said,
    )


@bp.post("/expressions/<reference:reference>/verdicts")
@staff(Role.SCREENER)
def verdicts(reference: str) -> ResponseReturnValue:
    """Store the verdicts that are given; what cannot be stored is kept as a draft."""
    expression = queries.expression_or_404(reference)
    form = verdict_forms.for_verdicts(expression, {}, formdata=request.form)
    if not form.validate():
        keeping.keep_unsaved(expression, form)
        return page(queries.expression_or_404(reference), form), 422
    try:
        judging.judge(expression, form.judgements(), screener=myself(), version=form.seen)
        drafts.discard(expression, myself())
        db.session.commit()
    except (Refused, Stale) as error:
        return not_stored(reference, form, error), 409
    flash(_("The verdicts are saved."), "success")
    return redirect(url_for(".show", reference=reference), 303)


def not_stored(
    reference: str, form: VerdictsForm, error: Refused | Stale, settling: Mapping[str, SettleForm] | None = None
) -> str:
    """The page with every word kept, to be sent again to the expression as it now is."""
    db.session.rollback()
    keeping.keep_unsaved(queries.expression_or_404(reference), form)
    expression = queries.expression_or_404(reference)
    form.show_to(expression)
    return page(expression, form, settling=settling, **why_not(error))


@bp.post("/expressions/<reference:reference>/verdicts/settle")
@staff(Role.SCREENER)
def settle(reference: str) -> ResponseReturnValue:
    """Settle a criterion that both screeners have judged; what is typed elsewhere on the sheet stays typed."""
    expression = queries.expression_or_404(reference)
    criterion = request.form.get("criterion", "")
    if criterion not in {each.id for each in programme().criteria}:
        abort(404)
    form = verdict_forms.for_verdicts(expression, {}, formdata=request.form)
    settling = verdict_forms.for_settling(criterion, formdata=request.form)
    form.validate_words()
    if not settling.validate():
        return page(expression, form, settling={criterion: settling}), 422
    try:
        judging.settle(expression, criterion, settling.judgement(), by=myself(), version=form.seen)
        drafts.keep(expression, myself(), Sheet(expression, myself(), screens=True).typed(form))
        db.session.commit()
    except (Refused, Stale) as error:
        return not_stored(reference, form, error, {criterion: settling}), 409
    flash(_("It is settled, and your reason stands beside it."), "success")
    return redirect(url_for(".show", reference=reference, _anchor=f"criterion-{criterion}"), 303)


@bp.post("/expressions/<reference:reference>/take")
@staff(Role.SCREENER)
def take(reference: str) -> ResponseReturnValue:
    """Become the screener of an expression."""
    expression = queries.expression_or_404(reference)
    judging.take(expression, screener=myself())
    db.session.commit()
    flash(_("You are now the screener of this expression."), "success")
    return redirect(url_for(".show", reference=reference), 303)
