"""How long an expression has waited, against what was promised; it counts working days and changes nothing."""

from dataclasses import dataclass
from datetime import date
from typing import Protocol

from intake.current import programme
from workflows import working_days
from workflows.expression import EXPRESSION, JUDGEABLE, State


class Awaited(Protocol):
    """What tells how long an expression may wait: its row, or these columns of it."""

    @property
    def state(self) -> State: ...
    @property
    def decision_due_on(self) -> date | None: ...
    @property
    def answer_due_on(self) -> date | None: ...


@dataclass(frozen=True, slots=True)
class Waiting:
    """What is awaited, from whom, and whether it is late. `days` of `promised` working days have passed."""

    due_on: date
    late: bool
    days: int | None = None
    promised: int | None = None


def waiting(expression: Awaited, today: date) -> Waiting | None:
    """For a decision while it is being screened; for answers while the applicant has to give them; else None."""
    if EXPRESSION.row(expression.state, "resubmit") and expression.answer_due_on:
        return Waiting(expression.answer_due_on, expression.answer_due_on < today)
    if expression.state not in JUDGEABLE or expression.decision_due_on is None:
        return None
    promised, due_on = programme().call.decision_working_days, expression.decision_due_on
    days = promised - working_days.between(today, due_on) + working_days.between(due_on, today)
    return Waiting(due_on, due_on < today, max(days, 0), promised)
