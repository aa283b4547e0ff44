"""Pages of a long list by (key, id) instead of by number, so that every page costs the same; it counts nothing."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Generic, TypeVar

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Integer,
    Select,
    literal,
    literal_column,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute

from intake.extensions import db

T = TypeVar("T")
Key = datetime | date | str
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
WRITTEN = re.compile(r"(?P<way>[na])(?P<key>.{1,200})-(?P<id>[0-9]{1,9})", re.ASCII)
"""`n` for what comes next, `a` for what comes above; the key; the id."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in a list: the rows after it, or, going back, before it."""

    at: Key
    id: int
    back: bool = False

    def __str__(self) -> str:
        return f"{'a' if self.back else 'n'}{_written(self.at)}-{self.id}"


def _written(key: Key) -> str:
    """A time as microseconds since 1970, a date as 2026-11-24, a text as it is."""
    if isinstance(key, datetime):
        return str((key - EPOCH) // timedelta(microseconds=1))
    return key.isoformat() if isinstance(key, date) else key


def constant(number: int) -> ColumnElement[int]:
    """A number that is always the same where it stands: the database plans once and not for any number whatever."""
    return literal_column(str(number), Integer)


def read_cursor(written: str, kind: type[Key] = datetime) -> Cursor | None:
    """The cursor that stands in an address, or None when it is none for a list with keys of this kind."""
    found = WRITTEN.fullmatch(written)
    key = _read(found["key"], kind) if found else None
    return None if found is None or key is None else Cursor(key, int(found["id"]), back=found["way"] == "a")


def _read(written: str, kind: type[Key]) -> Key | None:
    try:
        if kind is datetime:
            return EPOCH + timedelta(microseconds=int(written)) if re.fullmatch(r"[0-9]{1,17}", written) else None
        if kind is date:
            return date.fromisoformat(written) if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", written) else None
    except (OverflowError, ValueError):
        return None
    return written if all(unicodedata.category(letter) not in {"Cc", "Cs"} for letter in written) else None


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some rows of a list with the cursors of the pages around them."""

    rows: Sequence[T]
    previous: Cursor | None
    next: Cursor | None


@dataclass(frozen=True, slots=True)
class Order:
    """The two columns by which a list is ordered; the second is unique. The key must not be null in what is listed."""

    key: InstrumentedAttribute[Any]
    id: InstrumentedAttribute[int]
    newest_first: bool = False
    kind: type[Key] = datetime

    def read(self, written: str) -> Cursor | None:
        """The cursor that stands in an address, or None when it is none of this order."""
        return read_cursor(written, self.kind)

    def place(self, row: Any, *, back: bool = False) -> Cursor:
        """The place of a row."""
        return Cursor(getattr(row, self.key.key), getattr(row, self.id.key), back=back)

    def some(self, statement: Select[T], cursor: Cursor | None, size: int) -> Select[T]:
        """The first rows from a cursor on, nearest first: going back, the order is reversed."""
        descending = self.newest_first is not (cursor is not None and cursor.back)
        if cursor is not None:
            statement = statement.where(self._beyond(cursor, descending=descending))
        return statement.order_by(*self._columns(self.key, self.id, descending=descending)).limit(constant(size))

    def merged(self, statements: Sequence[Select[Any]], cursor: Cursor | None, size: int) -> CompoundSelect[Any]:
        """Key and id of the same rows of several lists, each of which is read only as far as its rows are wanted.

        PostgreSQL merges lists that are sorted for themselves, SQLite those that are not; each would sort the other's.
        """
        lists = [self.some(statement, cursor, size) for statement in statements]
        if db.engine.dialect.name == "postgresql":
            lists = [select(each.subquery()) for each in lists]
        else:
            lists = [each.order_by(None).limit(None) for each in lists]
        descending = self.newest_first is not (cursor is not None and cursor.back)
        columns = self._columns(literal_column(self.key.key), literal_column(self.id.key), descending=descending)
        return union_all(*lists).order_by(*columns).limit(constant(size))

    @staticmethod
    def _columns(*columns: Any, descending: bool) -> list[Any]:
        return [column.desc() if descending else column.asc() for column in columns]

    def page(self, statement: Select[T], cursor: Cursor | None, size: int) -> Page[T]:
        """The page at a cursor, or the first one, in one statement."""
        return self.paged(list(db.session.scalars(self.some(statement, cursor, size + 1))), cursor, size)

    def paged(self, found: list[T], cursor: Cursor | None, size: int) -> Page[T]:
        """The page made of up to `size` + 1 rows as `some` gives them."""
        back = cursor is not None and cursor.back
        rows, more = found[:size], len(found) > size
        if back:
            rows.reverse()
        before = self.place(rows[0], back=True) if rows and (more if back else cursor is not None) else None
        after = self.place(rows[-1]) if rows and (back or more) else None
        return Page(rows, before, after)

    def _beyond(self, cursor: Cursor, *, descending: bool) -> ColumnElement[bool]:
        """Compared as a pair, because an index finds the place of a pair, but not of one condition or another."""
        pair = tuple_(self.key, self.id)
        place = tuple_(literal(cursor.at, self.key.type), literal(cursor.id, self.id.type))
        return pair < place if descending else pair > place
