"""Views of who screens what: by hand for one expression, by load for all that nobody holds."""

import re
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from wtforms import HiddenField

from intake import assigning
from intake import notes as talking
from intake.access import ANY_STAFF, staff, staff_actor
from intake.extensions import db
from intake.forms import IntakeForm
from intake.models import User
from intake.references import PATTERN
from intake.screening import queries, talk
from intake.screening.blueprint import bp, myself
from intake.screening.notes import page
from intake.wording import reason_text
from workflows.people import Role
from workflows.workflow import Refused

PAIR = re.compile(rf"({PATTERN}):([0-9]{{1,9}})")
"""A reference and the account that it is meant for."""


class ShareForm(IntakeForm):
    """The plan as the page showed it, so that what is done is what was read."""

    plan = HiddenField()

    def pairs(self) -> dict[str, int]:
        """Reference to account; empty when the plan is none, holds an expression twice or is too long."""
        parts = [PAIR.fullmatch(part) for part in (self.plan.data or "").split()[: assigning.MOST + 1]]
        pairs = {part[1]: int(part[2]) for part in parts if part}
        return pairs if len(pairs) == len(parts) <= assigning.MOST else {}


@bp.post("/expressions/<reference:reference>/screener")
@staff(Role.SCREENER, Role.SECRETARIAT)
def give(reference: str) -> ResponseReturnValue:
    """Give an expression to a screener, or to nobody."""
    expression = queries.expression_or_404(reference)
    able = talk.able(talking.company(expression, myself()), myself())
    form = talk.for_screener(expression, able, formdata=request.form)
    if not form.validate():
        return page(expression, screener_form=form), 422
    to = next((user for user in able if str(user.id) == form["screener"].data), None)
    assigning.give(expression, to=to, by=myself(), held_by=form.held_by)
    db.session.commit()
    flash(_said(to), "success")
    return redirect(url_for(".show", reference=reference, _anchor="screener"), 303)


def _said(to: User | None) -> str:
    if to is None:
        return str(_("Nobody screens it now; it waits in the queue."))
    return str(_("%(name)s screens it now and is told in the daily letter.", name=to.called))


@bp.get("/screeners")
@staff(*ANY_STAFF)
def screeners() -> ResponseReturnValue:
    """Everybody who screens, with what they hold."""
    return render_template("screening/assigning.html", plan=assigning.plan(), shares=_may_share())


def _may_share() -> bool:
    return Role.SECRETARIAT in staff_actor().roles


@bp.get("/screeners/share")
@staff(Role.SECRETARIAT)
def prepare_sharing() -> ResponseReturnValue:
    """Who would get what, before anything is given."""
    return _plan_page()


def _plan_page(**said: Any) -> str:
    plan = assigning.plan()
    text = " ".join(f"{expression.reference}:{person.id}" for expression, person in plan.pairs)
    form = ShareForm(formdata=None, data={"plan": text})
    return render_template("screening/sharing.html", plan=plan, form=form, **said)


@bp.post("/screeners/share")
@staff(Role.SECRETARIAT)
def share() -> ResponseReturnValue:
    """Give all of the plan, or nothing and show a new one."""
    form = ShareForm()
    pairs = form.pairs() if form.validate() else {}
    if not pairs:
        return _plan_page(reasons=[_("The plan could not be read. Here is a new one; read it and confirm.")]), 422
    try:
        assigning.share(pairs, by=myself())
        db.session.commit()
    except Refused as error:
        db.session.rollback()
        return _plan_page(reasons=[reason_text(reason) for reason in error.reasons]), 409
    flash(ngettext("%(num)s expression is shared out.", "%(num)s expressions are shared out.", len(pairs)), "success")
    return redirect(url_for(".screeners"), 303)
