"""What is said after a step, in the line at the top of the next page; it decides nothing."""

from math import ceil

from flask_babel import gettext as _
from flask_babel import ngettext

from intake import composition
from intake.advance import Taken
from intake.models import Expression, HistoryEntry, now
from intake.staff_words import state_name, step_name
from intake.wording import mode_name, moment
from workflows.expression import EXPRESSION
from workflows.workflow import UNDO


def after(name: str, taken: Taken) -> str:
    """What happened, how many letters wait, and until when the step can be undone; `name` is the organisation's."""
    entry, due = taken.entry, taken.due
    happened = _("%(step)s: %(name)s.", step=step_name(entry.trigger), name=name)
    if entry.trigger == UNDO:
        state = state_name(entry.target)
        again = _("The letters of that step were cancelled. The state is again: %(state)s.", state=state)
        return f"{happened} {again}"
    letters = ngettext("%(num)s letter was written.", "%(num)s letters were written.", len(due))
    row = EXPRESSION.row(EXPRESSION.states(entry.source), entry.trigger)
    until = ""
    if due and row is not None and row.undoable:
        until = _(
            "They leave at %(moment)s; until then, about %(minutes)s minutes more, you can undo this step.",
            moment=moment(min(due)),
            minutes=max(0, ceil((min(due) - now()).total_seconds() / 60)),
        )
    return " ".join(filter(None, (happened, letters, until)))


def undone_step(expression: Expression) -> str:
    """The name of the step that an undo would take back now; empty when there is none."""
    return step_name(expression.history[-1].trigger) if expression.history else ""


def seats_on_offer(entry: HistoryEntry) -> list[str]:
    """After a step that counts or frees seats: which free seat waits for whom."""
    row = EXPRESSION.row(EXPRESSION.states(entry.source), entry.trigger) if entry.trigger != UNDO else None
    if row is None or not row.seats:
        return []
    return [_offer(seats) for seats in composition.seats_on_offer()]


def _offer(seats: composition.Seats) -> str:
    first = seats.first_waiting
    assert first is not None, "a seat on offer has somebody who waits"  # noqa: S101
    return str(
        _(
            "A seat is free (%(mode)s). First on the waiting list: %(name)s, %(reference)s.",
            mode=mode_name(seats.mode),
            name=first.organisation_name,
            reference=first.reference,
        )
    )
