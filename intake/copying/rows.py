"""Rows in a form that is the same on both kinds of database: read in ranges, told apart by a hash; it writes none."""

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import chain
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, String, Table, and_, select
from sqlalchemy.exc import DBAPIError

from intake.copying import tables
from intake.copying.places import CopyError

ROWS, HEAVY_ROWS = 1_000, 10
"""How many rows are held in memory at once."""
EXACT = 2**53
"""From here on a number with a decimal point does not hold every whole number."""
UNTAKEN = re.compile("[\x00\ud800-\udfff]")
"""What no text of PostgreSQL can hold: the character zero, and halves of characters."""

Key = tuple[Any, ...]
Rows = dict[Key, RowMapping]


@dataclass(frozen=True, slots=True)
class Range:
    """The rows whose key begins with a number above `low`, up to `high`; None: no bound."""

    low: int | None
    high: int | None

    def holds(self, table: Table) -> ColumnElement[bool]:
        """The condition that a row is one of these."""
        first = tables.keys(table)[0]
        bounds = [first > self.low] if self.low is not None else []
        return and_(True, *bounds, *([first <= self.high] if self.high is not None else []))


def ranges(connection: Connection, table: Table) -> Iterator[Range]:
    """All rows of a table in their order, about as many in each range; the last range has no upper bound."""
    first = tables.keys(table)[0]
    size = HEAVY_ROWS if tables.is_heavy(table) else ROWS
    low = None
    while True:
        high = connection.scalar(
            select(first).where(Range(low, None).holds(table)).order_by(first).offset(size - 1).limit(1)
        )
        yield Range(low, high)
        if high is None:
            return
        low = high


def read(connection: Connection, table: Table, within: Range) -> Rows:
    """The rows of a range by their key. Raises `CopyError` naming a row that cannot be read."""
    try:
        found = connection.execute(select(table).where(within.holds(table))).mappings().all()
    except (ValueError, DBAPIError) as error:
        raise CopyError(_unreadable(connection, table, within) or f"{table.name} cannot be read: {error}") from error
    names = [column.name for column in tables.keys(table)]
    return {tuple(row[name] for name in names): row for row in found}


def read_keys(connection: Connection, table: Table, within: Range) -> set[Key]:
    """The keys of a range."""
    return {tuple(row) for row in connection.execute(select(*tables.keys(table)).where(within.holds(table)))}


def named(table: Table, key: Key) -> str:
    """A row in words: its table and its key."""
    columns = ", ".join(f"{column.name} {value}" for column, value in zip(tables.keys(table), key, strict=True))
    return f"{table.name}, {columns}"


def digest(row: RowMapping) -> bytes:
    """The hash of a row, the same on both kinds of database."""
    values = [_canonical(value) for value in row.values()]
    return hashlib.sha256(repr(values).encode("utf-8", "surrogatepass")).digest()


def digests(found: Rows) -> dict[Key, bytes]:
    """Each row's hash by its key."""
    return {key: digest(row) for key, row in found.items()}


def untaken(table: Table, key: Key, row: RowMapping) -> Iterator[str]:
    """Why PostgreSQL will not take a row that SQLite holds, as sentences."""
    for column in table.columns:
        value, where = row[column.name], f"{named(table, key)}: {column.name}"
        if any(UNTAKEN.search(text) for text in _texts(value)):
            yield f"{where} holds the character zero or half a character, which PostgreSQL does not take."
        longest = column.type.length if isinstance(column.type, String) else None
        if longest is not None and isinstance(value, str) and len(value) > longest:
            yield f"{where} has {len(value)} characters; PostgreSQL takes {longest} there."


def _unreadable(connection: Connection, table: Table, within: Range) -> str | None:
    for key in sorted(read_keys(connection, table, within)):
        this = zip(tables.keys(table), key, strict=True)
        try:
            connection.execute(select(table).where(*(column == value for column, value in this))).all()
        except (ValueError, DBAPIError) as error:
            return f"{named(table, key)} cannot be read: {str(error).partition(chr(10))[0]}. Mend it in FROM."
    return None


def _canonical(value: Any) -> Any:
    if isinstance(value, datetime):
        return (value.astimezone(UTC) if value.tzinfo else value).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes | memoryview):
        return hashlib.sha256(value).hexdigest()
    if isinstance(value, dict | list):
        return json.dumps(_even(value), sort_keys=True, ensure_ascii=False)
    return _even(value)


def _even(value: Any) -> Any:
    """JSON in which equal numbers look alike: PostgreSQL writes 1e3 as 1000, and leaves -0.0 without its sign."""
    if isinstance(value, dict):
        return {key: _even(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_even(each) for each in value]
    if isinstance(value, float) and value.is_integer() and abs(value) < EXACT:
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool) and EXACT <= abs(value) < 10**308:
        return float(value)
    return value


def _texts(value: Any) -> Iterator[str]:
    """Every text in a value, also as the name of something."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from chain(value, *(_texts(each) for each in value.values()))
    elif isinstance(value, list):
        yield from chain.from_iterable(_texts(each) for each in value)
