"""Lets expressions lapse whose answers are long overdue, where the programme says after how many days; nothing else.

It changes no state itself: each lapse is a step of the system through the one door, in a transaction of its own.
"""

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import select

from intake import rounds
from intake.advance import Stale, advance
from intake.current import call_row, programme
from intake.extensions import db
from intake.models import Expression, now
from intake.notifications.compose import LetterError
from workflows.expression import State
from workflows.people import SYSTEM
from workflows.workflow import NotPermitted, Refused

BATCH = 50
"""How many expressions are looked up at a time; what came in meanwhile is seen by the next lookup."""
EVERY_SECONDS = 3600
"""How long a process sleeps between two looks: a lapse counts in days."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Overdue:
    """An expression whose time is over, as it was when it was looked up."""

    id: int
    version: int
    reference: str
    due_on: date | None


@dataclass(frozen=True, slots=True)
class Lapsed:
    """How many expressions lapsed, and how many were left because somebody was faster or a letter failed."""

    lapsed: int = 0
    left: int = 0


def overdue(at: datetime, *, after: int = 0, most: int = BATCH) -> Sequence[Overdue]:
    """Those that are to lapse by now, by their ids, which are above `after`; none where the programme lets none."""
    days = programme().call.lapse_after_days
    if days is None:
        return ()
    late = Expression.answer_due_on < at.astimezone(UTC).date() - timedelta(days=days)
    columns = select(Expression.id, Expression.version, Expression.reference, Expression.answer_due_on)
    returned = columns.where(Expression.call_id == call_row().id, Expression.state == State.RETURNED, late)
    rows = db.session.execute(returned.where(Expression.id > after).order_by(Expression.id).limit(most)).all()
    db.session.rollback()
    return [Overdue(*row) for row in rows]


def sweep(at: datetime, *, stop: threading.Event | None = None) -> Lapsed:
    """Let everything lapse that is to lapse by now; commits one by one, and ends early when `stop` is set.

    One that is left is looked at again by the next sweep. Needs an app context.
    """
    lapsed = left = 0
    batch = overdue(at)
    while batch:
        for each in batch:
            if stop and stop.is_set():
                return Lapsed(lapsed, left)
            taken = _lapse(each, at)
            lapsed, left = lapsed + taken, left + (not taken)
        batch = overdue(at, after=batch[-1].id)
    return Lapsed(lapsed, left)


def watch(stop: threading.Event, *, clock: Callable[[], datetime] = now) -> None:
    """Sweep until `stop` is set; needs an app context."""
    rounds.repeat(lambda: sweep(clock(), stop=stop), "lapses", every=EVERY_SECONDS, stop=stop)


def _lapse(each: Overdue, at: datetime) -> bool:
    """Take the step; False when it was not to be, which the log says."""
    subject = db.session.get(Expression, each.id)
    if subject is None:
        return False
    try:
        advance(subject, "lapse", actor=SYSTEM, version=each.version, at=at)
    except (Refused, NotPermitted, Stale, LetterError) as error:
        log.warning("%s does not lapse: %s", each.reference, error)
        return False
    return True
