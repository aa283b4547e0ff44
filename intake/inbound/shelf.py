"""Reads the mail that was kept, without its bytes; it changes nothing."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, select

from intake.extensions import db
from intake.keyset import Cursor, Order, Page
from intake.models import Expression, Kind, ReceivedMessage

PAGE = 25
MOST_SHOWN = 50
NEWEST_FIRST = Order(ReceivedMessage.received_at, ReceivedMessage.id, newest_first=True)


def messages(kinds: Sequence[Kind], cursor: Cursor | None) -> Page[ReceivedMessage]:
    """One page of the messages of these kinds, newest first, from the index of each kind."""
    keys = select(ReceivedMessage.received_at, ReceivedMessage.id)
    lists: list[Any] = [keys.where(ReceivedMessage.kind == kind) for kind in kinds]
    ids = [row.id for row in db.session.execute(NEWEST_FIRST.merged(lists, cursor, PAGE + 1))]
    rows = db.session.scalars(select(ReceivedMessage).where(ReceivedMessage.id.in_(ids)))
    found = {each.id: each for each in rows}
    return NEWEST_FIRST.paged([found[id] for id in ids if id in found], cursor, PAGE)


def counts() -> Mapping[Kind, int]:
    """How many messages there are of each kind."""
    numbers = select(ReceivedMessage.kind, func.count()).group_by(ReceivedMessage.kind)
    by_kind = {kind: number for kind, number in db.session.execute(numbers)}  # noqa: C416 - dict() loses the types
    return {kind: by_kind.get(kind, 0) for kind in Kind}


def about(expression: Expression) -> Sequence[ReceivedMessage]:
    """The newest messages about an expression, newest first."""
    mine = select(ReceivedMessage).where(ReceivedMessage.expression_id == expression.id)
    return db.session.scalars(mine.order_by(ReceivedMessage.id.desc()).limit(MOST_SHOWN)).all()
