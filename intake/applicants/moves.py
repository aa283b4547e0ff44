"""An applicant's steps through the one door, sent twice or too late without harm; the table decides."""

from typing import Any

from flask_babel import lazy_gettext as _l

from intake.access import applicant_actor
from intake.advance import Stale, advance
from intake.extensions import db
from intake.forms import IntakeForm
from intake.models import Expression
from intake.wording import reason_text
from workflows.expression import EXPRESSION
from workflows.people import Role
from workflows.workflow import NotPermitted, Reason, Refused, Transition

CHANGED = Reason("changed", "It was changed since you opened this page. Read it again, then send it once more.")
CLOSED = Reason("closed_step", "This step is not open now. The page of your expression shows how it stands.")
MESSAGES = (_l(CHANGED.message), _l(CLOSED.message))
"""Named here once more so that the translators' tool finds them."""
ASKED_AT = {"no_consent": "consent", "duplicate": "acknowledged", "no_reason": "reason"}
"""A reason's code to the field that mends it."""
AS_APPLICANT = frozenset({Role.APPLICANT})


def open_steps(expression: Expression) -> tuple[Transition[Any], ...]:
    """What the table opens to the applicant now."""
    return EXPRESSION.open_to(expression.state, AS_APPLICANT)


def is_open(expression: Expression, trigger: str) -> bool:
    """Whether the table opens this step to the applicant now."""
    return any(row.trigger == trigger for row in open_steps(expression))


def require(expression: Expression, trigger: str) -> None:
    """Raises `Refused` unless the step is open to the applicant now."""
    if not is_open(expression, trigger):
        raise Refused([CLOSED])


def take(expression: Expression, trigger: str, *, version: int, **facts: Any) -> bool:
    """Take a step. False: it was taken before, or the state has moved on. Raises `Refused`."""
    try:
        advance(expression, trigger, actor=applicant_actor(expression), version=version, **facts)
    except (Stale, NotPermitted) as late:
        db.session.refresh(expression)
        if not is_open(expression, trigger):
            return False
        raise Refused([CHANGED]) from late
    return True


def explain(form: IntakeForm, refused: Refused) -> None:
    """Say in a form why its step is refused, at the field that mends it where there is one."""
    for reason in refused.reasons:
        name = ASKED_AT.get(reason.code)
        if name is not None and name in form:
            form.blame(name, reason_text(reason))
        else:
            form.form_errors = [*form.form_errors, reason_text(reason)]
