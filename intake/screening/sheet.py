"""Views of one expression: its page with the screening sheet, and who screens it."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from intake import judging, visits
from intake.access import ANY_STAFF, staff, staff_actor
from intake.advance import Stale
from intake.extensions import db
from intake.models import Expression
from intake.screening import conflicting, forms, queries, talk
from intake.screening.blueprint import bp, myself, why_not
from intake.screening.steps import Offer
from intake.screening.waiting import waiting
from intake.wording import today
from workflows.people import Role
from workflows.workflow import Refused


@bp.get("/expressions/<reference:reference>")
@staff(*ANY_STAFF)
def show(reference: str) -> ResponseReturnValue:
    """One expression on one page."""
    expression = queries.expression_or_404(reference)
    page = _page(expression)
    visits.note(expression, myself())
    return page


def _page(expression: Expression, form: forms.VerdictsForm | None = None, **said: object) -> str:
    """The page of an expression; `form` holds verdicts that were not stored, `said` why."""
    offer = Offer(expression, staff_actor())
    conflict = conflicting.standing(offer)
    may_screen = Role.SCREENER in offer.actor.roles and not conflict.words
    return render_template(
        "screening/show.html",
        expression=expression,
        form=form or forms.for_verdicts(expression),
        steps=offer.steps(),
        judges=judging.is_open(expression) and may_screen,
        can_take=judging.can_be_taken(expression, by=myself()) and may_screen,
        conflict=conflict,
        waiting=waiting(expression, today()),
        given={verdict.criterion: verdict for verdict in expression.verdicts},
        others=visits.others(expression, myself()),
        talk=talk.about(expression, myself()),
        **said,
    )


@bp.post("/expressions/<reference:reference>/verdicts")
@staff(Role.SCREENER)
def verdicts(reference: str) -> ResponseReturnValue:
    """Store the verdicts that are given."""
    expression = queries.expression_or_404(reference)
    form = forms.for_verdicts(expression, formdata=request.form)
    if not form.validate():
        return _page(expression, form), 422
    try:
        judging.judge(expression, form.judgements(), screener=myself(), version=form.seen)
        db.session.commit()
    except (Refused, Stale) as error:
        return _not_judged(reference, form, error), 409
    flash(_("The verdicts are saved."), "success")
    return redirect(url_for(".show", reference=reference), 303)


def _not_judged(reference: str, form: forms.VerdictsForm, error: Refused | Stale) -> str:
    db.session.rollback()
    expression = queries.expression_or_404(reference)
    form.show_to(expression)
    return _page(expression, form, **why_not(error))


@bp.post("/expressions/<reference:reference>/take")
@staff(Role.SCREENER)
def take(reference: str) -> ResponseReturnValue:
    """Become the screener of an expression."""
    expression = queries.expression_or_404(reference)
    judging.take(expression, screener=myself())
    db.session.commit()
    flash(_("You are now the screener of this expression."), "success")
    return redirect(url_for(".show", reference=reference), 303)
