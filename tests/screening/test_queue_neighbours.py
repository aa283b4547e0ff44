"""From the queue to an expression, to the ones beside it and back; and the next one that nobody has taken."""

import threading
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict

from intake.extensions import db
from intake.models import Conflict, ConflictKind, Expression, User
from intake.screening import filtering, listing
from tests.screening.test_queue import days_ago, link
from tests.screening.visits import forget
from tests.statements import counted
from workflows.expression import State
from workflows.people import Role

Make = Callable[..., Expression]
SignIn = Callable[[Role], FlaskClient]
Account = Callable[[Role], User]


@pytest.fixture
def three(expression: Make) -> list[str]:
    """References of three expressions of academia, oldest first, with others between them."""
    references = []
    for age in (9, 6, 3):
        references.append(expression(category="academia", submitted_at=days_ago(age)).reference)
        expression(submitted_at=days_ago(age - 1))
    return references


def reference_of(address: str) -> str:
    return urlsplit(address).path.rsplit("/", 1)[1]


@pytest.mark.parametrize("most", [0, 1_000])
def test_previous_and_next_stay_within_the_filter(
    most: int, three: list[str], sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("intake.screening.listing.MOST", most)
    browser = sign_in(Role.SCREENER)
    queue = browser.get("/staff/queue?category=academia").text
    first = queue.split('<th scope="row">')[1].split('href="')[1].split('"')[0].replace("&amp;", "&")

    middle = link(browser.get(first).text, "next")
    page = browser.get(middle).text
    last = browser.get(link(page, "next")).text

    assert [reference_of(each) for each in (first, middle, link(page, "next"))] == three
    assert reference_of(link(page, "prev")) == three[0]
    assert 'rel="next"' not in last
    assert 'href="/staff/queue?state=open&amp;category=academia">Back to the queue</a>' in last


def test_one_that_left_the_filter_still_has_its_neighbours(three: list[str], sign_in: SignIn) -> None:
    gone = db.session.query(Expression).filter_by(reference=three[1]).one()
    gone.category = "private_sector"
    db.session.commit()

    page = sign_in(Role.SCREENER).get(f"/staff/expressions/{three[1]}?view=category%3Dacademia").text

    assert [reference_of(link(page, rel)) for rel in ("prev", "next")] == [three[0], three[2]]


def test_without_a_filter_in_the_address_the_last_queue_counts(three: list[str], sign_in: SignIn) -> None:
    browser = sign_in(Role.SCREENER)
    before = browser.get(f"/staff/expressions/{three[0]}").text
    browser.get("/staff/queue?category=academia")

    after = browser.get(f"/staff/expressions/{three[0]}").text

    assert "Back to the queue" not in before
    assert reference_of(link(after, "next")) == three[1]


@pytest.mark.parametrize(
    "view", ["%00%ff", "state=draft&x=y", "q=" + "x" * 4000, "sort=name&from=n%00-1", "&&&=", "a" * 9]
)
def test_a_hostile_view_is_as_good_as_none(view: str, three: list[str], sign_in: SignIn) -> None:
    answer = sign_in(Role.SCREENER).get(f"/staff/expressions/{three[0]}", query_string={"view": view})

    assert answer.status_code == 200
    assert "Back to the queue" in answer.text


def test_neighbours_take_at_most_five_statements(three: list[str], sign_in: SignIn) -> None:
    browser = sign_in(Role.SCREENER)
    address = f"/staff/expressions/{three[1]}"
    browser.get(address)

    with counted() as without:
        browser.get(address)
    with counted() as with_them:
        browser.get(address, query_string={"view": "state=all&category=academia&q=school"})

    assert len(with_them) - len(without) <= 5


def take(browser: FlaskClient, query: str = "") -> Any:
    """Take the next one within a filter."""
    return browser.post(f"/staff/queue/next?{query}")


def screener_of(reference: str) -> int | None:
    return db.session.query(Expression.screener_id).filter_by(reference=reference).scalar()


def test_the_next_one_is_the_oldest_submitted_that_nobody_has(
    expression: Make, sign_in: SignIn, account: Account
) -> None:
    other, me = account(Role.SECRETARIAT).id, account(Role.SCREENER).id
    expression(submitted_at=days_ago(9), screener_id=other)
    expression(State.RETURNED, submitted_at=days_ago(8))
    wanted = expression(submitted_at=days_ago(5)).reference
    expression(submitted_at=days_ago(4))

    answer = take(sign_in(Role.SCREENER))

    assert (answer.status_code, reference_of(answer.location)) == (303, wanted)
    assert screener_of(wanted) == me


def test_the_next_one_is_within_the_filter_which_is_kept(three: list[str], expression: Make, sign_in: SignIn) -> None:
    expression(submitted_at=days_ago(20))

    answer = take(sign_in(Role.SCREENER), "category=academia&q=school")

    assert reference_of(answer.location) == three[0]
    view = dict(parse_qsl(urlsplit(answer.location).query))["view"]
    assert dict(parse_qsl(view)) == {"state": "open", "q": "school", "category": "academia"}


def test_one_with_a_conflict_of_interest_is_passed_over(expression: Make, sign_in: SignIn, account: Account) -> None:
    mine = expression(submitted_at=days_ago(9))
    wanted = expression(submitted_at=days_ago(5)).reference
    me = account(Role.SCREENER)
    db.session.add(Conflict(expression_id=mine.id, user_id=me.id, kind=ConflictKind.PERSONAL, reason="A friend."))
    db.session.commit()

    answer = take(sign_in(Role.SCREENER))

    assert reference_of(answer.location) == wanted
    assert screener_of(mine.reference) is None


def test_when_nobody_waits_the_queue_says_so(expression: Make, sign_in: SignIn) -> None:
    expression(State.SCREENED)

    browser = sign_in(Role.SCREENER)
    answer = take(browser, "category=member_states")
    page = browser.get(answer.location).text

    assert urlsplit(answer.location).query == "state=open&category=member_states"
    assert "every submitted expression has a screener" in page


def test_only_screeners_take(expression: Make, sign_in: SignIn) -> None:
    expression()

    browser = sign_in(Role.SECRETARIAT)

    assert take(browser).status_code == 403
    assert "Take the next one" not in browser.get("/staff/queue").text


def test_two_who_look_at_once_see_different_ones(app: Flask, expression: Make, account: Account) -> None:
    """On SQLite the second waits for the first, who has taken theirs by then."""
    me = account(Role.SCREENER).id
    for age in (9, 5):
        expression(submitted_at=days_ago(age))
    found: list[int] = []
    both = threading.Barrier(2, timeout=20)
    waits = db.engine.dialect.name == "sqlite"

    def look() -> None:
        with app.test_request_context("/staff/queue/next", method="POST"):
            if not waits:
                both.wait()
            asked = filtering.read(MultiDict())
            next_one = listing.next_free(listing.look(asked.filters, db.session.get_one(User, me)), ())
            assert next_one is not None
            if not waits:
                both.wait()
            next_one.screener_id = me
            found.append(next_one.id)
            db.session.commit()

    forget()
    threads = [threading.Thread(target=look) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(set(found)) == 2
