"""Views of every step that staff may take on an enquiry; the table says which."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from intake.access import ANY_STAFF, staff, staff_actor
from intake.advance import Stale, advance
from intake.enquiries import forms, queries, words
from intake.enquiries.blueprint import bp
from intake.enquiries.steps import Offer
from intake.errors import against
from intake.extensions import db
from intake.models import Enquiry, HistoryEntry, Letter
from intake.notifications.compose import LetterError
from workflows.workflow import Refused

NOT_TAKEN = (Refused, Stale, LetterError)
STEP = "/<enquiry:number>/<enquiry_step:enquiry_step>"


@bp.get(STEP)
@staff(*ANY_STAFF)
def prepare_step(number: str, enquiry_step: str) -> ResponseReturnValue:
    """What a step asks for."""
    offer = Offer(queries.enquiry_or_404(number), staff_actor())
    offer.check(enquiry_step)
    form = forms.for_step(offer.enquiry, enquiry_step, **_known(offer.enquiry))
    return _step_page(offer, enquiry_step, form)


@bp.post(STEP)
@staff(*ANY_STAFF)
def take_step(number: str, enquiry_step: str) -> ResponseReturnValue:
    """Take a step; the table decides who may."""
    offer = Offer(queries.enquiry_or_404(number), staff_actor())
    form = forms.for_step(offer.enquiry, enquiry_step, formdata=request.form)
    if form.seen == offer.enquiry.version:
        offer.check(enquiry_step)
    if not form.validate():
        return _step_page(offer, enquiry_step, form), 422
    try:
        entry = advance(offer.enquiry, enquiry_step, actor=offer.actor, version=form.seen, **form.facts())
    except NOT_TAKEN as error:
        return _not_taken(number, enquiry_step, form, error), 409
    flash(words.after(entry, _letters_of(entry, number)), "success")
    return redirect(url_for(".show", number=number), 303)


def _known(enquiry: Enquiry) -> dict[str, str]:
    """What the fields of a step hold before anybody has typed."""
    about = queries.expression_of(enquiry)
    return {"expression": about[0]} if about else {}


def _letters_of(entry: HistoryEntry, number: str) -> list[Letter]:
    return [letter for letter in queries.enquiry_or_404(number).letters if letter.step_id == entry.id]


def _not_taken(number: str, trigger: str, form: forms.StepForm, error: Refused | Stale | LetterError) -> str:
    """The words kept, below what somebody else did meanwhile or what speaks against it."""
    db.session.rollback()
    offer = Offer(queries.enquiry_or_404(number), staff_actor())
    form.show_to(offer.enquiry)
    if isinstance(error, Stale):
        return _step_page(offer, trigger, form, stale=True, meanwhile=error.entries)
    return _step_page(offer, trigger, form, reasons=against(error))


def _step_page(offer: Offer, trigger: str, form: forms.StepForm, **said: object) -> str:
    return render_template(
        "enquiries/step.html",
        enquiry=offer.enquiry,
        trigger=trigger,
        form=form,
        is_open=offer.is_open(trigger),
        **said,
    )
