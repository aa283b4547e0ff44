"""Views to enter an enquiry that came by telephone or by letter."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from intake import asking
from intake.access import staff, staff_actor
from intake.enquiries import forms
from intake.enquiries.blueprint import bp
from intake.errors import against
from intake.notifications.compose import LetterError
from workflows.people import Role
from workflows.workflow import Refused


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
    try:
        enquiry = asking.ask(**form.question_with_its_sender(), actor=staff_actor())
    except (Refused, LetterError) as error:
        form.form_errors = against(error)
        return render_template("enquiries/enter.html", form=form), 409
    flash(_("The enquiry is entered with the number %(number)s.", number=enquiry.reference), "success")
    return redirect(url_for(".show", number=enquiry.reference), 303)
