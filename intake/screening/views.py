"""Views of screening: what waits, the queue, one expression with its verdicts, and every step that staff may take."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_security import current_user

from intake import judging, staff_words
from intake.access import ANY_STAFF, staff, staff_actor
from intake.advance import Stale, advance
from intake.errors import reason_text
from intake.extensions import db
from intake.models import Expression, User
from intake.screening import filtering, forms, queries, record, saying
from intake.screening.steps import Offer
from intake.screening.waiting import waiting
from intake.wording import today
from workflows.people import Role
from workflows.workflow import Refused

bp = Blueprint("screening", __name__, url_prefix="/staff")


@bp.context_processor
def _for_staff() -> dict[str, object]:
    return {"words": staff_words, "record": record, "wide": True}


def _screener() -> User:
    found: User = current_user._get_current_object()
    return found


@bp.get("/")
@staff(*ANY_STAFF)
def home() -> ResponseReturnValue:
    """What waits, by role."""
    counts = queries.waiting_for_me(_screener())
    return render_template("screening/home.html", counts=counts, roles=staff_actor().roles)


@bp.get("/queue")
@staff(*ANY_STAFF)
def queue() -> ResponseReturnValue:
    """Expressions by state, oldest first."""
    asked = filtering.read(request.args)
    counts, page = queries.queue(asked.filters, _screener())
    on = today()
    rows = [(expression, waiting(expression, on)) for expression in page.rows]
    return render_template("screening/queue.html", asked=asked, counts=counts, page=page, rows=rows)


@bp.get("/expressions/<reference:reference>")
@staff(*ANY_STAFF)
def show(reference: str) -> ResponseReturnValue:
    """One expression on one page."""
    return _page(queries.expression_or_404(reference))


def _page(expression: Expression, form: forms.VerdictsForm | None = None, **said: object) -> str:
    """The page of an expression; `form` holds verdicts that were not stored, `said` why."""
    offer = Offer(expression, staff_actor())
    return render_template(
        "screening/show.html",
        expression=expression,
        form=form or forms.for_verdicts(expression),
        steps=offer.steps(),
        judges=judging.is_open(expression) and Role.SCREENER in offer.actor.roles,
        can_take=judging.can_be_taken(expression, by=_screener()) and Role.SCREENER in offer.actor.roles,
        waiting=waiting(expression, today()),
        given={verdict.criterion: verdict for verdict in expression.verdicts},
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
        judging.judge(expression, form.judgements(), screener=_screener(), version=form.seen)
        db.session.commit()
    except (Refused, Stale) as error:
        return _not_judged(reference, form, error), 409
    flash(_("The verdicts are saved."), "success")
    return redirect(url_for(".show", reference=reference), 303)


def _not_judged(reference: str, form: forms.VerdictsForm, error: Refused | Stale) -> str:
    db.session.rollback()
    expression = queries.expression_or_404(reference)
    form.show_to(expression)
    return _page(expression, form, **_said(error))


def _said(error: Refused | Stale) -> dict[str, object]:
    """Why nothing was stored: the reasons, or what somebody else did meanwhile."""
    if isinstance(error, Stale):
        return {"stale": True, "meanwhile": error.entries}
    return {"reasons": [reason_text(reason) for reason in error.reasons]}


@bp.post("/expressions/<reference:reference>/take")
@staff(Role.SCREENER)
def take(reference: str) -> ResponseReturnValue:
    """Become the screener of an expression."""
    expression = queries.expression_or_404(reference)
    judging.take(expression, screener=_screener())
    db.session.commit()
    flash(_("You are now the screener of this expression."), "success")
    return redirect(url_for(".show", reference=reference), 303)


@bp.get("/expressions/<reference:reference>/<trigger:trigger>")
@staff(*ANY_STAFF)
def prepare_step(reference: str, trigger: str) -> ResponseReturnValue:
    """A step on a page of its own."""
    offer = Offer(queries.expression_or_404(reference), staff_actor())
    offer.check(trigger)
    return _step_page(offer, trigger, forms.for_step(offer.expression, trigger))


@bp.post("/expressions/<reference:reference>/<trigger:trigger>")
@staff(*ANY_STAFF)
def take_step(reference: str, trigger: str) -> ResponseReturnValue:
    """Take a step, whichever it is; the table decides who may."""
    offer = Offer(queries.expression_or_404(reference), staff_actor())
    form = forms.for_step(offer.expression, trigger, formdata=request.form)
    if form.seen == offer.expression.version:
        offer.check(trigger)
    if not form.validate():
        return _step_page(offer, trigger, form), 422
    if offer.leaves(trigger) and not form.confirmed.data and form.seen == offer.expression.version:
        return _step_page(offer, trigger, form, asks=True)
    return _take(offer, trigger, form)


def _take(offer: Offer, trigger: str, form: forms.StepForm) -> ResponseReturnValue:
    expression = offer.expression
    try:
        entry = advance(expression, trigger, actor=offer.actor, version=form.seen, **form.facts())
    except (Refused, Stale) as error:
        return _not_taken(expression.reference, trigger, form, error), 409
    flash(saying.after(expression, entry), "success")
    for offered in saying.seats_on_offer(entry):
        flash(offered, "info")
    return redirect(url_for(".show", reference=expression.reference), 303)


def _not_taken(reference: str, trigger: str, form: forms.StepForm, error: Refused | Stale) -> str:
    """The same form with the words kept, to be sent again to the expression as it now is, or left."""
    db.session.rollback()
    offer = Offer(queries.expression_or_404(reference), staff_actor())
    form.show_to(offer.expression)
    return _step_page(offer, trigger, form, **_said(error))


def _step_page(offer: Offer, trigger: str, form: forms.StepForm, **said: object) -> str:
    step, is_open = offer.step(trigger, form), offer.is_open(trigger)
    form.confirmed.data = "yes" if said.get("asks") else ""
    return render_template(
        "screening/step.html", expression=offer.expression, form=form, step=step, is_open=is_open, **said
    )
