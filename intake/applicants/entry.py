"""Views open to everybody: the first page, beginning a draft, the notice on personal data."""

import re
import secrets

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from intake import drafting, errors, links
from intake.access import public
from intake.applicants import call, forms
from intake.applicants.blueprint import bp
from intake.current import programme
from intake.extensions import db
from intake.models import now
from intake.wording import language, moment
from workflows.expression_words import STATES

KEY_BYTES = 24
KEY = re.compile(r"[A-Za-z0-9_-]{20,64}")


def new_key() -> str:
    """A key that makes one draft of however many clicks on one button."""
    return secrets.token_urlsafe(KEY_BYTES)


@bp.get("/")
@public
def landing() -> ResponseReturnValue:
    """What the coalition is, who can join, when, and what happens after."""
    return _landing(forms.BeginForm(formdata=None, key=new_key()))


def _landing(form: forms.BeginForm) -> str:
    return render_template(
        "applicants/landing.html",
        begin=form,
        window=call.window(now()),
        mine=links.mine(),
        states=STATES,
    )


@bp.post("/expressions")
@public
def begin() -> ResponseReturnValue:
    """Begin a draft that this browser may open."""
    if call.window(now()).phase != "open":
        return _closed()
    form = forms.BeginForm()
    if said := form.too_soon_or_late():
        form.form_errors = [said]
        return _landing(form), 422
    draft = drafting.begin(form.key.data if KEY.fullmatch(form.key.data or "") else new_key())
    draft.language = language()
    link, _token = links.mint(draft.id, "")
    db.session.flush()
    links.remember(link)
    db.session.commit()
    return redirect(url_for(".show", reference=draft.reference), 303)


def _closed() -> ResponseReturnValue:
    opens, closes = moment(programme().call.opens), moment(programme().call.closes)
    text = _("The call is open from %(opens)s to %(closes)s. No draft was begun.", opens=opens, closes=closes)
    ways = (_("Ask the secretariat about the next call."), _("If you have begun already, use the link in our letters."))
    return errors.page(409, errors.Explanation(_("The call is not open"), text, ways))


@bp.get("/notice")
@public
def notice() -> ResponseReturnValue:
    """What happens to personal data."""
    return render_template("applicants/notice.html")
