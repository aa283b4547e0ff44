"""Reads what the screeners' pages show, in a bounded number of statements; it changes nothing and hides drafts."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import abort
from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import joinedload, load_only, selectinload

from intake.current import call_row
from intake.extensions import db
from intake.keyset import Cursor, Order, Page
from intake.models import Expression, Letter, LetterStatus, User, Verdict
from intake.wording import today
from workflows.expression import ACTIVE, EDITABLE, JUDGEABLE, State

PAGE = 50
OPEN_STATES = ACTIVE - {State.CONFIRMED}
"""The states in which somebody still has something to do."""
TABS: Mapping[str, frozenset[State]] = {
    "open": OPEN_STATES,
    **{state.value: frozenset({state}) for state in State if state is not State.DRAFT},
    "all": frozenset(State) - {State.DRAFT},
}
"""Value of the filter `state` to the states that it shows. A draft is its author's alone."""
OLDEST_FIRST = Order(Expression.submitted_at, Expression.id)


@dataclass(frozen=True, slots=True)
class Filters:
    """What a screener asks the queue for."""

    state: str = "open"
    mine: bool = False
    overdue: bool = False
    words: str = ""
    cursor: Cursor | None = None


def expression_or_404(reference: str) -> Expression:
    """An expression that was submitted, with everything its page shows, read anew. A draft is no page to staff."""
    found = select(Expression).where(Expression.reference == reference, Expression.state != State.DRAFT)
    whole = found.options(
        selectinload(Expression.screener),
        selectinload(Expression.verdicts).selectinload(Verdict.screener),
        selectinload(Expression.history),
        selectinload(Expression.letters),
    )
    expression = db.session.scalar(whole.execution_options(populate_existing=True))
    if expression is None:
        abort(404)
    return expression


def overdue() -> ColumnElement[bool]:
    """Late by the promise to the applicant, or by the date given to the applicant."""
    for_us = and_(Expression.state.in_(JUDGEABLE), Expression.decision_due_on < today())
    return or_(for_us, _answer_is_late())


def _answer_is_late() -> ColumnElement[bool]:
    return and_(Expression.state == State.RETURNED, Expression.answer_due_on < today())


def _asked_for(filters: Filters, screener: User) -> list[ColumnElement[bool]]:
    """The conditions of all filters but the state."""
    conditions = [Expression.call_id == call_row().id, Expression.state != State.DRAFT]
    if filters.mine:
        conditions.append(Expression.screener_id == screener.id)
    if filters.overdue:
        conditions.append(overdue())
    if filters.words:
        named = Expression.organisation_name.icontains(filters.words, autoescape=True)
        conditions.append(or_(named, Expression.reference.icontains(filters.words, autoescape=True)))
    return conditions


def queue(filters: Filters, screener: User) -> tuple[Mapping[str, int], Page[Expression]]:
    """The number of expressions behind each tab, and one page of them, oldest first; in three statements."""
    conditions = _asked_for(filters, screener)
    by_state = select(Expression.state, func.count()).where(*conditions).group_by(Expression.state)
    numbers = {state: number for state, number in db.session.execute(by_state)}  # noqa: C416 - dict() loses the types
    counts = {tab: sum(numbers.get(state, 0) for state in states) for tab, states in TABS.items()}
    shown = select(Expression).where(*conditions, Expression.state.in_(TABS[filters.state]))
    columns = load_only(
        Expression.reference,
        Expression.organisation_name,
        Expression.category,
        Expression.country,
        Expression.preferences,
        Expression.state,
        Expression.submitted_at,
        Expression.decision_due_on,
        Expression.answer_due_on,
        raiseload=True,
    )
    name = joinedload(Expression.screener).load_only(User.name, User.email)
    return counts, OLDEST_FIRST.page(shown.options(columns, name), filters.cursor, PAGE)


def waiting_for_me(screener: User) -> Mapping[str, int]:
    """What the first page of staff counts, in one statement for expressions and one for letters."""
    wanted: dict[str, ColumnElement[bool]] = {
        "to_screen": Expression.state.in_(JUDGEABLE),
        "late": and_(Expression.state.in_(JUDGEABLE), Expression.decision_due_on < today()),
        "mine": and_(Expression.state.in_(EDITABLE), Expression.screener_id == screener.id),
        "returned_late": _answer_is_late(),
        "to_assign": Expression.state == State.SCREENED,
        "to_confirm": Expression.state == State.ASSIGNED,
        "waitlist": Expression.state == State.WAITLISTED,
    }
    columns = [func.count().filter(condition).label(name) for name, condition in wanted.items()]
    of_call = select(*columns).where(Expression.call_id == call_row().id, Expression.state != State.DRAFT)
    counts = dict(db.session.execute(of_call).mappings().one())
    failed = select(func.count()).select_from(Letter).where(Letter.status == LetterStatus.FAILED)
    return {**counts, "failed": db.session.scalar(failed) or 0}
