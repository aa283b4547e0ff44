"""Views for what people ask of the secretariat about their data: everything under an address, copies, erasure."""

from flask import flash, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from intake import errors
from intake.access import staff, staff_actor
from intake.advance import Stale
from intake.erasing import MESSAGE
from intake.extensions import db
from intake.models import Subject, now
from intake.papers import CannotPrint, as_pdf
from intake.privacy import finding, gathering, repeating
from intake.secretariat import forms
from intake.secretariat.blueprint import bp
from intake.wording import today
from workflows.people import Role
from workflows.workflow import NotPermitted, Refused

MIMETYPES = {"json": "application/json", "pdf": "application/pdf"}


def _page(form: forms.PersonForm, found: finding.Found | None) -> str:
    return render_template("secretariat/people.html", form=form, found=found)


@bp.get("/people")
@staff(Role.SECRETARIAT)
def people() -> ResponseReturnValue:
    """Whose data to look for."""
    return _page(forms.PersonForm(formdata=None), None)


@bp.post("/people")
@staff(Role.SECRETARIAT)
def find_person() -> ResponseReturnValue:
    """What stands under an address; the address is sent in a form, so that it stands in no log."""
    form = forms.PersonForm()
    if not _is_valid(form):
        return _page(form, None), 422
    return _page(form, finding.under(form.email.data or ""))


@bp.post("/people/copy.<any(json,pdf):file_type>")
@staff(Role.SECRETARIAT)
def copy_of_person(file_type: str) -> ResponseReturnValue:
    """Everything under an address as one file, to hand it to the person."""
    form = forms.PersonForm()
    if not _is_valid(form):
        return _page(form, None), 422
    wholes = [gathering.of(subject) for subject in finding.under(form.email.data or "").subjects]
    try:
        content = gathering.as_json(wholes) if file_type == "json" else as_pdf(gathering.as_paper(wholes, now()))
    except CannotPrint as why:
        text = _("%(why)s The copy as JSON holds the same words.", why=why)
        return errors.page(503, errors.Explanation(_("The PDF cannot be made now"), text))
    answer = make_response(content)
    answer.mimetype = MIMETYPES[file_type]
    answer.headers["Content-Disposition"] = f'attachment; filename="personal-data-{today().isoformat()}.{file_type}"'
    return answer


@bp.post("/people/erasure")
@staff(Role.SECRETARIAT)
def erase_person() -> ResponseReturnValue:
    """Erase everything under an address, one subject at a time; what cannot be erased is named with the reason."""
    form = forms.PersonForm()
    found = finding.under(form.email.data or "") if _is_valid(form) else None
    if found is not None and not form.confirmed.data:
        form.blame("confirmed", _("Tick that the person has asked for it and that you have checked who asks."))
    if found is None or form.errors:
        return _page(form, found), 422
    kept = [name for subject in found.subjects if (name := _kept(subject))]
    for message in found.messages:
        for column, value in MESSAGE.items():
            setattr(message, column, value)
    db.session.commit()
    done = len(found.subjects) - len(kept)
    flash(ngettext("%(num)s expression or enquiry is erased.", "%(num)s expressions and enquiries are erased.", done))
    for sentence in kept:
        flash(sentence, "warning")
    return redirect(url_for(".people"), 303)


def _is_valid(form: forms.PersonForm) -> bool:
    form.validate()
    if not form.email.data and not form.email.errors:
        form.blame("email", _("E-mail address: write the address of the person."))
    return not form.errors


def _kept(subject: Subject) -> str:
    """Why a subject was not erased; empty where it was."""
    reference = subject.reference
    try:
        repeating.erase(subject, staff_actor())
    except (Refused, NotPermitted, Stale) as error:
        return f"{reference}: {error}"
    return ""
