"""What the machine offers the tests: databases and a browser; it installs nothing and starts nothing.

A test that lacks something is skipped by name, with the reason and the one command that mends it.
"""

import getpass
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import URL, make_url

SETTING = "INTAKE_TEST_POSTGRES_URL"
ENABLE_POSTGRES = (
    "to enable: apt-get install -y postgresql && service postgresql start && "
    'su postgres -c "createuser --superuser $(id -un)"'
)
ENABLE_CHROMIUM = "to enable: apt-get install -y chromium"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
DATABASES = ("sqlite", "postgresql")


def pytest_report_header() -> list[str]:
    """Says at the top of every run what it will cover."""
    url, words = _postgres()
    databases = f"SQLite and {words}" if url else f"SQLite only: {words} ({_mend()})"
    return [f"databases: {databases}", f"browser: {chromium_path() or f'none ({ENABLE_CHROMIUM})'}"]


def databases() -> list[str]:
    """The databases that answer here. Parametrise over `DATABASES` instead, so that an absent one shows as skipped."""
    return ["sqlite", "postgresql"] if postgres_url() else ["sqlite"]


def postgres_url() -> str | None:
    """A server where databases may be made: the one named by INTAKE_TEST_POSTGRES_URL, else one on this machine."""
    return _postgres()[0]


def chromium_path() -> str | None:
    return next((path for path in map(shutil.which, BROWSERS) if path), None)


def skip_without_postgres() -> None:
    url, words = _postgres()
    if url is None:
        pytest.skip(f"{words} ({_mend()})")


def skip_without_chromium() -> str:
    """The browser's path; without a browser the test ends here."""
    path = chromium_path()
    if path is None:
        pytest.skip(f"no Chromium on the PATH ({ENABLE_CHROMIUM})")
    return path


@contextmanager
def fresh_postgres(worker_id: str) -> Iterator[str]:
    """The SQLAlchemy URL of an empty database that is dropped at the end, whoever is still connected.

    One at a time for each `worker_id`.
    """
    skip_without_postgres()
    server = make_url(postgres_url() or "")
    name = f"intake_test_{os.getpid()}_{worker_id}"
    _administer(server, "CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'", name)
    try:
        yield _written(server.set(database=name))
    finally:
        _administer(server, "DROP DATABASE {} WITH (FORCE)", name)


@cache
def _postgres() -> tuple[str | None, str]:
    """The server's URL, or None, and what to say of it."""
    refusals = []
    for server in _candidates():
        try:
            with _connect(server) as connection:
                version = connection.info.parameter_status("server_version") or "of unknown version"
        except psycopg.OperationalError as error:
            refusals.append(_refusal(server, error))
        else:
            return _written(server), f"PostgreSQL {version.split()[0]} at {_place(server)}"
    return None, refusals[0]


def _candidates() -> list[URL]:
    """The named server alone when there is one; else TCP, then Debian's socket, which asks for no password."""
    named = os.environ.get(SETTING)
    if named:
        return [make_url(named).set(drivername="postgresql+psycopg")]
    local = URL.create("postgresql+psycopg", username=getpass.getuser(), database="postgres")
    return [local.set(host="127.0.0.1", port=5432), local.set(query={"host": "/var/run/postgresql"})]


def _connect(server: URL) -> psycopg.Connection:
    plain = _written(server.set(drivername="postgresql"))
    return psycopg.connect(plain, autocommit=True, connect_timeout=1)


def _refusal(server: URL, error: psycopg.OperationalError) -> str:
    if "refused" in str(error) or "No such file" in str(error):
        return f"no PostgreSQL on {_place(server)}"
    last_line = str(error).strip().splitlines()[-1].strip()
    return f"PostgreSQL on {_place(server)} does not let {server.username or 'us'} in: {last_line}"


def _mend() -> str:
    return f"{SETTING} names that server: start it, or unset that" if os.environ.get(SETTING) else ENABLE_POSTGRES


def _place(server: URL) -> str:
    return f"{server.host}:{server.port or 5432}" if server.host else str(server.query.get("host", "the local socket"))


def _written(url: URL) -> str:
    return url.render_as_string(hide_password=False)


def _administer(server: URL, statement: str, name: str) -> None:
    with _connect(server) as connection:
        connection.execute(sql.SQL(statement).format(sql.Identifier(name)))
