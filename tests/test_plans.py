"""The database finds what a page or a step needs by an index: no statement walks through a table that grows.

On PostgreSQL with enough expressions that its planner has a reason to choose.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade
from sqlalchemy import event, select

from intake import create_app, people
from intake.extensions import db
from intake.models import Expression
from intake.notifications import leases
from tests import loading
from tests.applicants import walking
from tests.environment import fresh_postgres
from tests.screening import visits
from workflows.expression import State

EXPRESSIONS = 20_000
GROWING = ("expressions", "history", "letters", "access_links", "holders", "search_words", "verdicts")
WALK = re.compile(rf"Seq Scan on ({'|'.join(GROWING)})\b")
STOPS_SOON = re.compile(r"Limit .*\n  ->  Seq Scan on search_words\b")
"""The first of many that hold a common word: there the walk ends after a few pages, and the planner knows."""
STAFF = {"email": "staff@example.org", "password": "only for these tests"}
Work = Callable[[FlaskClient], None]


@pytest.fixture(scope="module")
def grown(programme_file: Path, worker_id: str) -> Iterator[Flask]:
    """The application on a database with many expressions."""
    with fresh_postgres(f"plans_{worker_id}") as url:
        settings = {
            "INTAKE_SECRET_KEY": "only for tests, only for tests, only for tests",
            "INTAKE_DATABASE_URL": url,
            "INTAKE_PROGRAMME": str(programme_file),
            "INTAKE_RATE_LIMITS": "no",
            "INTAKE_FORM_SECONDS": "0",
            "INTAKE_SECOND_FACTOR": "none",
            "INTAKE_MAIL_EMBEDDED": "no",
        }
        app = create_app(settings, {"TESTING": True, "WTF_CSRF_ENABLED": False})
        with app.app_context():
            upgrade()
            loading.load(EXPRESSIONS)
            people.put(STAFF["email"], name="Staff", roles=["screener", "secretariat"], password=STAFF["password"])
            yield app
            db.session.remove()
            db.engine.dispose()


def submission(browser: FlaskClient) -> None:
    made = walking.begin(browser)
    walking.fill(browser, made)
    assert walking.send(browser, made).status_code == 303


def applicants_page(browser: FlaskClient) -> None:
    held = db.session.scalars(select(Expression).where(Expression.reference == loading.reference(7_000))).one()
    walking.hold(browser, held)
    assert browser.get(walking.address(held)).status_code == 200


def link_asked_for(browser: FlaskClient) -> None:
    assert browser.post("/link", data={"email": "7000@example.org"}).status_code in {200, 303}


def queue(browser: FlaskClient) -> None:
    assert browser.get("/staff/queue").status_code == 200


def search(browser: FlaskClient) -> None:
    for sought in (loading.RARE, loading.COMMON, f"{loading.COMMON} {loading.VOCABULARY[1]}"):
        assert browser.get("/staff/queue", query_string={"state": "all", "q": sought}).status_code == 200


def step(browser: FlaskClient) -> None:
    screened = db.session.scalars(select(Expression).where(Expression.state == State.SCREENED).limit(1)).one()
    assert browser.get(f"/staff/expressions/{screened.reference}").status_code == 200
    assert visits.send(browser, screened, "assign", focus_area="access").status_code == 303


def delivery(_browser: FlaskClient) -> None:
    leases.give_back(leases.claim(50))


@pytest.mark.parametrize("work", [submission, applicants_page, link_asked_for, queue, search, step, delivery])
def test_no_statement_walks_through_a_table_that_grows(grown: Flask, work: Work) -> None:
    browser = grown.test_client()
    visits.forget()
    browser.post("/staff/login", data=STAFF)

    with explained() as plans:
        work(browser)

    assert plans
    assert [(statement, plan) for statement, plan in plans if walks(plan)] == []


def test_a_statement_without_an_index_is_noticed(grown: Flask) -> None:
    with explained() as plans:
        db.session.execute(select(Expression.id).where(Expression.website == "https://example.org"))

    assert [walks(plan) for _statement, plan in plans] == [True]


def walks(plan: str) -> bool:
    """Whether a plan reads a growing table from its beginning to its end."""
    return bool(WALK.search(plan)) and not STOPS_SOON.match(plan)


@contextmanager
def explained() -> Iterator[list[tuple[str, str]]]:
    """Each statement that is sent inside the block with the plan that the database made for it."""
    found: list[tuple[str, str]] = []

    def explain(connection: Any, cursor: Any, statement: str, parameters: Any, _context: Any, many: bool) -> None:
        if many or statement.split()[0].upper() not in {"SELECT", "UPDATE", "DELETE", "WITH"}:
            return
        with cursor.connection.cursor() as aside:
            aside.execute(f"EXPLAIN {statement}", parameters)
            found.append((statement, "\n".join(line[0] for line in aside)))

    event.listen(db.engine, "before_cursor_execute", explain)
    try:
        yield found
    finally:
        event.remove(db.engine, "before_cursor_execute", explain)
        db.session.rollback()
