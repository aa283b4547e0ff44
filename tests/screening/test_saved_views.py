"""Saved views: kept under a name, renamed, replaced, deleted; nobody else's, and not without end."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from intake.extensions import db
from intake.models import SavedView, User
from tests.screening.visits import forget
from workflows.people import Role

SignIn = Callable[[Role], FlaskClient]
Account = Callable[[Role], User]
QUERY = "state=all&category=academia"


def kept() -> list[tuple[str, str]]:
    """Name and query of every view."""
    return [(view.name, view.query) for view in db.session.query(SavedView).order_by(SavedView.id)]


def save(browser: FlaskClient, name: str = "Universities", query: str = QUERY, **more: str) -> int:
    return browser.post("/staff/views", data={"name": name, "query": query, **more}).status_code


@pytest.fixture
def view(account: Account) -> SavedView:
    """A view of the screener."""
    made = SavedView(user_id=account(Role.SCREENER).id, name="Universities", query=QUERY)
    db.session.add(made)
    db.session.commit()
    return made


def test_a_saved_view_stands_above_the_queue_and_opens_it(sign_in: SignIn) -> None:
    browser = sign_in(Role.SCREENER)

    answer = browser.post("/staff/views", data={"name": "Universities", "query": f"{QUERY}&from=n1-1&sort=oldest"})
    page = browser.get(answer.location).text

    assert (answer.status_code, answer.location) == (303, f"/staff/queue?{QUERY}")
    assert kept() == [("Universities", QUERY)]
    assert 'href="/staff/queue?state=all&amp;category=academia" aria-current="page"><bdi>Universities</bdi>' in page
    assert "Rename or delete this view" in page


def test_what_a_view_does_not_know_is_not_kept(sign_in: SignIn) -> None:
    save(sign_in(Role.SCREENER), query="state=nowhere&evil=1&q=%00fish&country=TUV")

    assert kept() == [("Universities", "state=open&q=fish&country=TUV")]


def test_a_name_that_is_taken_is_replaced_after_a_question(view: SavedView, sign_in: SignIn) -> None:
    browser = sign_in(Role.SCREENER)

    asked = browser.post("/staff/views", data={"name": "universities", "query": "state=open"})
    between = kept()
    replaced = save(browser, "universities", "state=open", sure="yes")

    assert (asked.status_code, between) == (409, [("Universities", QUERY)])
    assert "You have a view of this name already" in asked.text
    assert (replaced, kept()) == (303, [("universities", "state=open")])


@pytest.mark.parametrize(
    ("name", "said"), [("", "Give the view a name."), ("x" * 81, "80"), ("a\x00b", "There is a problem")]
)
def test_a_view_needs_a_name(name: str, said: str, sign_in: SignIn) -> None:
    answer = sign_in(Role.SCREENER).post("/staff/views", data={"name": name, "query": QUERY})

    assert answer.status_code == 422
    assert said in answer.text
    assert kept() == []


def test_thirty_views_are_the_most(sign_in: SignIn, account: Account) -> None:
    me = account(Role.SCREENER).id
    db.session.add_all(SavedView(user_id=me, name=f"View {number}", query="state=all") for number in range(30))
    db.session.commit()
    browser = sign_in(Role.SCREENER)

    answer = browser.post("/staff/views", data={"name": "One more", "query": QUERY})

    assert answer.status_code == 409
    assert "You keep 30 views, which is the most. Delete one first." in answer.text
    assert save(browser, "View 7", QUERY, sure="yes") == 303


def test_a_view_is_renamed(view: SavedView, sign_in: SignIn) -> None:
    browser = sign_in(Role.SCREENER)
    save(browser, "Open", "state=open")

    refused = browser.post(f"/staff/views/{view.id}", data={"name": "OPEN"})
    answer = browser.post(f"/staff/views/{view.id}", data={"name": "Academia", "query": "state=draft"})

    assert (refused.status_code, answer.status_code) == (409, 303)
    assert kept() == [("Academia", QUERY), ("Open", "state=open")]


def test_a_view_is_deleted_after_a_question(view: SavedView, sign_in: SignIn) -> None:
    browser = sign_in(Role.SCREENER)

    asked = browser.post(f"/staff/views/{view.id}/delete").text
    between = kept()
    answer = browser.post(f"/staff/views/{view.id}/delete", data={"sure": "yes"})

    assert "Delete this view?" in asked
    assert between == [("Universities", QUERY)]
    assert (answer.status_code, kept()) == (303, [])


def test_the_view_of_another_person_is_not_there(view: SavedView, sign_in: SignIn) -> None:
    key = view.id
    forget()
    browser = sign_in(Role.SECRETARIAT)

    answers = [
        browser.get(f"/staff/views/{key}"),
        browser.post(f"/staff/views/{key}", data={"name": "Mine now"}),
        browser.post(f"/staff/views/{key}/delete", data={"sure": "yes"}),
    ]

    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert "Universities" not in browser.get("/staff/queue").text
    assert kept() == [("Universities", QUERY)]
    assert save(browser) == 303


def test_a_long_search_of_any_letters_can_be_kept(sign_in: SignIn) -> None:
    browser = sign_in(Role.SCREENER)

    assert browser.get("/staff/queue", query_string={"q": "数" * 200}).status_code == 200
    assert browser.post("/staff/views", data={"name": "Long", "query": "q=" + "%F0%A0%80%80" * 200}).status_code == 303
    assert len(kept()[0][1]) == len("state=open&q=") + 12 * 200
