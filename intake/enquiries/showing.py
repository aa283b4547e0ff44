"""View of one enquiry: the whole conversation, what may be done, its letters and the mail that belongs to it."""

from flask import render_template
from flask.typing import ResponseReturnValue

from intake.access import ANY_STAFF, staff, staff_actor
from intake.enquiries import forms, queries
from intake.enquiries.blueprint import bp
from intake.enquiries.steps import Offer
from intake.notifications.promises import answer_due_on
from workflows.people import Role


@bp.get("/<enquiry:number>")
@staff(*ANY_STAFF)
def show(number: str) -> ResponseReturnValue:
    """One enquiry, with the form of the answer below what was asked."""
    enquiry = queries.enquiry_or_404(number)
    offer = Offer(enquiry, staff_actor())
    return render_template(
        "enquiries/show.html",
        enquiry=enquiry,
        form=forms.for_step(enquiry, "answer"),
        triggers=list(offer.triggers()),
        undo=offer.undo(),
        undo_form=forms.for_step(enquiry, "undo"),
        about=queries.expression_of(enquiry),
        mail=queries.mail_of(enquiry),
        may_open_mail=bool(offer.actor.roles & {Role.SECRETARIAT, Role.ADMINISTRATOR}),
        due_on=answer_due_on(enquiry),
    )
