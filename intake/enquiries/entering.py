"""Views to enter an enquiry that came by telephone or by letter."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from intake import asking
from intake.access import staff, staff_actor
from intake.enquiries import forms
from intake.enquiries.blueprint import bp
from workflows.people import Role


@bp.get("/new")
@staff(Role.SECRETARIAT)
def prepare_entry() -> ResponseReturnValue:
    """The empty form."""
    form = forms.EntryForm(formdata=None, data={"acknowledged": True})
    return render_template("enquiries/enter.html", form=form)


@bp.post("/new")
@staff(Role.SECRETARIAT)
def enter() -> ResponseReturnValue:
    """Open the enquiry in the name of whoever asked."""
    form = forms.EntryForm()
    if not form.validate_on_submit():
        return render_template("enquiries/enter.html", form=form), 422
    enquiry = asking.ask(
        email=form.email.data or "",
        name=form.name.data or "",
        subject=form.subject.data or "",
        question=form.question.data or "",
        silent=not form.acknowledged.data,
        actor=staff_actor(),
    )
    flash(_("The enquiry is entered with the number %(number)s.", number=enquiry.reference), "success")
    return redirect(url_for(".show", number=enquiry.reference), 303)
