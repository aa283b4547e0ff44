"""Gives expressions to screeners, one by hand or many by load; it changes no state and leaves the commit to its caller.

The version of an expression stays: who screens it is nothing that a colleague at work on it has to read again.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, func, insert, select, update
from sqlalchemy.orm import joinedload, load_only, selectinload

from intake import conflicts
from intake.current import call_row
from intake.extensions import db
from intake.models import Assignment, Expression, Role, User
from intake.wording import today
from workflows.expression import JUDGEABLE, State
from workflows.people import Role as Capacity
from workflows.workflow import Reason, Refused

OPEN = frozenset({State.SUBMITTED, State.RETURNED})
"""The states in which an expression needs a screener."""
MOST = 500
"""Expressions that one run shares out."""
NOT_OPEN = Reason("not_open", "The screening of this expression is complete or has ended, so it needs no screener.")
NOT_YOURS = Reason("not_yours", "Only its screener, or the secretariat, gives this expression to somebody else.")
MEANWHILE = Reason(
    "screener_changed", "Somebody else has become its screener, or left it, since you opened the page. Reload the page."
)
NO_SCREENER = Reason("no_screener", "Choose somebody who screens; an account can lose that role or be closed.")


def barred(name: str) -> Reason:
    """Why an expression is not given to somebody."""
    message = "%(name)s has a conflict of interest with this applicant. Choose somebody else."
    return Reason("conflict_of_colleague", message, {"name": name})


@dataclass(frozen=True, slots=True)
class Load:
    """What one person holds in this call: how much is open, overdue by the promise, and waits for the applicant."""

    person: User
    open: int = 0
    overdue: int = 0
    returned: int = 0
    screens: bool = True
    """False for an account that is closed or has lost the role, and still holds something."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Who would get which expressions; `left` are those that nobody can take for conflicts of interest.

    `unheld` counts all that nobody holds, also those beyond the bound of one run.
    """

    loads: tuple[Load, ...]
    pairs: tuple[tuple[Expression, User], ...]
    left: tuple[Expression, ...]
    unheld: int

    def gets(self, person: User) -> int:
        """How many somebody would get."""
        return sum(each is person for _expression, each in self.pairs)


def screeners() -> list[User]:
    """Everybody who screens, by name."""
    active = select(User).where(User.active.is_(True), User.roles.any(Role.name == Capacity.SCREENER.value))
    people = active.options(joinedload(User.roles)).order_by(User.name, User.email)
    return list(db.session.scalars(people).unique())


def loads() -> list[Load]:
    """The load of everybody who screens, then of those who hold something and do not screen any more."""
    late = and_(Expression.state.in_(JUDGEABLE), Expression.decision_due_on < today())
    held = (
        select(Expression.screener_id, func.count(), *(_number(condition) for condition in (late, _is_returned())))
        .where(*_of_call(), Expression.screener_id.is_not(None))
        .group_by(Expression.screener_id)
    )
    numbers: dict[int, tuple[int, int, int]] = {id: (n, late, back) for id, n, late, back in db.session.execute(held)}
    working = screeners()
    found = [Load(person, *numbers.pop(person.id, (0, 0, 0))) for person in working]
    gone = select(User).where(User.id.in_(numbers)).order_by(User.name, User.email)
    return found + [Load(person, *numbers[person.id], screens=False) for person in db.session.scalars(gone)]


def _is_returned() -> Any:
    return Expression.state == State.RETURNED


def _number(condition: Any) -> Any:
    return func.count().filter(condition)


def _of_call() -> tuple[Any, ...]:
    return Expression.call_id == call_row().id, Expression.state.in_(OPEN)


def plan() -> Plan:
    """How those that nobody holds would be shared out: oldest first, each to the lowest load without a conflict."""
    all_loads = tuple(loads())
    unheld = db.session.scalar(select(func.count()).where(*_of_call(), Expression.screener_id.is_(None))) or 0
    people = [load.person for load in all_loads if load.screens]
    expressions = _unheld()
    conflicted = conflicts.among(expressions, people)
    carried = {load.person.id: load.open for load in all_loads}
    pairs, left = [], []
    for expression in expressions:
        able = [person for person in people if (expression.id, person.id) not in conflicted]
        if able:
            person = min(able, key=lambda each: carried[each.id])
            carried[person.id] += 1
            pairs.append((expression, person))
        else:
            left.append(expression)
    return Plan(all_loads, tuple(pairs), tuple(left), unheld)


def _unheld() -> Sequence[Expression]:
    oldest = select(Expression).where(*_of_call(), Expression.screener_id.is_(None))
    columns = load_only(
        Expression.reference,
        Expression.organisation_name,
        Expression.organisation_key,
        Expression.contact_email,
        Expression.second_email,
        Expression.website,
        Expression.criteria,
        Expression.submitted_at,
    )
    return db.session.scalars(
        oldest.options(columns).order_by(Expression.submitted_at, Expression.id).limit(MOST)
    ).all()


def share(pairs: Mapping[str, int], *, by: User) -> None:
    """Give each reference to the screener planned for it, all of them or none.

    Raises `Refused` with a reason for each that cannot be given any more as it was planned.
    """
    locked = select(Expression).where(Expression.reference.in_(pairs), Expression.state != State.DRAFT)
    rows = locked.options(selectinload(Expression.screener)).order_by(Expression.id).with_for_update()
    found = {row.reference: row for row in db.session.scalars(rows.execution_options(populate_existing=True))}
    people = {person.id: person for person in screeners()}
    conflicted = conflicts.among(found.values(), people.values())
    reasons = [
        reason
        for reference, person_id in pairs.items()
        if (reason := _against(reference, found.get(reference), people.get(person_id), conflicted))
    ]
    if reasons:
        raise Refused(reasons)
    for person in people.values():
        _store([row for reference, row in found.items() if pairs[reference] == person.id], person, by)


def _against(
    reference: str, row: Expression | None, person: User | None, conflicted: Collection[tuple[int, int]]
) -> Reason | None:
    """Why one expression cannot be given as planned, or None."""
    if row is None:
        return Reason("unknown", "%(reference)s: there is no such expression.", {"reference": reference})
    params = {"organisation": row.organisation_name, "reference": reference}
    if row.screener is not None:
        message = "%(organisation)s, %(reference)s: %(name)s has become its screener meanwhile."
        return Reason("taken_meanwhile", message, {**params, "name": row.screener.called})
    if row.state not in OPEN:
        return Reason("left_meanwhile", "%(organisation)s, %(reference)s: it waits for no screener any more.", params)
    if person is None:
        message = "%(organisation)s, %(reference)s: who was to get it does not screen any more."
        return Reason("gone_meanwhile", message, params)
    if (row.id, person.id) in conflicted:
        message = "%(organisation)s, %(reference)s: %(name)s has a conflict of interest with this applicant."
        return Reason("conflict_meanwhile", message, {**params, "name": person.called})
    return None


def may_give(expression: Expression, by: User) -> bool:
    """Whether somebody may give an expression to a screener: the secretariat, and who screens it now."""
    return expression.state in OPEN and (Capacity.SECRETARIAT in by.actor.roles or expression.screener_id == by.id)


def give(expression: Expression, *, to: User | None, by: User, held_by: int | None) -> None:
    """Make somebody the screener, or nobody; `held_by` is who it was when the page was opened. Raises `Refused`."""
    db.session.refresh(expression, with_for_update=True)
    if expression.state not in OPEN:
        raise Refused([NOT_OPEN])
    if expression.screener_id != held_by:
        raise Refused([MEANWHILE])
    if not may_give(expression, by):
        raise Refused([NOT_YOURS])
    if to is not None:
        _check(expression, to, by)
    if (to.id if to else None) != held_by:
        _store([expression], to, by)


def _check(expression: Expression, to: User, by: User) -> None:
    conflicts.refuse(expression, by)
    if to not in screeners():
        raise Refused([NO_SCREENER])
    if conflicts.conflict_of(expression, to) is not None:
        raise Refused([barred(to.called)])


def _store(expressions: Sequence[Expression], to: User | None, by: User) -> None:
    ids = [expression.id for expression in expressions]
    if not ids:
        return
    given = update(Expression).where(Expression.id.in_(ids))
    db.session.execute(given.values(screener_id=to.id if to else None))
    if to is not None and to.id != by.id:
        whose = {"screener_id": to.id, "by_id": by.id, "by_name": by.called}
        db.session.execute(insert(Assignment), [{"expression_id": id, **whose} for id in ids])


def last_given(expression: Expression) -> Assignment | None:
    """Who gave the expression to its screener; None when the screener took it, or nobody screens it."""
    if expression.screener_id is None:
        return None
    given = select(Assignment).where(Assignment.expression_id == expression.id).order_by(Assignment.id.desc()).limit(1)
    last = db.session.scalar(given)
    return last if last is not None and last.screener_id == expression.screener_id else None
