"""Views of every step that staff may take on one expression; the table says which.

Each is taken in two: the page before the click shows every consequence, and one button takes the step.
"""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from intake import visits
from intake.access import ANY_STAFF, staff, staff_actor
from intake.advance import Stale, rehearse, take
from intake.errors import against
from intake.extensions import db
from intake.notifications.compose import LetterError
from intake.screening import forms, queries, saying
from intake.screening.blueprint import bp, myself
from intake.screening.consequences import consequences
from intake.screening.steps import Offer
from intake.staff_words import button
from workflows.workflow import UNDO, Refused

NOT_TAKEN = (Refused, Stale, LetterError)


@bp.get("/expressions/<reference:reference>/<trigger:trigger>")
@staff(*ANY_STAFF)
def prepare_step(reference: str, trigger: str) -> ResponseReturnValue:
    """What a step asks for; of one that asks for nothing, what it would bring."""
    offer = Offer(queries.expression_or_404(reference), staff_actor())
    offer.check(trigger)
    form = forms.for_step(offer.expression, trigger)
    page = _step_page(offer, trigger, form) if form.asked else _preview(offer, trigger, form)
    visits.note(offer.expression, myself())
    return page


@bp.post("/expressions/<reference:reference>/<trigger:trigger>")
@staff(*ANY_STAFF)
def take_step(reference: str, trigger: str) -> ResponseReturnValue:
    """Take a step whose consequences were shown, or show them; the table decides who may."""
    offer = Offer(queries.row_or_404(reference), staff_actor())
    form = forms.for_step(offer.expression, trigger, formdata=request.form)
    if form.seen == offer.expression.version:
        offer.check(trigger)
    if form.validate() and form.is_confirmed and "edit" not in request.form:
        return _take(offer, trigger, form)
    return _not_yet(Offer(queries.expression_or_404(reference), offer.actor), trigger, form)


def _not_yet(offer: Offer, trigger: str, form: forms.StepForm) -> ResponseReturnValue:
    """The form again, or what the step would bring."""
    if form.errors:
        return _step_page(offer, trigger, form), 422
    if "edit" in request.form:
        return _step_page(offer, trigger, form)
    return _preview(offer, trigger, form)


def _preview(offer: Offer, trigger: str, form: forms.StepForm) -> ResponseReturnValue:
    """Every consequence, by the very code that takes the step, and one button."""
    reference, row = offer.expression.reference, None if trigger == UNDO else offer.row(trigger)
    undoes = saying.undone_step(offer.expression) if trigger == UNDO else ""
    ends, changed = offer.leaves(trigger), bool(form.confirmed.data)
    try:
        seen = rehearse(offer.expression, trigger, actor=offer.actor, version=form.seen, **form.facts())
    except NOT_TAKEN as error:
        return _not_taken(reference, trigger, form, error), 409
    expression = queries.expression_or_404(reference)
    form.confirmed.data = form.digest()
    return render_template(
        "screening/confirm.html",
        expression=expression,
        form=form,
        button=button(trigger),
        brings=consequences(expression, seen, row),
        undoes=undoes,
        ends=ends,
        changed=changed,
    )


def _take(offer: Offer, trigger: str, form: forms.StepForm) -> ResponseReturnValue:
    expression = offer.expression
    reference, name = expression.reference, expression.organisation_name
    try:
        taken = take(expression, trigger, actor=offer.actor, version=form.seen, **form.facts())
    except NOT_TAKEN as error:
        return _not_taken(reference, trigger, form, error), 409
    flash(saying.after(name, taken), "success")
    for offered in saying.seats_on_offer(taken.entry):
        flash(offered, "info")
    return redirect(url_for(".show", reference=reference), 303)


def _not_taken(reference: str, trigger: str, form: forms.StepForm, error: Refused | Stale | LetterError) -> str:
    """The words kept: beside what somebody else did meanwhile, or in the form with what speaks against it."""
    db.session.rollback()
    offer = Offer(queries.expression_or_404(reference), staff_actor())
    form.show_to(offer.expression)
    form.confirmed.data = ""
    if isinstance(error, Stale):
        return _stale_page(offer, trigger, form, error)
    return _step_page(offer, trigger, form, reasons=against(error))


def _stale_page(offer: Offer, trigger: str, form: forms.StepForm, error: Stale) -> str:
    return render_template(
        "screening/stale.html",
        expression=offer.expression,
        form=form,
        button=button(trigger),
        is_open=offer.is_open(trigger),
        meanwhile=error.entries,
        mine=all(entry.user_id == offer.actor.user_id for entry in error.entries),
    )


def _step_page(offer: Offer, trigger: str, form: forms.StepForm, **said: object) -> str:
    form.confirmed.data = ""
    return render_template(
        "screening/step.html",
        expression=offer.expression,
        form=form,
        step=offer.step(trigger, form),
        is_open=offer.is_open(trigger),
        others=visits.others(offer.expression, myself()),
        **said,
    )
