"""Figures on a call's expressions, from their rows and their history, counted by the database; it draws nothing."""

from bisect import bisect
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Subquery, and_, case, extract, func, select
from sqlalchemy.orm import InstrumentedAttribute

from intake.current import programme
from intake.extensions import db
from intake.models import Expression, HistoryEntry
from intake.programme import countries
from intake.wording import local_day, today
from workflows import working_days
from workflows.expression import MAIN_LINE, State
from workflows.workflow import UNDO

DAY = 86_400
LOOK_BACK = 10
"""Working days before today from which the pace of decisions is taken."""
FEWEST_DAYS = 5
"""With fewer days on which anything was there to decide, no pace can be told."""
MOST_DAYS = 120
"""What a chart by day has room for."""
REACHED = {State.RETURNED: State.SUBMITTED, State.WAITLISTED: State.ASSIGNED}
"""How far along the main line a state beside it is."""
LEAVERS = (State.DECLINED, State.WITHDRAWN, State.LAPSED)
DECIDED = frozenset({State.SCREENED, State.DECLINED})
"""Where a decision of the screening leads."""
TIMED = (State.SUBMITTED, State.RETURNED, State.SCREENED, State.ASSIGNED)
"""The states in which somebody waits for somebody."""


@dataclass(frozen=True, slots=True)
class Group:
    """So many expressions that are in one state, of one category and from one country."""

    state: State
    category: str
    country: str
    count: int


@dataclass(frozen=True, slots=True)
class Visit:
    """So many stays in a state that began on one day, after one state, and ended alike; `left_on` None: not ended."""

    state: State
    after: State
    entered_on: date
    left_on: date | None
    left_for: State | None
    count: int


def groups(call_id: int) -> list[Group]:
    """Everything but drafts, by state, category and country, in one statement."""
    named = (Expression.state, Expression.category, Expression.country)
    found = select(*named, func.count()).where(Expression.call_id == call_id, Expression.state != State.DRAFT)
    return [Group(*row) for row in db.session.execute(found.group_by(*named))]


def inflow(call_id: int) -> Counter[date]:
    """How many were sent on each day in the zone of the call, in one statement; a day without any is left out."""
    of_call = and_(Expression.call_id == call_id, Expression.submitted_at.is_not(None))
    days = select(_day_begun(Expression.submitted_at).label("day")).where(of_call).subquery()
    rows = db.session.execute(select(days.c.day, func.count()).group_by(days.c.day))
    return Counter({_date(day): count for day, count in rows})


def visits(call_id: int) -> list[Visit]:
    """The stays in each state, in one statement. A step that was undone never happened, and neither did its undo."""
    steps, kept = _steps(call_id)
    window: dict[str, Any] = {"partition_by": steps.c.expression_id, "order_by": steps.c.number}
    ends = (func.lead(steps.c[name]).over(**window).label(f"next_{name}") for name in ("day", "target"))
    moved = select(steps.c.target, steps.c.source, steps.c.day, *ends).where(kept, steps.c.source != steps.c.target)
    stays = moved.subquery()
    rows: Iterable[Any] = db.session.execute(select(*stays.c, func.count()).group_by(*stays.c))
    return [_visit(*row) for row in rows]


def first_decisions(call_id: int) -> Counter[int]:
    """How many were first decided on so many working days after they were received, in one statement."""
    steps, kept = _steps(call_id)
    received = func.min(steps.c.day).filter(steps.c.target == State.SUBMITTED).label("received")
    decided = func.min(steps.c.day).filter(steps.c.target.in_(DECIDED)).label("decided")
    each = select(received, decided).where(kept).group_by(steps.c.expression_id).subquery()
    both = and_(each.c.received.is_not(None), each.c.decided.is_not(None))
    rows: Iterable[Any] = db.session.execute(select(*each.c, func.count()).where(both).group_by(*each.c))
    taken: Counter[int] = Counter()
    for begun, ended, count in rows:
        taken[working_days.between(_date(begun), _date(ended))] += count
    return taken


def _steps(call_id: int) -> tuple[Subquery, ColumnElement[bool]]:
    """The steps of a call with the days on which they were taken, and which of them were neither undone nor undo."""
    in_order: dict[str, Any] = {"partition_by": HistoryEntry.expression_id, "order_by": HistoryEntry.number}
    columns = (HistoryEntry.expression_id, HistoryEntry.number, HistoryEntry.source, HistoryEntry.target)
    following = func.lead(HistoryEntry.trigger).over(**in_order)
    all_steps = select(*columns, _day_begun(HistoryEntry.at).label("day"), following.label("following"))
    of_call = all_steps.join(Expression, Expression.id == HistoryEntry.expression_id)
    steps = of_call.where(Expression.call_id == call_id).add_columns(HistoryEntry.trigger).subquery()
    return steps, and_(steps.c.trigger != UNDO, func.coalesce(steps.c.following, "") != UNDO)


def _visit(state: str, after: str, begun: Any, ended: Any, left_for: str | None, count: int) -> Visit:
    left_on = None if ended is None else _date(ended)
    return Visit(State(state), State(after), _date(begun), left_on, State(left_for) if left_for else None, count)


def _date(day_begun: Any) -> date:
    return datetime.fromtimestamp(int(day_begun), UTC).date()


def _day_begun(moment: InstrumentedAttribute[Any]) -> ColumnElement[int]:
    """Seconds from 1970 to the beginning of the local day of a moment, as if the zone had no offset."""
    call = programme().call
    first, *later = _shifts(call.zone, call.opens.year - 1, today().year + 1)
    known = [(moment >= begins, seconds) for begins, seconds in reversed(later)]
    local = extract("epoch", moment) + (case(*known, else_=first[1]) if known else first[1])
    return local - local % DAY


@lru_cache(maxsize=4)
def _shifts(zone: ZoneInfo, first_year: int, last_year: int) -> list[tuple[datetime, int]]:
    """The offsets of a zone in seconds, each with the moment in which it begins; zones shift on the half hour."""
    at, end = datetime(first_year, 1, 1, tzinfo=UTC), datetime(last_year + 1, 1, 1, tzinfo=UTC)
    found: list[tuple[datetime, int]] = []
    while at < end:
        seconds = int((at.astimezone(zone).utcoffset() or timedelta()).total_seconds())
        if not found or found[-1][1] != seconds:
            found.append((at, seconds))
        at += timedelta(minutes=30)
    return found


def by_category(found: Iterable[Group]) -> Counter[str]:
    """Expressions by category."""
    return _summed((group.category, group.count) for group in found)


def by_region(found: Iterable[Group]) -> Counter[str]:
    """Expressions by ITU region; the whole world stands for itself, "" for a country that is in none."""
    known = countries()
    regions = ((known[group.country].region if group.country in known else group.country, group) for group in found)
    return _summed((region, group.count) for region, group in regions)


def by_need(found: Iterable[Group]) -> Counter[str]:
    """Expressions from LDC, LLDC and SIDS; a country may belong to several."""
    known, on = countries(), today()
    return _summed(
        (name, group.count) for group in found if group.country in known for name in known[group.country].groups_on(on)
    )


def _summed(pairs: Iterable[tuple[str, int]]) -> Counter[str]:
    total: Counter[str] = Counter()
    for name, count in pairs:
        total[name] += count
    return total


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage of the main line: how many came so far, and where those who came no further went."""

    state: State
    reached: int
    left: Mapping[State, int]


def funnel(found: Iterable[Group], stays: Iterable[Visit]) -> list[Stage]:
    """Each stage of the main line; who left counts up to the stage from which they left."""
    now: Counter[State] = Counter()
    for group in found:
        now[group.state] += group.count
    left: Counter[tuple[State, State]] = Counter()
    for stay in stays:
        if stay.left_on is None and stay.state in LEAVERS:
            left[_stage(stay.after), stay.state] += stay.count
    for state in LEAVERS:
        unknown = now[state] - sum(count for (_from, to), count in left.items() if to is state)
        left[State.SUBMITTED, state] += max(unknown, 0)
    here: Counter[State] = Counter()
    for state, count in now.items():
        here[_stage(state)] += 0 if state in LEAVERS else count
    return [_so_far(place, here, left) for place in range(len(MAIN_LINE))]


def _stage(state: State) -> State:
    found = REACHED.get(state, state)
    return found if found in MAIN_LINE else State.SUBMITTED


def _so_far(place: int, here: Counter[State], left: Counter[tuple[State, State]]) -> Stage:
    beyond = MAIN_LINE[place:]
    reached = sum(here[state] + sum(left[state, to] for to in LEAVERS) for state in beyond)
    return Stage(MAIN_LINE[place], reached, {to: left[MAIN_LINE[place], to] for to in LEAVERS})


@dataclass(frozen=True, slots=True)
class Pace:
    """How long ended stays in a state took in working days; `promised` days, kept by `kept` of the stays."""

    state: State
    stays: int
    median: float | None
    longest: int
    promised: int | None
    kept: int | None


def paces(stays: Iterable[Visit]) -> list[Pace]:
    """The working days in each state in which somebody waits."""
    days: dict[State, Counter[int]] = {state: Counter() for state in TIMED}
    for stay in stays:
        if stay.state in days and stay.left_on is not None:
            days[stay.state][working_days.between(stay.entered_on, stay.left_on)] += stay.count
    call = programme().call
    promises = {State.SUBMITTED: call.decision_working_days, State.RETURNED: call.answer_working_days}
    return [_pace(state, counted, promises.get(state)) for state, counted in days.items()]


def _pace(state: State, counted: Counter[int], promised: int | None) -> Pace:
    kept = None if promised is None else sum(count for days, count in counted.items() if days <= promised)
    return Pace(state, counted.total(), median(counted), max(counted, default=0), promised, kept)


def median(counted: Mapping[int, int]) -> float | None:
    """The median of values that occur so often each; None of none. Two in the middle are averaged."""
    values = sorted(counted)
    ends = [0]
    for value in values:
        ends.append(ends[-1] + counted[value])
    if not ends[-1]:
        return None
    low, high = (bisect(ends, place) - 1 for place in ((ends[-1] - 1) // 2, ends[-1] // 2))
    return (values[low] + values[high]) / 2


@dataclass(frozen=True, slots=True)
class Forecast:
    """When the queue would be empty: `waiting` expressions at `pace` decisions a working day; None: cannot be said."""

    waiting: int
    pace: float | None
    empty_on: date | None


def forecast(found: Iterable[Group], stays: Iterable[Visit]) -> Forecast:
    """The median of the decisions on each of the last working days before today, carried on; nothing new arriving."""
    waiting = sum(group.count for group in found if group.state is State.SUBMITTED)
    decided: Counter[date] = Counter()
    first = today()
    for stay in stays:
        if stay.state is State.SUBMITTED:
            first = min(first, stay.entered_on)
            if stay.left_on is not None and stay.left_for in DECIDED:
                decided[_worked_on(stay.left_on)] += stay.count
    looked_at = [day for day in _last_working_days(today(), LOOK_BACK) if day >= first]
    pace = median(Counter(decided[day] for day in looked_at)) if len(looked_at) >= FEWEST_DAYS else None
    if not waiting or not pace:
        return Forecast(waiting, pace or None, None)
    return Forecast(waiting, pace, working_days.after(today(), -int(-waiting // pace)))


def _worked_on(day: date) -> date:
    """The working day to which a day's work counts: a weekend's to the Friday before it."""
    return day - timedelta(days=max(0, day.weekday() - working_days.SATURDAY + 1))


def _last_working_days(before: date, count: int) -> list[date]:
    found: list[date] = []
    while len(found) < count:
        before -= timedelta(days=1)
        if before.weekday() < working_days.SATURDAY:
            found.append(before)
    return found


def days_of_call(sent: Mapping[date, int]) -> list[tuple[date, int]]:
    """Each day of the call until today with what came; the last `MOST_DAYS` of them."""
    call = programme().call
    last = max([min(local_day(call.closes), today()), *sent])
    first = max(min([local_day(call.opens), *sent, last]), last - timedelta(days=MOST_DAYS - 1))
    days = (first + timedelta(days=ahead) for ahead in range((last - first).days + 1))
    return [(day, sent.get(day, 0)) for day in days]
