"""One passkey of one's own: renamed or removed, by somebody who has just shown that it is them."""

from datetime import timedelta

from flask import abort, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_security import auth_required, current_user, wan_deleted
from wtforms.validators import DataRequired

from intake import owners
from intake.access import ANY_STAFF, staff
from intake.extensions import accounts, db
from intake.factors import LONGEST_KEY_NAME
from intake.forms import IntakeForm, LineField
from intake.models import User, WebAuthn
from intake.owners import Event
from intake.sign_in.blueprint import bp

ONE = "/passkeys/<int(max=2147483647):passkey_id>"


class NameForm(IntakeForm):
    """The name by which somebody knows a passkey."""

    name = LineField(_l("Name"), LONGEST_KEY_NAME, [DataRequired(_l("Write a name by which you will know it."))])


def _fresh_for() -> timedelta:
    found: timedelta = current_app.config["SECURITY_FRESHNESS"]
    return found


fresh = auth_required("session", within=_fresh_for, grace=_fresh_for)
"""Asks who has not shown their password or passkey lately to do so first."""


def _mine(passkey_id: int) -> WebAuthn:
    """A passkey of whoever asks; one of somebody else is as unknown as one that is not there."""
    found = db.session.get(WebAuthn, passkey_id)
    if found is None or found.user_id != current_user.id:
        abort(404)
    return found


@bp.get(ONE)
@staff(*ANY_STAFF)
@fresh
def passkey(passkey_id: int) -> ResponseReturnValue:
    """What can be done with a passkey."""
    key = _mine(passkey_id)
    return render_template("sign_in/passkey.html", key=key, form=NameForm(formdata=None, data={"name": key.name}))


@bp.post(ONE)
@staff(*ANY_STAFF)
@fresh
def rename(passkey_id: int) -> ResponseReturnValue:
    """Give it another name, which no other of one's own has."""
    key, form = _mine(passkey_id), NameForm()
    others = {each.name for each in current_user.webauthn if each.id != key.id}
    if form.validate() and form.name.data in others:
        form.blame("name", _("You have a passkey called “%(name)s” already. Choose another name.", name=form.name.data))
    if form.errors:
        return render_template("sign_in/passkey.html", key=key, form=form), 422
    key.name = str(form.name.data)
    db.session.commit()
    flash(_("The passkey is renamed."), "success")
    return redirect(url_for(".overview"), 303)


@bp.get(f"{ONE}/remove")
@staff(*ANY_STAFF)
@fresh
def ask_to_remove(passkey_id: int) -> ResponseReturnValue:
    """Whether it shall be removed."""
    return render_template("sign_in/remove.html", key=_mine(passkey_id), form=IntakeForm(formdata=None))


@bp.post(f"{ONE}/remove")
@staff(*ANY_STAFF)
@fresh
def remove(passkey_id: int) -> ResponseReturnValue:
    """Let it no longer let anybody in."""
    key = _mine(passkey_id)
    user: User = current_user._get_current_object()
    wan_deleted.send(current_app._get_current_object(), user=user, name=key.name)  # type: ignore[attr-defined]
    accounts.delete_webauthn(key)
    owners.tell(user, Event.PASSKEY_REMOVED)
    db.session.commit()
    flash(_("The passkey is removed. Remove it on your device, too."), "success")
    return redirect(url_for(".overview"), 303)
