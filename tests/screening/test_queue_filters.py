"""The filters of the queue: each alone, together, in every order, and what is wrong in an address."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from intake.extensions import accounts, db
from intake.models import Expression, User
from tests.screening.test_queue import days_ago, link, names
from tests.statements import counted
from workflows.expression import State
from workflows.people import Role

Make = Callable[..., Expression]
SignIn = Callable[[Role], FlaskClient]
Account = Callable[[Role], User]

BOTH = ["Wanted", "Other"]


@pytest.mark.parametrize(
    ("query", "wanted", "other"),
    [
        ("category=academia", {"category": "academia"}, {}),
        ("country=TUV", {"country": "TUV"}, {}),
        ("country=INT", {"country": "INT"}, {}),
        ("group=LDC", {"country": "TUV"}, {"country": "FRA"}),
        ("group=LLDC", {"country": "BDI"}, {"country": "TUV"}),
        ("group=SIDS", {"country": "TUV"}, {"country": "BDI"}),
        ("region=Europe", {"country": "FRA"}, {"country": "BDI"}),
        ("region=Asia-Pacific&group=LDC", {"country": "TUV"}, {"country": "FJI"}),
        ("area=accelerate", {"preferences": ["accelerate", "access"]}, {"preferences": ["access", "accelerate"]}),
        ("area=any-accelerate", {"preferences": ["access", "accelerate"]}, {"preferences": ["access", "adoption"]}),
        ("unread=yes", {"unread": True}, {}),
        ("overdue=yes", {"decision_due_on": datetime.now(UTC).date() - timedelta(days=2)}, {}),
    ],
)
def test_a_filter_shows_what_it_says(
    query: str, wanted: dict[str, Any], other: dict[str, Any], expression: Make, sign_in: SignIn
) -> None:
    expression(organisation_name="Wanted", **wanted)
    expression(organisation_name="Other", **other)

    page = sign_in(Role.SCREENER).get(f"/staff/queue?state=all&{query}").text

    assert names(page, *BOTH) == ["Wanted"]
    assert page.count('class="chip"') == query.count("=")


def test_screeners_are_me_nobody_or_a_person(expression: Make, sign_in: SignIn, account: Account) -> None:
    me = account(Role.SCREENER)
    away = accounts.create_user(email="away@example.org", name="Gone since", password="x" * 20)
    db.session.commit()
    expression(organisation_name="Mine", screener_id=me.id)
    expression(organisation_name="Theirs", screener_id=away.id)
    expression(organisation_name="Free")
    asked = {"me": me.id, "nobody": None, str(away.id): away.id, str(me.id): me.id}
    browser = sign_in(Role.SCREENER)

    pages = {value: browser.get(f"/staff/queue?screener={value}").text for value in asked}

    shown = {value: names(page, "Mine", "Theirs", "Free") for value, page in pages.items()}
    assert shown == dict(zip(asked, (["Mine"], ["Free"], ["Theirs"], ["Mine"]), strict=True))
    assert "Screener: Gone since" in pages[str(away.id)]


def test_a_duplicate_is_another_active_one_of_the_organisation(expression: Make, sign_in: SignIn) -> None:
    expression(organisation_name="Rural Net Ltd", duplicate_acknowledged=True)
    expression(State.DECLINED, organisation_name="The Rural Net")
    expression(organisation_name="Alone")
    expression(State.DECLINED, organisation_name="Alone")

    page = sign_in(Role.SCREENER).get("/staff/queue?state=all&duplicate=yes").text

    assert names(page, "Rural Net Ltd", "The Rural Net", "Alone") == ["The Rural Net", "Alone"]
    assert page.count("<bdi>Alone</bdi>") == 1


def test_filters_narrow_each_other_and_can_be_taken_off(expression: Make, sign_in: SignIn) -> None:
    expression(organisation_name="Both", category="academia", country="TUV", communities="Fishers")
    expression(organisation_name="Half", category="academia", country="FRA", communities="Fishers")
    expression(organisation_name="Quiet", category="academia", country="TUV", communities="")
    browser = sign_in(Role.SCREENER)

    page = browser.get("/staff/queue?category=academia&country=TUV&q=fish").text
    without = page.split('class="chip" href="')[3].split('"')[0].replace("&amp;", "&")

    assert names(page, "Both", "Half", "Quiet") == ["Both"]
    assert names(browser.get(without).text, "Both", "Half", "Quiet") == ["Both", "Half"]


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("oldest", ["The École", "Beta", "alpha"]),
        ("newest", ["alpha", "Beta", "The École"]),
        ("due", ["Beta", "The École", "alpha"]),
        ("name", ["alpha", "Beta", "The École"]),
    ],
)
def test_every_order_has_pages_without_gap_or_repetition(
    sort: str, expected: list[str], expression: Make, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("intake.screening.listing.PAGE", 1)
    today = datetime.now(UTC).date()
    rows = [("The École", 9, 5, State.SUBMITTED), ("Beta", 6, 4, State.RETURNED), ("alpha", 3, 6, State.SCREENED)]
    for name, age, due, state in rows:
        expression(
            state, organisation_name=name, submitted_at=days_ago(age), decision_due_on=today + timedelta(days=due)
        )
    browser = sign_in(Role.SCREENER)

    page = browser.get(f"/staff/queue?sort={sort}").text
    forwards = [page] + [page := browser.get(link(page, "next")).text for _ in range(2)]
    backwards = [page := browser.get(link(page, "prev")).text for _ in range(2)]

    assert [names(each, *expected) for each in forwards] == [[name] for name in expected]
    assert [names(each, *expected) for each in backwards] == [[expected[1]], [expected[0]]]
    assert 'rel="next"' not in forwards[2]
    assert 'rel="prev"' not in page


@pytest.mark.parametrize("query", ["q=school", "country=RWA", "country=RWA&q=school"])
def test_very_many_are_walked_and_not_counted(
    query: str, expression: Make, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("intake.screening.listing.MOST", 2)
    monkeypatch.setattr("intake.screening.listing.PAGE", 2)
    everybody = [f"School {number}" for number in range(4)]
    for age, name in enumerate(everybody):
        expression(list(State)[age % 3 + 1], organisation_name=name, submitted_at=days_ago(9 - age))
        expression(organisation_name=f"Elsewhere {age}", country="FRA", criteria={}, communities="")

    browser = sign_in(Role.SCREENER)
    page = browser.get(f"/staff/queue?{query}").text
    after = browser.get(link(page, "next")).text

    assert (names(page, *everybody), names(after, *everybody)) == (everybody[:2], everybody[2:])
    assert "so they are not counted" in page
    assert "Elsewhere" not in page + after


def test_a_tab_stops_counting(expression: Make, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("intake.screening.listing.COUNTED", 3)
    for _ in range(4):
        expression()
    expression(State.SCREENED)

    page = sign_in(Role.SCREENER).get("/staff/queue").text

    assert '>Submitted <span class="hint">2+</span>' in page
    assert '>Screened <span class="hint">1</span>' in page


@pytest.mark.parametrize(
    "query",
    [
        *("category=none", "country=Rwanda", "country=rwa", "group=ldc", "region=Mars", "area=any-", "screener=0"),
        *("screener=9999999999999999999", "screener=-1", "screener=1%27--", "sort=random", "unread=no", "duplicate=2"),
        *("state=open&state=all", "sort=due&from=n1-1", "sort=due&from=n2026-13-40-1", "sort=name&from=n%00-1"),
        *("from=n999999999999999999-1", "sort=due&from=n0000-00-00-1", "sort=name&from=a-1", "from=n%D9%A1-1"),
        *(f"sort=name&from=n{'x' * 201}-1", "from=n1-1-1"),
    ],
)
def test_what_is_wrong_in_an_address_is_left_out_and_said(query: str, expression: Make, sign_in: SignIn) -> None:
    expression(organisation_name="There")

    answer = sign_in(Role.SCREENER).get(f"/staff/queue?{query}")

    assert answer.status_code == 200
    assert answer.text.count("was left out") == 1
    assert names(answer.text, "There") == ["There"]


@pytest.mark.parametrize(
    "query",
    [
        *("sort=name&from=n%EF%BF%BD%F0%9F%9A%80'%22-1", "sort=name&from=n--5", "from=a0-0", "from=n1-999999999"),
        *("sort=due&from=a9999-12-31-999999999", "sort=due&from=n0001-01-01-0", "sort=newest&from=a1-1"),
    ],
)
def test_a_place_that_nobody_stands_at_is_a_page_all_the_same(query: str, expression: Make, sign_in: SignIn) -> None:
    expression()

    answer = sign_in(Role.SCREENER).get(f"/staff/queue?{query}")

    assert answer.status_code == 200
    assert "was left out" not in answer.text


@pytest.mark.parametrize(
    ("search", "said"),
    [
        ("%", "“%” has no letter and no number in it, so nothing was searched."),
        ("🚀", "“🚀” has no letter and no number in it, so nothing was searched."),
        ("there " * 100, "The search is long: only its first 200 characters were used."),
    ],
)
def test_a_search_that_is_not_used_as_written_says_so(
    search: str, said: str, expression: Make, sign_in: SignIn
) -> None:
    expression(organisation_name="There")

    page = sign_in(Role.SCREENER).get("/staff/queue", query_string={"q": search}).text

    assert said in page
    assert names(page, "There") == ["There"]


EVERYTHING = (
    "state=all&sort=due&q=school&category=member_states&country=RWA&group=LDC&region=Africa&area=any-access"
    "&screener=nobody&overdue=yes&unread=yes&duplicate=yes"
)


@pytest.mark.parametrize("query", ["", "state=all&q=ministry", EVERYTHING])
@pytest.mark.parametrize("most", [0, 1_000])
def test_a_page_takes_at_most_eight_statements(
    most: int, query: str, expression: Make, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("intake.screening.listing.MOST", most)
    for _ in range(3):
        expression()
    browser = sign_in(Role.SCREENER)

    with counted() as statements:
        browser.get(f"/staff/queue?{query}")

    assert len(statements) <= 8, statements


def test_asking_for_a_language_is_no_filter(expression: Make, sign_in: SignIn) -> None:
    expression(State.SUBMITTED)

    page = sign_in(Role.SCREENER).get("/staff/queue?state=all&lang=en").text

    assert "is not known and was left out" not in page
