"""Notes who opened an expression and says who else did, so that two do not do the same work; it locks nothing."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import IntegrityError, OperationalError

from intake import looks, storage
from intake.extensions import db
from intake.models import Expression, Role, Shown, User, Visit, now

NOTED_ONCE_IN = timedelta(minutes=1)
SHOWN_FOR = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Visitor:
    """A colleague who opened the expression so many minutes ago."""

    name: str
    roles: tuple[str, ...]
    minutes: int


def note(expression: Expression, user: User) -> None:
    """Remember that this member of staff looks at the expression, and that its screener has seen what is new.

    In a small transaction of its own, and left out when the database is busy: a page must never wait for it. Only the
    line of the record of looks is written later then. Call it last, when the page is made: it ends what the session was
    reading.
    """
    visited = select(Visit.opened_at).where(Visit.expression_id == expression.id, Visit.user_id == user.id)
    last, at = db.session.scalar(visited), now()
    is_fresh = last is not None and at - last < NOTED_ONCE_IN
    is_news = expression.unread and expression.screener_id in {None, user.id}
    if is_fresh and not is_news:
        return
    pair = (expression.id, user.id)
    lines = looks.waiting() if is_fresh else [*looks.waiting(), looks.line(pair[1], Shown.PAGE, expression_id=pair[0])]
    db.session.rollback()
    try:
        with storage.in_passing(db.engine) as connection:
            _write(connection, pair, at, is_first=last is None)
            if is_news:
                _mark_read(connection, expression_id=pair[0])
            looks.write(connection, lines)
    except (OperationalError, IntegrityError):  # busy, or noted by another request of the same person just now
        looks.keep(lines)


def _write(connection: Connection, pair: tuple[int, int], at: datetime, *, is_first: bool) -> None:
    expression_id, user_id = pair
    if is_first:
        connection.execute(insert(Visit).values(expression_id=expression_id, user_id=user_id, opened_at=at))
        return
    known = update(Visit).where(Visit.expression_id == expression_id, Visit.user_id == user_id)
    connection.execute(known.values(opened_at=at))


def _mark_read(connection: Connection, expression_id: int) -> None:
    """Neither a step nor a change of the answers: version and time of change stay, so that nobody's page gets stale."""
    read = update(Expression).where(Expression.id == expression_id, Expression.unread)
    connection.execute(read.values(unread=False, updated_at=Expression.updated_at))


def others(expression: Expression, user: User) -> list[Visitor]:
    """Colleagues who opened the expression lately, the latest first, in one statement."""
    lately = (
        select(User.id, User.name, User.email, Visit.opened_at, Role.name)
        .select_from(Visit)
        .join(User, User.id == Visit.user_id)
        .outerjoin(User.roles)
        .where(Visit.expression_id == expression.id, Visit.user_id != user.id, Visit.opened_at > now() - SHOWN_FOR)
        .order_by(Visit.opened_at.desc(), User.id, Role.name)
    )
    return _grouped(db.session.execute(lately))


def _grouped(rows: Iterable[Any]) -> list[Visitor]:
    """One visitor for the rows of one account, which has a row for each role."""
    found: dict[int, Visitor] = {}
    for id, name, email, opened_at, role in rows:
        minutes = int((now() - opened_at).total_seconds() // 60)
        roles = (*found[id].roles, role) if id in found else (role,)
        found[id] = Visitor(name or email, tuple(filter(None, roles)), max(0, minutes))
    return list(found.values())
