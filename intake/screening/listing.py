"""Reads the list of the queue, its counts and what stands beside an expression in it, at a cost that does not grow.

First it looks for at most `MOST` expressions that have the words and codes asked for. Fewer are listed and counted
from their ids. Where there are more, the list is walked in its order until a page is full, and nothing is counted.
It changes nothing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, any_, exists, func, literal, or_, select, true, union_all
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import aliased, load_only

from intake import search
from intake.current import call_row, programme
from intake.extensions import db
from intake.keyset import Cursor, Order, Page
from intake.models import Expression, User
from intake.programme import countries
from intake.screening.filtering import ANY, ME, NOBODY, ORDERS, TABS, Filters
from intake.screening.queries import overdue
from intake.wording import today
from workflows.expression import ACTIVE, State

PAGE = 50
COUNTED = 1_000
"""A tab with so many expressions says "999+": counting stops there."""
MOST = 1_000
"""As many as are listed from their ids; more are found soon enough by walking the list."""
KEPT = 100
"""So many statements are kept as they were written."""
SHOWN = (
    Expression.id,
    Expression.reference,
    Expression.organisation_name,
    Expression.organisation_key,
    Expression.category,
    Expression.country,
    Expression.preferences,
    Expression.state,
    Expression.unread,
    Expression.submitted_at,
    Expression.decision_due_on,
    Expression.answer_due_on,
    User.name.label("screener_name"),
    User.email.label("screener_email"),
)


@dataclass(frozen=True, slots=True)
class Search:
    """Filters of one person, and the ids that have the words and codes asked for: None when all or very many have.

    Two are equal when the same conditions follow from them: `given` is whatever else these depend on.
    """

    filters: Filters
    conditions: tuple[ColumnElement[bool], ...] = field(compare=False)
    given: tuple[object, ...]
    ids: tuple[int, ...] | None = None
    many: bool = False

    @property
    def order(self) -> Order:
        """The order of the list."""
        return self.filters.order


def look(filters: Filters, person: User) -> Search:
    """Begin to look; in two statements at most, one of which reads the call."""
    call = call_row().id
    given = (call, person.id, today(), len(programme().focus_areas), db.engine.dialect.name)
    chosen = tuple(_chosen(filters, person))
    sought = search.Sought(search.words(filters.words), tuple(_marks(filters)))
    wanted = _of_shared_names(call) if filters.duplicate else search.matching(sought) if sought else None
    ids = None if wanted is None else _first(wanted)
    have_words = ids is not None and not filters.duplicate
    words = (search.has_words(sought.words),) if sought.words and not have_words else ()
    if ids is None:
        conditions = (Expression.call_id == call, *chosen, *words)
        return Search(filters, conditions, given, many=bool(sought) or filters.duplicate)
    # As a sum the call is in no index, so that the rows are read by their ids and not by walking the call.
    return Search(filters, (_among(ids), Expression.call_id + 0 == call, *chosen, *words), given, ids)


def _first(wanted: Select[int]) -> tuple[int, ...] | None:
    """The ids, or None when they are very many."""
    ids = tuple(db.session.scalars(wanted.limit(MOST + 1)))
    return ids if len(ids) <= MOST else None


def _of_shared_names(call: int) -> Select[int]:
    """The ids of expressions of organisations that have several: among them are all possible duplicates."""
    of_call = select(Expression.organisation_key).where(Expression.call_id == call, Expression.organisation_key != "")
    shared = of_call.group_by(Expression.organisation_key).having(func.count() > 1)
    return select(Expression.id).where(Expression.organisation_key.in_(shared), Expression.call_id == call)


def _among(ids: tuple[int, ...]) -> ColumnElement[bool]:
    """One parameter for all of them, so that the statement stays the same."""
    if db.engine.dialect.name == "postgresql":
        return Expression.id == any_(literal(list(ids), ARRAY(Integer)))
    each = func.json_each(str(list(ids))).table_valued("value")
    return Expression.id.in_(select(each.c.value))


def _codes(filters: Filters) -> frozenset[str] | None:
    """The countries of the group and of the region, by today's lists; None when neither is asked for."""
    if not filters.group and not filters.region:
        return None
    on = today()
    return frozenset(
        code
        for code, country in countries().items()
        if (not filters.group or filters.group in country.groups_on(on))
        and (not filters.region or filters.region == country.region)
    )


def _marks(filters: Filters) -> Iterable[frozenset[str]]:
    """The groups of marks of which an expression must have one."""
    codes = _codes(filters)
    if codes is not None:
        yield frozenset(search.mark("country", code) for code in codes or {"none"})
    for name in ("country", "category"):
        if value := getattr(filters, name):
            yield frozenset({search.mark(name, value)})
    if filters.area:
        rank = "any" if filters.area.startswith(ANY) else "first"
        yield frozenset({search.mark(rank, filters.area.removeprefix(ANY))})


def _chosen(filters: Filters, person: User) -> Iterable[ColumnElement[bool]]:
    """The conditions of all filters but the state and the words."""
    codes = _codes(filters)
    if codes is not None:
        yield Expression.country.in_(sorted(codes))
    if filters.country:
        yield Expression.country == filters.country
    if filters.category:
        yield Expression.category == filters.category
    if filters.area:
        yield _prefers(filters.area)
    if filters.screener:
        yield _screened_by(filters.screener, person)
    if filters.overdue:
        yield overdue()
    if filters.unread:
        yield Expression.unread.is_(true())
    if filters.duplicate:
        yield has_duplicate()
    if filters.sort == "due":
        yield Expression.decision_due_on.is_not(None)  # the table sets it as an expression is sent; imports may not


def _prefers(area: str) -> ColumnElement[bool]:
    ranks = range(len(programme().focus_areas) if area.startswith(ANY) else 1)
    return or_(*(Expression.preferences[rank].as_string() == area.removeprefix(ANY) for rank in ranks))


def _screened_by(screener: str, person: User) -> ColumnElement[bool]:
    if screener == NOBODY:
        return Expression.screener_id.is_(None)
    return Expression.screener_id == (person.id if screener == ME else int(screener))


def has_duplicate() -> ColumnElement[bool]:
    """Whether another active expression of the same organisation is in the call."""
    other = aliased(Expression)
    same = (other.organisation_key == Expression.organisation_key, other.call_id == Expression.call_id)
    of_another = exists().where(*same, other.id != Expression.id, other.state.in_(ACTIVE))
    return of_another.correlate(Expression) & (Expression.organisation_key != "")


def counts(asked: Search) -> Mapping[str, str] | None:
    """The number of expressions behind each tab, in one statement; None where very many have what is asked for."""
    if asked.many:
        return None
    by_state = _by_state(asked, COUNTED)
    numbers = {state: number for state, number in db.session.execute(by_state)}  # noqa: C416 - dict() loses the types
    return {tab: _capped([numbers.get(state, 0) for state in states]) for tab, states in TABS.items()}


@lru_cache(maxsize=KEPT)
def _by_state(asked: Search, most: int) -> Any:
    """Each state with its number, counted up to the most."""
    if asked.ids is None:
        return union_all(*(_counted(state, asked, most) for state in sorted(TABS["all"])))
    of_state = (*asked.conditions, Expression.state != State.DRAFT)
    return select(Expression.state, func.count()).where(*of_state).group_by(Expression.state)


def _counted(state: State, asked: Search, most: int) -> Select[State, int]:
    of_state = select(true()).where(*asked.conditions, Expression.state == state).limit(most).subquery()
    return select(literal(state, Expression.state.type), func.count()).select_from(of_state)


def _capped(numbers: list[int]) -> str:
    return f"{COUNTED - 1}+" if sum(numbers) >= COUNTED else str(sum(numbers))


def page(asked: Search) -> Page[Any]:
    """One page of the list as rows of plain columns (`SHOWN`), in one statement."""
    return asked.order.paged(list(db.session.execute(_listed(asked, PAGE + 1))), asked.filters.cursor, PAGE)


@lru_cache(maxsize=KEPT)
def _listed(asked: Search, size: int) -> Any:
    """Written once for all who ask the same: to write it costs more than to ask it."""
    shown: Any = select(*SHOWN)
    return _rows(asked, asked.filters.cursor, size, shown).outerjoin(User, User.id == Expression.screener_id)


def _rows(asked: Search, cursor: Cursor | None, size: int, shown: Select[Any]) -> Select[Any]:
    """The first rows from a cursor on: read state by state, as the index holds each state in the order asked for."""
    order = asked.order
    states = sorted(TABS[asked.filters.state])
    if asked.ids is not None:
        wanted = func.lower(Expression.state).in_([state.value for state in states])  # by ids, for the same reason
        return order.some(shown.select_from(Expression).where(*asked.conditions, wanted), cursor, size)
    ids = select(Expression.id, order.key).where(*asked.conditions)
    first = order.merged([ids.where(Expression.state == state) for state in states], cursor, size).subquery()
    return order.some(shown.select_from(Expression).join(first, first.c.id == Expression.id), cursor, size)


def beside(asked: Search, expression: Expression) -> tuple[Expression | None, Expression | None]:
    """The one before and the one after an expression in the list, also when it has left the list; two statements."""
    columns = load_only(Expression.reference, Expression.organisation_name, raiseload=True)
    places = [asked.order.place(expression, back=back) for back in (True, False)]
    before, after = (db.session.scalar(_rows(asked, place, 1, select(Expression).options(columns))) for place in places)
    return before, after


def next_free(asked: Search, without: Iterable[int]) -> Expression | None:
    """The oldest submitted expression of the list that nobody has taken and nobody is about to take, locked."""
    free = (Expression.state == State.SUBMITTED, Expression.screener_id.is_(None), Expression.id.not_in([*without]))
    found = select(Expression).where(*asked.conditions, *free)
    oldest = ORDERS["oldest"].some(found, None, 1)
    return db.session.scalar(oldest.with_for_update(skip_locked=True, of=Expression))
