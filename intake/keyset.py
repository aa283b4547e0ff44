"""Pages of a long list by (time, id) instead of by number, so that every page costs the same; it counts nothing."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Select, and_, or_
from sqlalchemy.orm import InstrumentedAttribute

from intake.extensions import db

T = TypeVar("T")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
WRITTEN = re.compile(r"(?P<way>[na])(?P<time>[0-9]{1,17})-(?P<id>[0-9]{1,9})", re.ASCII)
"""`n` for what comes next, `a` for what comes above, microseconds since 1970, id."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in a list: the rows after it, or, going back, before it."""

    at: datetime
    id: int
    back: bool = False

    def __str__(self) -> str:
        microseconds = (self.at - EPOCH) // timedelta(microseconds=1)
        return f"{'a' if self.back else 'n'}{microseconds}-{self.id}"


def read_cursor(written: str) -> Cursor | None:
    """The cursor that stands in an address, or None when it is none."""
    found = WRITTEN.fullmatch(written)
    if found is None:
        return None
    try:
        at = EPOCH + timedelta(microseconds=int(found["time"]))
    except OverflowError:
        return None
    return Cursor(at, int(found["id"]), back=found["way"] == "a")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some rows of a list with the cursors of the pages around them."""

    rows: Sequence[T]
    previous: Cursor | None
    next: Cursor | None


@dataclass(frozen=True, slots=True)
class Order:
    """The two columns by which a list is ordered; the second is unique."""

    time: InstrumentedAttribute[Any]
    id: InstrumentedAttribute[int]
    newest_first: bool = False

    def page(self, statement: Select[T], cursor: Cursor | None, size: int) -> Page[T]:
        """The page at a cursor, or the first one, in one statement."""
        back = cursor is not None and cursor.back
        descending = self.newest_first is not back
        if cursor is not None:
            statement = statement.where(self._beyond(cursor, descending=descending))
        columns = [column.desc() if descending else column.asc() for column in (self.time, self.id)]
        found = list(db.session.scalars(statement.order_by(*columns).limit(size + 1)))
        rows, more = found[:size], len(found) > size
        if back:
            rows.reverse()
        before = self._cursor(rows[0], back=True) if rows and (more if back else cursor is not None) else None
        after = self._cursor(rows[-1], back=False) if rows and (back or more) else None
        return Page(rows, before, after)

    def _beyond(self, cursor: Cursor, *, descending: bool) -> ColumnElement[bool]:
        same = self.time == cursor.at
        if descending:
            return or_(self.time < cursor.at, and_(same, self.id < cursor.id))
        return or_(self.time > cursor.at, and_(same, self.id > cursor.id))

    def _cursor(self, row: Any, *, back: bool) -> Cursor:
        return Cursor(getattr(row, self.time.key), getattr(row, self.id.key), back=back)
