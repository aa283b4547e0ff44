"""What every test may ask for: the application on each database, people, expressions, a browser of forms."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import html5lib
import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade
from sqlalchemy import text
from werkzeug.test import TestResponse

from intake import create_app
from intake.documents import storing
from intake.extensions import accounts, db, limiter
from intake.models import Base, Expression, User
from intake.programme import demonstration_text
from tests import making
from tests.environment import DATABASES, fresh_postgres, pytest_report_header
from workflows.people import Role

__all__ = ["pytest_report_header"]
PASSWORD = "a long enough password"


@pytest.fixture(scope="session")
def programme_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A programme whose call is open today, with few seats."""
    path = tmp_path_factory.mktemp("programme") / "open.toml"
    path.write_text(demonstration_text(datetime.now(UTC).date()), encoding="utf-8")
    return path


@pytest.fixture(scope="session", params=DATABASES)
def database_url(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, worker_id: str
) -> Iterator[str]:
    """An empty database of each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path_factory.mktemp('database') / 'intake.sqlite3'}"
        return
    with fresh_postgres(worker_id) as url:
        yield url


@pytest.fixture(scope="session")
def environment(database_url: str, programme_file: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The settings of the application under test."""
    return {
        "INTAKE_SECRET_KEY": "only for tests, only for tests, only for tests",
        "INTAKE_DATABASE_URL": database_url,
        "INTAKE_PROGRAMME": str(programme_file),
        "INTAKE_BASE_URL": "http://intake.example.org",
        "INTAKE_RATE_LIMITS": "no",
        "INTAKE_FORM_SECONDS": "0",
        "INTAKE_SECOND_FACTOR": "none",
        "INTAKE_MAIL_EMBEDDED": "no",
        "INTAKE_DOCUMENTS": str(tmp_path_factory.mktemp("documents")),
    }


@pytest.fixture(scope="session")
def migrated_app(environment: dict[str, str]) -> Iterator[Flask]:
    """The application on a database that the migrations made."""
    app = create_app(environment, {"TESTING": True})
    with app.app_context():
        upgrade()
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def app(migrated_app: Flask) -> Iterator[Flask]:
    """The application on an empty, migrated database; an application context is open."""
    limiter.enabled = migrated_app.config["RATELIMIT_ENABLED"]  # another application may have been made meanwhile
    with migrated_app.app_context():
        _empty()
        for key in list(storing.keys()):
            storing.remove(key)
        yield migrated_app
        db.session.rollback()
        db.session.remove()


def _empty() -> None:
    with db.engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            names = ", ".join(f'"{table.name}"' for table in Base.metadata.sorted_tables)
            connection.execute(text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))
            return
        for table in reversed(Base.metadata.sorted_tables):
            connection.execute(table.delete())


@pytest.fixture
def another(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Flask]]:
    """Makes applications with other settings, to which a test may add views of its own."""
    made: list[Flask] = []

    def make(**settings: str) -> Flask:
        made.append(create_app({**environment, **settings}, {"WTF_CSRF_ENABLED": False}))
        return made[-1]

    for name in ("enabled", "initialized", "_storage", "_limiter"):
        monkeypatch.setattr(limiter, name, getattr(limiter, name))
    yield make
    for each in made:
        with each.app_context():
            db.session.remove()
            db.engine.dispose()


class StrictClient(FlaskClient):
    """A client that fails on malformed HTML and on a page for which the server made an error."""

    def open(self, *args: object, **kwargs: object) -> TestResponse:
        """Send a request and read the HTML of the answer strictly."""
        response = super().open(*args, **kwargs)
        if response.mimetype == "text/html" and response.data:
            html5lib.HTMLParser(strict=True).parse(response.get_data(as_text=True))
        assert response.status_code != 500, response.get_data(as_text=True)
        return response


@pytest.fixture
def client(app: Flask, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    """A browser without JavaScript; forms need no CSRF token (a test of its own shows that they do outside)."""
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    app.test_client_class = StrictClient
    return app.test_client()


@pytest.fixture
def expression(app: Flask) -> Callable[..., Expression]:
    """Makes a stored, complete expression; see `tests.making.expression`."""
    return making.expression


@pytest.fixture
def account(app: Flask) -> Callable[[Role], User]:
    """Makes a member of staff with one role, or gives the one that exists."""

    def make(role: Role) -> User:
        email = f"{role}@example.org"
        found = accounts.find_user(email=email)
        if found is None:
            accounts.find_or_create_role(role.value)
            found = accounts.create_user(email=email, name=f"The {role}", password=PASSWORD, roles=[role.value])
            db.session.commit()
        return found

    return make


@pytest.fixture
def sign_in(client: FlaskClient, account: Callable[[Role], User]) -> Callable[[Role], FlaskClient]:
    """Signs a member of staff in and gives the browser."""

    def enter(role: Role) -> FlaskClient:
        user = account(role)
        answer = client.post("/staff/login", data={"email": user.email, "password": PASSWORD})
        assert answer.status_code in {302, 303}
        return client

    return enter
