"""Who sits in the working groups and at the Roundtable: counts, gaps, seats and the waiting list; it places nobody."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import load_only

from intake.circumstances import seats_free
from intake.current import call_row, programme
from intake.extensions import db
from intake.models import Expression, Mode
from workflows.expression import PLACED, State

Counts = Mapping[tuple[str, str], int]
"""Focus area and category to the number of expressions placed there; what is absent is a gap."""


def counts(call_id: int) -> Counts:
    """How many placed expressions each group has of each category, in one statement."""
    placed = select(Expression.focus_area, Expression.category, func.count())
    found = placed.where(Expression.call_id == call_id, Expression.state.in_(PLACED))
    rows = db.session.execute(found.group_by(Expression.focus_area, Expression.category))
    return {(area or "", category): number for area, category, number in rows}


def counts_of(members: Sequence[Expression]) -> Counts:
    """The same of expressions that are at hand."""
    found: dict[tuple[str, str], int] = {}
    for member in members:
        place = (member.focus_area or "", member.category)
        found[place] = found.get(place, 0) + 1
    return found


def members(call_id: int) -> Sequence[Expression]:
    """The placed expressions by name, with what a list of them shows, in one statement."""
    shown = load_only(
        Expression.reference,
        Expression.organisation_name,
        Expression.category,
        Expression.country,
        Expression.state,
        Expression.state_since,
        Expression.focus_area,
        Expression.seat_mode,
        Expression.delegate_name,
        Expression.delegate_title,
        raiseload=True,
    )
    placed = select(Expression).where(Expression.call_id == call_id, Expression.state.in_(PLACED))
    return db.session.scalars(placed.order_by(Expression.organisation_key, Expression.id).options(shown)).all()


def waiting(placed: Sequence[Expression]) -> list[Expression]:
    """Those who wait for a seat, in the order in which one is offered."""
    found = (member for member in placed if member.state is State.WAITLISTED)
    return sorted(found, key=lambda member: (member.state_since, member.id))


@dataclass(frozen=True, slots=True)
class Seats:
    """The seats of the Roundtable in one mode of participation, and who is first on the waiting list for one."""

    mode: Mode
    total: int
    free: int
    first_waiting: Expression | None = None

    @property
    def taken(self) -> int:
        """The seats that are confirmed to somebody."""
        return self.total - self.free

    @property
    def can_be_offered(self) -> bool:
        """Whether a seat is free while somebody waits for it."""
        return self.free > 0 and self.first_waiting is not None


def seats(call_id: int, line: Sequence[Expression]) -> list[Seats]:
    """Taken and free by mode; `line` is the waiting list."""
    free, total = seats_free(call_id), programme().roundtable.seats
    first: dict[Mode | None, Expression] = {}
    for member in line:
        first.setdefault(member.seat_mode, member)
    return [Seats(mode, total(mode), free[mode], first.get(mode)) for mode in Mode]


def seats_on_offer() -> list[Seats]:
    """Free seats for which somebody waits now."""
    call = call_row()
    line = select(Expression).where(Expression.call_id == call.id, Expression.state == State.WAITLISTED)
    found = db.session.scalars(line.order_by(Expression.state_since, Expression.id)).all()
    return [each for each in seats(call.id, found) if each.can_be_offered]
