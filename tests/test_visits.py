"""Who opened an expression lately: noted in passing, shown to colleagues, and never in anybody's way."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text, update

from intake import storage, visits
from intake.extensions import db
from intake.models import Expression, User, Visit, now
from intake.visits import Visitor
from tests.conftest import PASSWORD
from tests.screening.visits import forget
from tests.statements import counted
from workflows.people import Role

Make = Callable[..., Expression]
Account = Callable[[Role], User]
SCREENER, SECRETARIAT = Role.SCREENER, Role.SECRETARIAT


def only(kind: type[Any]) -> Any:
    """The one row of a table, read anew."""
    db.session.rollback()
    return db.session.scalars(select(kind)).one()


def seen_ago(**ago: float) -> None:
    """Move every visit into the past."""
    db.session.execute(update(Visit).values(opened_at=now() - timedelta(**ago)))
    db.session.commit()


@contextmanager
def busy() -> Iterator[None]:
    """Somebody else is in the middle of writing to the expressions."""
    with db.engine.connect() as other:
        with storage.writing():
            other.execute(text("UPDATE expressions SET fictitious = fictitious"))
        yield


def test_a_visit_is_shown_to_colleagues_with_role_and_minutes_and_not_to_oneself(
    expression: Make, account: Account
) -> None:
    ghana, screener, secretariat = expression(), account(SCREENER), account(SECRETARIAT)

    visits.note(ghana, screener)
    seen_ago(minutes=2, seconds=5)

    assert visits.others(ghana, secretariat) == [Visitor("The screener", ("screener",), 2)]
    assert visits.others(ghana, screener) == []


@pytest.mark.parametrize(("minutes", "shown"), [(14, 1), (16, 0)])
def test_a_visit_is_shown_for_a_quarter_of_an_hour(
    minutes: int, shown: int, expression: Make, account: Account
) -> None:
    ghana = expression()
    visits.note(ghana, account(SCREENER))
    seen_ago(minutes=minutes)

    assert len(visits.others(ghana, account(SECRETARIAT))) == shown


def test_a_visit_is_written_once_a_minute(expression: Make, account: Account) -> None:
    ghana, screener = expression(), account(SCREENER)
    visits.note(ghana, screener)
    first = only(Visit).opened_at

    with counted() as within_the_minute:
        visits.note(ghana, screener)
    unchanged = only(Visit).opened_at
    seen_ago(minutes=1, seconds=1)
    visits.note(ghana, screener)

    assert [each.split()[0] for each in within_the_minute if "visits" in each] == ["SELECT"]
    assert (unchanged, only(Visit).opened_at > first) == (first, True)


@pytest.mark.parametrize(
    ("has_screener", "visitor", "unread"),
    [
        (False, SECRETARIAT, False),
        (True, SCREENER, False),
        (True, SECRETARIAT, True),
    ],
)
def test_what_is_new_counts_as_read_when_its_screener_opens_it_or_anybody_where_there_is_none(
    has_screener: bool, visitor: Role, unread: bool, expression: Make, account: Account
) -> None:
    screener = account(SCREENER).id if has_screener else None
    ghana = expression(unread=True, screener_id=screener)
    version, changed_at = ghana.version, ghana.updated_at

    visits.note(ghana, account(visitor))

    found = only(Expression)
    assert (found.unread, found.version, found.updated_at) == (unread, version, changed_at)


def test_a_busy_database_leaves_the_visit_out_and_the_page_does_not_fail(
    app: Flask, expression: Make, account: Account
) -> None:
    pair = {"expression_id": expression(unread=True).id, "user_id": account(SCREENER).id}
    forget()

    with app.test_request_context(), busy():
        visits.note(Expression(id=pair["expression_id"], unread=True), User(id=pair["user_id"]))

    assert db.session.scalars(select(Visit)).all() == []
    assert only(Expression).unread


@pytest.fixture
def open_as(app: Flask, client: FlaskClient, account: Account) -> Callable[[Role, str], str]:
    """Opens a page as somebody with a browser of their own."""

    def opened(role: Role, address: str) -> str:
        email = account(role).email
        forget()
        browser = app.test_client()
        answer = browser.post("/staff/login", data={"email": email, "password": PASSWORD})
        assert answer.status_code == 302, answer.text
        forget()
        page = browser.get(address)
        assert page.status_code == 200
        forget()
        return page.text

    return opened


def test_pages_of_an_expression_and_of_its_steps_note_and_show_who_looked(
    expression: Make, open_as: Callable[[Role, str], str]
) -> None:
    address = f"/staff/expressions/{expression().reference}"
    open_as(SCREENER, f"{address}/decline")

    theirs = [open_as(SECRETARIAT, address), open_as(SECRETARIAT, f"{address}/decline")]
    seen_ago(minutes=3)
    mine = open_as(SCREENER, address)

    assert ["The screener (screener) opened this just now." in page for page in theirs] == [True, True]
    assert "The secretariat (secretariat) opened this 3 minutes ago." in mine
    assert "The screener (screener) opened" not in mine
