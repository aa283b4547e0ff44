"""How a database is opened and how transactions begin on it; it knows no tables."""

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Any

from flask import has_request_context, request
from psycopg.pq import ExecStatus, TransactionStatus
from sqlalchemy import URL, Connection, Engine, event
from sqlalchemy.exc import DBAPIError

SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
SQLITE_WAIT_SECONDS = 30
PASSING_WAIT_MILLISECONDS = 100

LACKS_TABLES = frozenset({"42P01", "42703", "3F000"})
"""What PostgreSQL says of a table, a column or a schema that is not there."""

_writes: ContextVar[bool] = ContextVar("writes", default=False)
_reads: ContextVar[bool] = ContextVar("reads", default=False)


@contextlib.contextmanager
def writing() -> Iterator[None]:
    """Inside, transactions may write although the request only reads: a rehearsal, or a note of who looks."""
    token = _writes.set(True)
    try:
        yield
    finally:
        _writes.reset(token)


@contextlib.contextmanager
def reading() -> Iterator[None]:
    """Inside, transactions only read, outside of requests too, so that on SQLite they keep no writer waiting."""
    token = _reads.set(True)
    try:
        yield
    finally:
        _reads.reset(token)


@contextlib.contextmanager
def in_passing(engine: Engine) -> Iterator[Connection]:
    """A small transaction of its own, beside the session's, for what may be left out: it hardly waits for others.

    Raises `OperationalError` when another writer is in the way.
    """
    with writing(), engine.connect() as connection, _hardly_waiting(connection), connection.begin():
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = {PASSING_WAIT_MILLISECONDS}")
        yield connection


@contextlib.contextmanager
def _hardly_waiting(connection: Connection) -> Iterator[None]:
    """SQLite keeps its patience in the connection, which goes back to the pool with the usual one."""
    driver = connection.connection.driver_connection if connection.dialect.name == "sqlite" else None
    if driver is None:
        yield
        return
    driver.execute(f"PRAGMA busy_timeout={PASSING_WAIT_MILLISECONDS}")
    try:
        yield
    finally:
        driver.execute(f"PRAGMA busy_timeout={SQLITE_WAIT_SECONDS * 1000}")


def _reads_only() -> bool:
    if has_request_context():
        return request.method in SAFE_METHODS and not _writes.get()
    return _reads.get()


def prepare(engine: Engine) -> None:
    """Give SQLite durable write-ahead logging, foreign keys and one rule for transactions, PostgreSQL kept plans.

    A transaction that begins by reading and then writes fails at once when another writer was faster, so every
    transaction on SQLite takes the write lock as it begins, except in a request that only reads (see `writing`).
    """
    if engine.dialect.name != "sqlite":
        engine.dialect.do_rollback = _roll_back  # type: ignore[method-assign, assignment]
        return
    event.listen(engine, "connect", _open_sqlite)
    event.listen(engine, "begin", _begin_sqlite)


def _roll_back(connection: Any) -> None:
    """End a transaction in which nothing went wrong without the driver's forgetting what it has prepared.

    Every request that only reads ends so; psycopg then has each statement planned anew, which takes longer than to run
    it. It forgets because a table made in the transaction is gone: here, no request makes any.
    """
    driver = connection.driver_connection.pgconn
    if (
        driver.transaction_status != TransactionStatus.INTRANS
        or driver.exec_(b"ROLLBACK").status != ExecStatus.COMMAND_OK
    ):
        connection.rollback()


def _open_sqlite(connection: Any, record: object) -> None:
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute(f"PRAGMA busy_timeout={SQLITE_WAIT_SECONDS * 1000}")


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN" if _reads_only() else "BEGIN IMMEDIATE")


def place(url: URL) -> str:
    """Where a database is, in words that hold neither account nor password."""
    if url.get_backend_name() == "sqlite":
        return f"SQLite in {url.database}"
    return f"PostgreSQL at {url.host or url.query.get('host', 'the local socket')}:{url.port or 5432}, {url.database}"


def words(error: Exception) -> str:
    """What a database says, or its driver, without the lines after the first, which may quote values of rows."""
    return str(getattr(error, "orig", None) or error).partition("\n")[0]


def fault(url: URL, error: DBAPIError) -> str:
    """Why a database cannot be used, in a sentence for the administrator that names the setting."""
    said = words(error)
    if getattr(error.orig, "sqlstate", None) in LACKS_TABLES or said.startswith("no such "):
        return f"The database ({place(url)}) lacks tables of this version. Run `intake db upgrade`. It says: {said}"
    return f"INTAKE_DATABASE_URL: the database ({place(url)}) does not answer: {said}"
