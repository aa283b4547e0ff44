"""What a person may do to an enquiry now, and until when the last step can be undone; it does nothing itself."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from intake.circumstances import circumstances_of
from intake.enquiries.words import step_name
from intake.models import Enquiry, now
from workflows.enquiry import ENQUIRY
from workflows.people import Actor
from workflows.workflow import UNDO, Move

OVER_IS_SAID = timedelta(hours=1)
"""How long after a step its page says that it can no longer be undone."""


@dataclass(frozen=True, slots=True)
class Undo:
    """The undo of the last step. `until` is None where nothing is held, so that it stays open; `is_over`: too late."""

    undoes: str
    until: datetime | None
    is_over: bool = False

    @property
    def seconds_left(self) -> int:
        """Seconds until the letters leave; 0 when they are due."""
        return max(0, ceil((self.until - now()).total_seconds())) if self.until else 0

    @property
    def minutes_left(self) -> int:
        """The same in minutes, begun ones counted."""
        return ceil(self.seconds_left / 60)


class Offer:
    """What is open to one actor on one enquiry at this moment."""

    def __init__(self, enquiry: Enquiry, actor: Actor) -> None:
        self.enquiry = enquiry
        self.actor = actor
        self._move = Move(enquiry, actor, {}, circumstances_of(enquiry, now()))

    def check(self, trigger: str) -> None:
        """Raises `NotPermitted` when the table gives this step to nobody or to somebody else now."""
        ENQUIRY.permitted_role(self._move, trigger)

    def is_open(self, trigger: str) -> bool:
        """Whether the table gives this step to the actor now."""
        row = ENQUIRY.row_for(self._move, trigger)
        return row is not None and bool(row.who & self.actor.roles)

    def triggers(self) -> Iterator[str]:
        """Every step that is open, in the order of the table, without undo; none on one that is erased."""
        rows = ENQUIRY.open_to(self.enquiry.state, self.actor.roles) if self.enquiry.erased_at is None else ()
        return (row.trigger for row in rows)

    def undo(self) -> Undo | None:
        """The undo of the last step, as long as it is possible, and for an hour that it is over."""
        last = self._move.circumstances.last_entry
        if last is None or not self.is_open(UNDO):
            return None
        if ENQUIRY.refusals(self._move, UNDO):
            over = Undo(step_name(last.trigger), None, is_over=True)
            return over if last.at > now() - OVER_IS_SAID else None
        due = (letter.due_at for letter in self.enquiry.letters if letter.step_id == last.id)
        return Undo(step_name(last.trigger), min(due, default=None))
