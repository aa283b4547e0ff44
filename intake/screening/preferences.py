"""What a member of staff chooses for themselves."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from intake.access import ANY_STAFF, staff
from intake.extensions import db
from intake.forms import IntakeForm, RadiosField
from intake.screening.blueprint import bp, myself
from intake.translations import LANGUAGES

YES, NO = "yes", "no"


def _answers() -> dict[str, str]:
    return {YES: _("Yes, when something waits"), NO: _("No letter; the first page shows what waits all the same")}


class PreferencesForm(IntakeForm):
    """The language of letters, and whether the daily one comes."""

    language = RadiosField(_l("Language of letters to you"), LANGUAGES)

    digest = RadiosField(_l("A letter on working days about what waits for you"), _answers)


@bp.get("/preferences")
@staff(*ANY_STAFF)
def preferences() -> ResponseReturnValue:
    """The choices as they are."""
    known = {"digest": YES if myself().wants_digest else NO, "language": myself().language}
    form = PreferencesForm(formdata=None, data=known)
    return render_template("screening/preferences.html", form=form, address=myself().email)


@bp.post("/preferences")
@staff(*ANY_STAFF)
def choose() -> ResponseReturnValue:
    """Keep the choices."""
    form = PreferencesForm(formdata=request.form)
    if form.validate() and not form.digest.data:
        form.blame("digest", _("Choose yes or no."))
    if form.errors:
        return render_template("screening/preferences.html", form=form, address=myself().email), 422
    myself().wants_digest = form.digest.data == YES
    myself().language = form.language.data or myself().language
    db.session.commit()
    flash(_("Your choice is kept."), "success")
    return redirect(url_for(".preferences"), 303)
