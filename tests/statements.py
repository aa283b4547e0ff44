"""Counts the statements that a piece of code sends to the database, for tests of pages with a bounded number."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from intake.extensions import db


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements sent inside the block, savepoints and pragmas left out. An application context must be open."""
    found: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.split()[0].upper() in {"SELECT", "INSERT", "UPDATE", "DELETE", "WITH"}:
            found.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
