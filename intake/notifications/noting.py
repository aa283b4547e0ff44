"""Writes notes of what became of letters, each committed by itself, over one connection; it decides no fate.

A note does not wait for the disk, which may take longer than the mail server. A process that is killed loses none; a
machine or a PostgreSQL that dies may lose those of its last moments, at most of one batch: the claim of the next waits
for the disk, and for everything before it. A letter whose note is lost leaves once more, with the same Message-ID.
"""

import contextlib
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from typing import Any

from sqlalchemy import Connection, Executable
from sqlalchemy.exc import OperationalError

from intake.extensions import db

HURRY = {"postgresql": "SET synchronous_commit = off", "sqlite": "PRAGMA synchronous=NORMAL"}
CARE = {"postgresql": "RESET synchronous_commit", "sqlite": "PRAGMA synchronous=FULL"}
_open: ContextVar["Notes | None"] = ContextVar("notes", default=None)


class Notes:
    """A connection for notes, opened for the first one; after a failure the next note opens another."""

    def __init__(self) -> None:
        self._connection: Connection | None = None

    def write(self, *statements: tuple[Executable, Mapping[str, Any]]) -> int:
        """Run them in one transaction; the number of rows that the first has changed."""
        connection = self._connection = self._connection or _connected()
        try:
            with connection.begin():
                changed = [connection.execute(*statement).rowcount for statement in statements]
        except OperationalError:
            self._connection = None
            connection.invalidate()
            connection.close()
            raise
        return changed[0]

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


def _connected() -> Connection:
    connection = db.engine.connect()
    if connection.dialect.name == "postgresql":
        connection = connection.execution_options(isolation_level="AUTOCOMMIT")
    _say(connection, HURRY)
    return connection


def _say(connection: Connection, words: dict[str, str]) -> None:
    """To the driver itself: SQLite heeds this only outside a transaction."""
    driver = connection.connection.driver_connection
    assert driver is not None, "a connection that is in use has one"  # noqa: S101
    driver.execute(words[connection.dialect.name])
