"""Views of every step that staff may take on one expression; the table says which."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from intake.access import ANY_STAFF, staff, staff_actor
from intake.advance import Stale, advance
from intake.extensions import db
from intake.screening import forms, queries, saying
from intake.screening.blueprint import bp, why_not
from intake.screening.steps import Offer
from workflows.workflow import Refused


@bp.get("/expressions/<reference:reference>/<trigger:trigger>")
@staff(*ANY_STAFF)
def prepare_step(reference: str, trigger: str) -> ResponseReturnValue:
    """A step on a page of its own."""
    offer = Offer(queries.expression_or_404(reference), staff_actor())
    offer.check(trigger)
    return _step_page(offer, trigger, forms.for_step(offer.expression, trigger))


@bp.post("/expressions/<reference:reference>/<trigger:trigger>")
@staff(*ANY_STAFF)
def take_step(reference: str, trigger: str) -> ResponseReturnValue:
    """Take a step, whichever it is; the table decides who may."""
    offer = Offer(queries.expression_or_404(reference), staff_actor())
    form = forms.for_step(offer.expression, trigger, formdata=request.form)
    if form.seen == offer.expression.version:
        offer.check(trigger)
    if not form.validate():
        return _step_page(offer, trigger, form), 422
    if offer.leaves(trigger) and not form.confirmed.data and form.seen == offer.expression.version:
        return _step_page(offer, trigger, form, asks=True)
    return _take(offer, trigger, form)


def _take(offer: Offer, trigger: str, form: forms.StepForm) -> ResponseReturnValue:
    expression = offer.expression
    try:
        entry = advance(expression, trigger, actor=offer.actor, version=form.seen, **form.facts())
    except (Refused, Stale) as error:
        return _not_taken(expression.reference, trigger, form, error), 409
    flash(saying.after(expression, entry), "success")
    for offered in saying.seats_on_offer(entry):
        flash(offered, "info")
    return redirect(url_for(".show", reference=expression.reference), 303)


def _not_taken(reference: str, trigger: str, form: forms.StepForm, error: Refused | Stale) -> str:
    """The same form with the words kept, to be sent again to the expression as it now is, or left."""
    db.session.rollback()
    offer = Offer(queries.expression_or_404(reference), staff_actor())
    form.show_to(offer.expression)
    return _step_page(offer, trigger, form, **why_not(error))


def _step_page(offer: Offer, trigger: str, form: forms.StepForm, **said: object) -> str:
    step, is_open = offer.step(trigger, form), offer.is_open(trigger)
    form.confirmed.data = "yes" if said.get("asks") else ""
    return render_template(
        "screening/step.html", expression=offer.expression, form=form, step=step, is_open=is_open, **said
    )
