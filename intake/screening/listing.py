"""Reads the list of the queue, its counts and what stands beside an expression in it, at a cost that does not grow.

First it looks for at most `MOST` expressions that have the words and codes asked for. Fewer are listed and counted
from their ids. Where there are more, the list is walked in its order until a page is full, and nothing is counted.
It changes nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    String,
    any_,
    bindparam,
    cast,
    exists,
    func,
    literal_column,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import aliased, load_only
from sqlalchemy.types import NULLTYPE

from intake import search
from intake.current import call_row, programme
from intake.extensions import db
from intake.keyset import Cursor, Order, Page, constant
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
    Expression.preferences[0].as_string().label("first_preference"),
    Expression.state,
    Expression.unread,
    Expression.submitted_at,
    Expression.decision_due_on,
    Expression.answer_due_on,
    User.name.label("screener_name"),
    User.email.label("screener_email"),
)


class Given(NamedTuple):
    """What the conditions of a search depend on beside its filters."""

    call: int
    person: int
    day: date
    areas: int
    dialect: str


@dataclass(frozen=True, slots=True)
class Search:
    """Filters of one person, and the ids that have the words and codes asked for: None when all or very many have.

    Two are equal when the same statements are made of them, in which the ids are a parameter.
    """

    filters: Filters
    given: Given
    by_ids: bool = False
    many: bool = False
    ids: Sequence[int] = field(default=(), compare=False)

    @property
    def order(self) -> Order:
        """The order of the list."""
        return self.filters.order

    @property
    def parameters(self) -> Mapping[str, str]:
        """What a statement with these conditions is asked with."""
        return {"ids": f"{{{','.join(map(str, self.ids))}}}" if self.given.dialect == "postgresql" else str(self.ids)}

    def conditions(self) -> Sequence[ColumnElement[bool]]:
        """What holds of all that is wanted, but for the state."""
        words = search.words(self.filters.words)
        sought = [search.has_words(words)] if words else []
        chosen = _chosen(self.filters, self.given.person)
        if not self.by_ids:
            return [Expression.call_id == self.given.call, *chosen, *sought]
        # As a sum the call is in no index, so that the rows are read by their ids and not by walking the call.
        return [_among_ids(self.given.dialect), Expression.call_id + 0 == self.given.call, *chosen, *sought]


def look(filters: Filters, person: User, call: int | None = None) -> Search:
    """Begin to look; in two statements at most, one of which reads the call unless its id is known already."""
    call = call_row().id if call is None else call
    given = Given(call, person.id, today(), len(programme().focus_areas), db.engine.dialect.name)
    sought = search.Sought(search.words(filters.words), tuple(_marks(filters)))
    if not sought and not filters.duplicate:
        return Search(filters, given)
    wanted = _of_shared_names(call) if filters.duplicate else search.matching(sought)
    ids = list(db.session.connection().scalars(wanted.limit(constant(MOST + 1))))
    if len(ids) > MOST:
        return Search(filters, given, many=True)
    return Search(filters if filters.duplicate else replace(filters, words=""), given, by_ids=True, ids=ids)


def _of_shared_names(call: int) -> Select[int]:
    """The ids of expressions of organisations that have several: among them are all possible duplicates."""
    of_call = select(Expression.organisation_key).where(Expression.call_id == call, Expression.organisation_key != "")
    shared = of_call.group_by(Expression.organisation_key).having(func.count() > 1)
    return select(Expression.id).where(Expression.organisation_key.in_(shared), Expression.call_id == call)


def _among_ids(dialect: str) -> ColumnElement[bool]:
    """One parameter for all of them, so that the statement stays the same."""
    ids = bindparam("ids", type_=NULLTYPE)
    if dialect == "postgresql":
        return Expression.id == any_(cast(ids, ARRAY(Integer)))
    return Expression.id.in_(select(func.json_each(ids).table_valued("value").c.value))


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


def _chosen(filters: Filters, person: int) -> Iterable[ColumnElement[bool]]:
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


def _screened_by(screener: str, person: int) -> ColumnElement[bool]:
    if screener == NOBODY:
        return Expression.screener_id.is_(None)
    return Expression.screener_id == (person if screener == ME else int(screener))


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
    found = db.session.connection().execute(_by_state(asked, COUNTED), asked.parameters)
    numbers: dict[str, int] = {state: number for state, number in found}  # noqa: C416 - dict() loses the types
    return {tab: _capped([numbers.get(state, 0) for state in states]) for tab, states in TABS.items()}


@lru_cache(maxsize=KEPT)
def _by_state(asked: Search, most: int) -> Any:
    """Each state with its number, counted up to the most."""
    conditions = asked.conditions()
    if not asked.by_ids:
        return union_all(*(_counted(state, conditions, most) for state in sorted(TABS["all"])))
    of_state = (*conditions, Expression.state != State.DRAFT)
    return select(Expression.state, func.count()).where(*of_state).group_by(Expression.state)


def _counted(state: State, conditions: Iterable[ColumnElement[bool]], most: int) -> Select[str, int]:
    of_state = select(true()).where(*conditions, _is(state)).limit(constant(most)).subquery()
    return select(_written(state), func.count()).select_from(of_state)


def _is(state: State) -> ColumnElement[bool]:
    return Expression.state == _written(state)


def _written(state: State) -> ColumnElement[str]:
    """Stands in the statement itself, so that the database knows what it plans for and plans once."""
    return literal_column(f"'{state.value}'", String)


def _capped(numbers: list[int]) -> str:
    return f"{COUNTED - 1}+" if sum(numbers) >= COUNTED else str(sum(numbers))


def page(asked: Search) -> Page[Any]:
    """One page of the list as rows of plain columns (`SHOWN`), in one statement."""
    found = db.session.connection().execute(_listed(asked, PAGE + 1), asked.parameters)
    return asked.order.paged(list(found), asked.filters.cursor, PAGE)


@lru_cache(maxsize=KEPT)
def _listed(asked: Search, size: int) -> Any:
    """Written once for all who ask the same: to write it costs more than to ask it."""
    shown: Any = select(*SHOWN)
    return _rows(asked, asked.filters.cursor, size, shown).outerjoin(User, User.id == Expression.screener_id)


def _rows(asked: Search, cursor: Cursor | None, size: int, shown: Select[Any]) -> Select[Any]:
    """The first rows from a cursor on: read state by state, as the index holds each state in the order asked for."""
    order, conditions = asked.order, asked.conditions()
    states = sorted(TABS[asked.filters.state])
    if asked.by_ids:
        wanted = func.lower(Expression.state).in_(map(_written, states))  # by ids, for the same reason
        return order.some(shown.select_from(Expression).where(*conditions, wanted), cursor, size)
    ids = select(Expression.id, order.key).where(*conditions)
    first = order.merged([ids.where(_is(state)) for state in states], cursor, size).subquery()
    return order.some(shown.select_from(Expression).join(first, first.c.id == Expression.id), cursor, size)


def beside(asked: Search, expression: Expression) -> tuple[Expression | None, Expression | None]:
    """The one before and the one after an expression in the list, also when it has left the list; two statements."""
    columns = select(Expression).options(load_only(Expression.reference, Expression.organisation_name, raiseload=True))
    places = [asked.order.place(expression, back=back) for back in (True, False)]
    before, after = (db.session.scalar(_rows(asked, place, 1, columns), asked.parameters) for place in places)
    return before, after


def next_free(asked: Search, without: Iterable[int]) -> Expression | None:
    """The oldest submitted expression of the list that nobody has taken and nobody is about to take, locked."""
    free = (Expression.state == State.SUBMITTED, Expression.screener_id.is_(None), Expression.id.not_in([*without]))
    found = select(Expression).where(*asked.conditions(), *free)
    oldest = ORDERS["oldest"].some(found, None, 1)
    return db.session.scalar(oldest.with_for_update(skip_locked=True, of=Expression), asked.parameters)
