"""The queue: what it shows, in which order, and what it never shows."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient

from intake.models import Expression
from workflows.expression import State
from workflows.people import Role

Make = Callable[..., Expression]
SignIn = Callable[[Role], FlaskClient]


def days_ago(days: int) -> datetime:
    return datetime.now(UTC) - timedelta(days=days)


def names(page: str, *candidates: str) -> list[str]:
    """Those of the candidates that the page shows, in its order."""
    return sorted((name for name in candidates if f"<bdi>{name}</bdi>" in page), key=lambda name: page.index(name))


def test_the_queue_begins_with_the_oldest_and_hides_drafts(expression: Make, sign_in: SignIn) -> None:
    expression(organisation_name="Second", submitted_at=days_ago(2))
    expression(organisation_name="First", submitted_at=days_ago(5))
    expression(State.DRAFT, organisation_name="Still writing")

    page = sign_in(Role.SCREENER).get("/staff/queue?state=all").text

    assert names(page, "First", "Second", "Still writing") == ["First", "Second"]


def test_a_tab_shows_one_state_with_its_count(expression: Make, sign_in: SignIn) -> None:
    expression(State.SUBMITTED, organisation_name="Sent")
    expression(State.SCREENED, organisation_name="Read")

    page = sign_in(Role.SCREENER).get("/staff/queue?state=screened").text

    assert names(page, "Sent", "Read") == ["Read"]
    assert 'aria-current="page">Screened <span class="hint">1</span>' in page


@pytest.mark.parametrize(
    ("search", "found"),
    [("écoles RURAL", ["Écoles rurales"]), ("ecole*", ["Écoles rurales", "Ecolede"]), ("rurales%", ["Écoles rurales"])],
)
def test_a_search_goes_by_the_beginnings_of_words(
    search: str, found: list[str], expression: Make, sign_in: SignIn
) -> None:
    everything = ["Écoles rurales", "Ecolede", "Alphabet", "Zurales"]
    for age, name in enumerate(everything):
        expression(organisation_name=name, submitted_at=days_ago(9 - age), communities="")

    page = sign_in(Role.SCREENER).get("/staff/queue", query_string={"q": search}).text

    assert names(page, *everything) == found


def test_a_search_finds_a_reference_in_small_letters(expression: Make, sign_in: SignIn) -> None:
    wanted = expression(organisation_name="Wanted")
    expression(organisation_name="Other")

    page = sign_in(Role.SCREENER).get(f"/staff/queue?q={wanted.reference.lower()}").text

    assert names(page, "Wanted", "Other") == ["Wanted"]


def test_mine_are_those_that_i_took(expression: Make, sign_in: SignIn, account: Callable[[Role], object]) -> None:
    me = account(Role.SCREENER)
    expression(organisation_name="Taken", screener_id=me.id)
    expression(organisation_name="Free")

    page = sign_in(Role.SCREENER).get("/staff/queue?mine=yes").text

    assert names(page, "Taken", "Free") == ["Taken"]


def test_late_ones_are_marked_and_can_be_asked_for(expression: Make, sign_in: SignIn) -> None:
    yesterday = datetime.now(UTC).date() - timedelta(days=2)
    expression(organisation_name="Late", decision_due_on=yesterday)
    expression(State.RETURNED, organisation_name="Late to answer", answer_due_on=yesterday)
    expression(State.SCREENED, organisation_name="Decided in time", decision_due_on=yesterday)
    expression(organisation_name="In time")

    page = sign_in(Role.SCREENER).get("/staff/queue?overdue=yes").text

    assert names(page, "Late", "Late to answer", "Decided in time", "In time") == ["Late", "Late to answer"]
    assert page.count(">Overdue</span>") == 2


@pytest.mark.parametrize(
    "query", ["state=draft", "state=%00", "mine=1", "from=n1-9999999999", "from=x", "nonsense=1", "q=%00%ff"]
)
def test_an_unknown_filter_is_left_out_and_said(query: str, expression: Make, sign_in: SignIn) -> None:
    expression(organisation_name="There")

    answer = sign_in(Role.SCREENER).get(f"/staff/queue?{query}")

    assert answer.status_code == 200
    assert ("was left out" in answer.text) is not query.startswith("q")


def test_pages_follow_each_other_without_gap_or_repetition(
    expression: Make, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("intake.screening.listing.PAGE", 2)
    same = days_ago(3)
    everybody = [f"Number {number}" for number in range(5)]
    for name in everybody:
        expression(organisation_name=name, submitted_at=same)
    browser = sign_in(Role.SCREENER)

    forwards, page = [], browser.get("/staff/queue").text
    forwards.append(names(page, *everybody))
    while 'rel="next"' in page:
        page = browser.get(link(page, "next")).text
        forwards.append(names(page, *everybody))
    page = browser.get(link(page, "prev")).text

    assert forwards == [["Number 0", "Number 1"], ["Number 2", "Number 3"], ["Number 4"]]
    assert names(page, *everybody) == ["Number 2", "Number 3"]
    assert names(browser.get(link(page, "prev")).text, *everybody) == ["Number 0", "Number 1"]


def link(page: str, rel: str) -> str:
    """The address of a page's previous or next one."""
    return re.findall(rf'rel="{rel}"\s+href="([^"]*)"', page)[0].replace("&amp;", "&")


def test_an_empty_queue_says_what_would_fill_it(sign_in: SignIn) -> None:
    page = sign_in(Role.SCREENER).get("/staff/queue").text

    assert "Nothing is here" in page
