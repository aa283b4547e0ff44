"""Writes notes of what became of letters, each committed by itself, over one connection; it decides no fate.

A note does not wait for the disk, which may take longer than the mail server. A process that is killed loses none; a
machine or a PostgreSQL that dies may lose those of its last moments, at most of one batch: the claim of the next waits
for the disk, and for everything before it. A letter whose note is lost leaves once more, with the same Message-ID.
"""

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Dialect, Executable, Update
from sqlalchemy.exc import OperationalError

from intake.extensions import db

HURRY = {"postgresql": "SET synchronous_commit = off", "sqlite": "PRAGMA synchronous=NORMAL"}
CARE = {"postgresql": "RESET synchronous_commit", "sqlite": "PRAGMA synchronous=FULL"}
Note = tuple[Executable, Mapping[str, Any]]
_open: ContextVar["Notes | None"] = ContextVar("notes", default=None)


@dataclass(frozen=True, slots=True)
class _Spoken:
    """A statement as a driver takes it: its words, the values that are part of it, and what to make of each value."""

    words: str
    fixed: Mapping[str, Any]
    kinds: Sequence[tuple[str, Callable[[Any], Any]]]
    by_place: bool

    def filled(self, values: Mapping[str, Any]) -> Any:
        """The values, by their place or by their name."""
        known = {**self.fixed, **values}
        if self.by_place:
            return [kind(known[name]) for name, kind in self.kinds]
        return {name: kind(known[name]) for name, kind in self.kinds}


@lru_cache(maxsize=16)
def _spoken(statement: Update, dialect: Dialect) -> _Spoken:
    made = statement.compile(dialect=dialect)
    types = {name: value.type for value, name in made.bind_names.items()}
    kinds = [
        (name, types[name].dialect_impl(dialect).bind_processor(dialect) or _as_it_is)
        for name in made.positiontup or types
    ]
    return _Spoken(str(made), made.params, kinds, by_place=made.positional)


def _as_it_is(value: Any) -> Any:
    return value


class Notes:
    """A connection for notes, opened for the first one; after a failure the next note opens another."""

    def __init__(self) -> None:
        self._connection: Connection | None = None

    def write(self, fate: Update, values: Mapping[str, Any], *others: Note) -> int:
        """Run a statement, with others in one transaction; the number of rows that the first has changed."""
        connection = self._connection = self._connection or _connected()
        try:
            if not others:
                return _alone(connection, fate, values)
            return _together(connection, (fate, values), *others)
        except OperationalError:
            self._connection = None
            connection.invalidate()
            connection.close()
            raise

    def close(self) -> None:
        """Give the connection back as it was."""
        connection, self._connection = self._connection, None
        if connection is None:
            return
        try:
            _say(connection, CARE)
        except OperationalError:
            connection.invalidate()
        connection.close()


@contextlib.contextmanager
def notes() -> Iterator[Notes]:
    """The notes of the batch in which this is called, or some that end with the block."""
    found = _open.get()
    if found is not None:
        yield found
        return
    made = Notes()
    token = _open.set(made)
    try:
        yield made
    finally:
        _open.reset(token)
        made.close()


def _together(connection: Connection, *notes: Note) -> int:
    with connection.begin():
        changed = [connection.execute(*note).rowcount for note in notes]
    return changed[0]


def _alone(connection: Connection, fate: Update, values: Mapping[str, Any]) -> int:
    """One statement is a transaction of its own; said to the driver itself, it takes a fraction of the time."""
    spoken = _spoken(fate, connection.dialect)
    try:
        changed: int = _driver(connection).execute(spoken.words, spoken.filled(values)).rowcount
    except connection.dialect.loaded_dbapi.OperationalError as error:
        raise OperationalError(spoken.words, None, error) from error
    return changed


def _connected() -> Connection:
    connection = db.engine.connect()
    if connection.dialect.name == "postgresql":
        connection = connection.execution_options(isolation_level="AUTOCOMMIT")
    _say(connection, HURRY)
    return connection


def _say(connection: Connection, words: dict[str, str]) -> None:
    """To the driver itself: SQLite heeds this only outside a transaction."""
    _driver(connection).execute(words[connection.dialect.name])


def _driver(connection: Connection) -> Any:
    driver = connection.connection.driver_connection
    assert driver is not None, "a connection that is in use has one"  # noqa: S101
    return driver
