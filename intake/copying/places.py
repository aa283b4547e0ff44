"""Opens the two databases of a copy and refuses pairs that cannot be; what is copied it does not know."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from alembic.migration import MigrationContext
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import DBAPIError

from intake import config, storage
from intake.outside.readiness import newest_revision

ALONE = 7_402_116_553
"""The number of the lock on PostgreSQL that a copy holds, so that no two write into one database."""


class CopyError(Exception):
    """The copy cannot begin or go on; the sentence says why and how to mend it."""


@dataclass(frozen=True, slots=True)
class Pair:
    """The database that is read, all of it as it was at one moment, and the one that is written."""

    source: Connection
    target: Connection

    @property
    def origin(self) -> str:
        """Where the rows come from, in words without a password."""
        return storage.place(self.source.engine.url)


@contextlib.contextmanager
def opened(source: str, target: str) -> Iterator[Pair]:
    """Both databases, by addresses as in INTAKE_DATABASE_URL. Raises `CopyError`."""
    urls = [_url("FROM", source), _url("TO", target)]
    if _identity(urls[0]) == _identity(urls[1]):
        raise CopyError(f"FROM and TO are the same database, {storage.place(urls[0])}. Give TO another one.")
    with contextlib.ExitStack() as stack:
        reading, writing = (_engine(stack, url) for url in urls)
        storage.prepare(writing)
        pair = Pair(stack.enter_context(_moment(reading)), stack.enter_context(_connected("TO", writing)))
        _need_revision("FROM", pair.source)
        with pair.target.begin():
            _need_revision("TO", pair.target)
            _be_alone(pair)
        yield pair


def _url(argument: str, written: str) -> URL:
    try:
        url = make_url(config.database_url(written))
    except ValueError as error:
        raise CopyError(f"{argument}: {error}.") from error
    if url.get_backend_name() != "sqlite":
        return url
    file = Path(url.database or "")
    if not file.is_absolute():
        raise CopyError(f"{argument}: write the whole path of the file, with four slashes: sqlite:////FOLDER/FILE.")
    if not file.is_file():
        raise CopyError(f"{argument}: there is no file {file}.{_MAKE if argument == 'TO' else ''}")
    return url


_MAKE = " Make it with `intake db upgrade` under INTAKE_DATABASE_URL=TO."


def _identity(url: URL) -> tuple[Any, ...]:
    if url.get_backend_name() == "sqlite":
        return ("sqlite", Path(url.database or "").resolve())
    return ("postgresql", url.host or url.query.get("host"), url.port or 5432, url.database)


def _engine(stack: contextlib.ExitStack, url: URL) -> Engine:
    engine = create_engine(url, **config.engine_options(str(url)))
    stack.callback(engine.dispose)
    return engine


@contextlib.contextmanager
def _connected(argument: str, engine: Engine) -> Iterator[Connection]:
    try:
        connection = engine.connect()
    except DBAPIError as error:
        raise CopyError(f"{argument}: {storage.fault(engine.url, error)}") from error
    with connection:
        yield connection


@contextlib.contextmanager
def _moment(engine: Engine) -> Iterator[Connection]:
    """One transaction that only reads: others go on writing, and it does not see what they write."""
    if engine.dialect.name == "postgresql":
        options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        with _connected("FROM", engine) as connection:
            yield connection.execution_options(**options)
        return
    event.listen(engine, "connect", _read_whatever_it_holds)
    with _connected("FROM", engine.execution_options(isolation_level="AUTOCOMMIT")) as connection:
        connection.exec_driver_sql("BEGIN")
        try:
            yield connection
        finally:
            connection.exec_driver_sql("ROLLBACK")


def _read_whatever_it_holds(connection: Any, record: object) -> None:
    """Bytes that are no text come as lone surrogates, so that their row can be named."""
    connection.text_factory = lambda stored: stored.decode("utf-8", "surrogateescape")


def _need_revision(argument: str, connection: Connection) -> None:
    try:
        found, needed = MigrationContext.configure(connection).get_current_revision(), newest_revision()
    except DBAPIError as error:
        raise CopyError(f"{argument}: {storage.fault(connection.engine.url, error)}") from error
    if found != needed:
        raise CopyError(
            f"{argument}, {storage.place(connection.engine.url)}, is at revision {found or 'none'}, "
            f"needed is {needed}. Run `intake db upgrade` under INTAKE_DATABASE_URL={argument}."
        )


def _be_alone(pair: Pair) -> None:
    """Also finds that two addresses name one database, which then has the lock of its reader."""
    if pair.source.dialect.name == "postgresql":
        pair.source.execute(text("SELECT pg_try_advisory_lock_shared(:number)"), {"number": ALONE})
    if pair.target.dialect.name == "postgresql" and not pair.target.scalar(
        text("SELECT pg_try_advisory_lock(:number)"), {"number": ALONE}
    ):
        raise CopyError("TO is the same database as FROM, or another copy into it is running. Wait for its end.")
