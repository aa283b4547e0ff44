"""Who sits in the working groups and at the Roundtable: counts, gaps, who would fill them, seats; it places nobody."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import CTE, Select, case, func, literal, or_, select, union_all
from sqlalchemy.orm import load_only

from intake.circumstances import seats_free
from intake.current import call_row, programme
from intake.extensions import db
from intake.keyset import Cursor, Order, Page
from intake.models import Expression, Mode
from workflows.expression import PLACED, State

Place = tuple[str, str]
"""A focus area and a category."""
Counts = Mapping[Place, int]
"""The number of expressions placed in each; what is absent is a gap."""
BY_NAME = Order(Expression.organisation_key, Expression.id, kind=str)
PAGE = 100
MOST_MEMBERS = 12
"""So many of each group stand on the page of all groups."""
MOST_WAITING = 25
"""So many of each line stand on a page."""
MOST_CANDIDATES = 10
"""So many are named for each gap."""
CANDIDATES = (State.SCREENED, State.SUBMITTED)
"""Who could fill a gap: those who may be assigned now before those who have to be screened."""


def counts(call_id: int) -> Counts:
    """How many placed expressions each group has of each category, in one statement."""
    return standing(call_id).counts


@dataclass(frozen=True, slots=True)
class Standing:
    """The counts of the groups, the seats that are taken in each mode, and how long the lines for one are."""

    counts: Counts
    taken: Mapping[Mode | None, int]
    waiting: Mapping[Mode | None, int]

    def total(self, area: str) -> int:
        """The members of a group."""
        return sum(number for (placed, _category), number in self.counts.items() if placed == area)


def standing(call_id: int) -> Standing:
    """Everything that is counted about those who are placed, in one statement."""
    kinds = (Expression.focus_area, Expression.category, Expression.state, Expression.seat_mode)
    placed = select(*kinds, func.count()).where(Expression.call_id == call_id, Expression.state.in_(PLACED))
    found: dict[Place, int] = {}
    seats: dict[State, dict[Mode | None, int]] = {state: {} for state in PLACED}
    for area, category, state, mode, number in db.session.execute(placed.group_by(*kinds)):
        found[area or "", category] = found.get((area or "", category), 0) + number
        seats[state][mode] = seats[state].get(mode, 0) + number
    return Standing(found, seats[State.CONFIRMED], seats[State.WAITLISTED])


def moved(found: Counts, category: str, *, out_of: str | None, into: str | None) -> Counts:
    """The counts after one of a category has left one group, entered another, or both."""
    after = dict(found)
    for area, change in ((out_of, -1), (into, 1)):
        if area is not None:
            after[area, category] = after.get((area, category), 0) + change
    return after


def gaps(found: Counts) -> list[Place]:
    """The places of the programme that nobody fills, group by group."""
    areas, categories = programme().focus_areas, programme().categories
    places = ((area.id, category.id) for area in areas for category in categories)
    return [place for place in places if not found.get(place)]


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody not placed yet who ranks the area of a gap, as preference number `rank`."""

    reference: str
    name: str
    country: str
    state: State
    submitted_at: datetime
    rank: int


@dataclass(frozen=True, slots=True)
class Line:
    """Who would fill one gap: the first of them in order, and how many they are."""

    area: str
    category: str
    total: int
    candidates: Sequence[Candidate]


def candidates(call_id: int, wanted: Collection[Place]) -> Mapping[Place, Line]:
    """Who would fill each gap, in one statement: screened before submitted, then by rank, then who waits longest."""
    areas = [area.id for area in programme().focus_areas]
    waiting = _waiting(call_id, sorted({category for _area, category in wanted}), len(areas))
    ranked = [
        _ranking(waiting, area, sorted(category for of, category in wanted if of == area), len(areas))
        for area in areas
        if any(of == area for of, _category in wanted)
    ]
    if not ranked:
        return {}
    rows = union_all(*ranked).subquery()
    place = (rows.c.area, rows.c.category)
    order = (case((rows.c.state == State.SCREENED, 0), else_=1), rows.c.rank, rows.c.submitted_at, rows.c.id)
    number = func.row_number().over(partition_by=place, order_by=order).label("number")
    total = func.count().over(partition_by=place).label("total")
    lines = select(rows, number, total).subquery()
    named = (Expression.reference, Expression.organisation_name, Expression.country)
    first = select(lines, *named).join(Expression, Expression.id == lines.c.id).where(lines.c.number <= MOST_CANDIDATES)
    found: Any = db.session.execute(first.order_by(lines.c.area, lines.c.category, lines.c.number))
    return {key: _line(key, list(rows)) for key, rows in groupby(found, key=lambda row: (row.area, row.category))}


def _waiting(call_id: int, categories: Collection[str], ranks: int) -> CTE:
    """Those of some categories who are not placed, with their preferences apart, so that each is read once."""
    shown = (Expression.id, Expression.category, Expression.state, Expression.submitted_at)
    preferences = (Expression.preferences[place].as_string().label(f"choice_{place}") for place in range(ranks))
    of_call = (Expression.call_id == call_id, Expression.state.in_(CANDIDATES), Expression.category.in_(categories))
    return select(*shown, *preferences).where(*of_call).cte("waiting")


def _ranking(waiting: CTE, area: str, categories: Collection[str], ranks: int) -> Select[Any]:
    """Those of some categories who rank an area, with the rank that they give it."""
    chosen = [waiting.c[f"choice_{place}"] == area for place in range(ranks)]
    rank = case(*((choice, place) for place, choice in enumerate(chosen, start=1)), else_=None).label("rank")
    shown = (waiting.c.id, waiting.c.category, waiting.c.state, waiting.c.submitted_at)
    return select(*shown, literal(area).label("area"), rank).where(waiting.c.category.in_(categories), or_(*chosen))


def _line(place: Place, rows: Sequence[Any]) -> Line:
    named = [
        Candidate(row.reference, row.organisation_name, row.country, row.state, row.submitted_at, row.rank)
        for row in rows
    ]
    return Line(*place, total=rows[0].total, candidates=named)


SHOWN = load_only(
    Expression.reference,
    Expression.organisation_name,
    Expression.organisation_key,
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
"""What a list of those who are placed shows."""


def first_members(call_id: int) -> Mapping[str | None, Sequence[Expression]]:
    """The first `MOST_MEMBERS` of each group by name, in one statement."""
    in_group: dict[str, Any] = {"partition_by": Expression.focus_area, "order_by": (BY_NAME.key, BY_NAME.id)}
    placed = select(Expression.id, func.row_number().over(**in_group).label("number"))
    numbered = placed.where(Expression.call_id == call_id, Expression.state.in_(PLACED)).subquery()
    first = select(Expression).join(numbered, numbered.c.id == Expression.id)
    found = first.where(numbered.c.number <= MOST_MEMBERS).order_by(BY_NAME.key, BY_NAME.id).options(SHOWN)
    groups: dict[str | None, list[Expression]] = {}
    for member in db.session.scalars(found):
        groups.setdefault(member.focus_area, []).append(member)
    return groups


def members(call_id: int, area: str, cursor: Cursor | None) -> Page[Expression]:
    """One page of the members of a group by name, in one statement."""
    placed = select(Expression).where(Expression.call_id == call_id, Expression.state.in_(PLACED))
    return BY_NAME.page(placed.where(Expression.focus_area == area).options(SHOWN), cursor, PAGE)


def lines(call_id: int) -> Sequence[Expression]:
    """The first `MOST_WAITING` of the line for each mode, in the order in which a seat is offered; one statement."""
    order = (Expression.state_since, Expression.id)
    number = func.row_number().over(partition_by=Expression.seat_mode, order_by=order).label("number")
    waits = select(Expression.id, number).where(Expression.call_id == call_id, Expression.state == State.WAITLISTED)
    numbered = waits.subquery()
    first = select(Expression).join(numbered, numbered.c.id == Expression.id)
    return db.session.scalars(first.where(numbered.c.number <= MOST_WAITING).order_by(*order).options(SHOWN)).all()


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


def seats(taken: Mapping[Mode | None, int], line: Sequence[Expression]) -> list[Seats]:
    """Taken and free by mode; `line` is the waiting list."""
    total = programme().roundtable.seats
    first: dict[Mode | None, Expression] = {}
    for member in line:
        first.setdefault(member.seat_mode, member)
    return [Seats(mode, total(mode), total(mode) - taken.get(mode, 0), first.get(mode)) for mode in Mode]


def seats_on_offer() -> list[Seats]:
    """Free seats for which somebody waits now."""
    call = call_row()
    free, total = seats_free(call.id), programme().roundtable.seats
    taken: dict[Mode | None, int] = {mode: total(mode) - free[mode] for mode in Mode}
    return [each for each in seats(taken, lines(call.id)) if each.can_be_offered]
