"""The public figures: right counts with no names, none that tells of somebody, kept for ten minutes."""

import csv
import io
import re
from collections.abc import Callable, Mapping

import pytest
from flask import Flask
from flask.testing import FlaskClient

from intake import statistics as public
from intake.advance import advance
from intake.current import programme
from intake.extensions import db
from intake.models import Expression
from intake.statistics import Count, Hidden, safe, statistics
from intake.wording import today
from tests.making import APPLICANT, SCREENER, SECRETARIAT
from tests.statements import counted
from tests.test_figures import DUE_ON, decline, sent, take
from workflows.expression import State

__all__ = ["sent"]
Make = Callable[..., Expression]
FEW, WITHHELD = Hidden.FEW, Hidden.WITHHELD
REGIONS = ("Africa", "Americas", "Arab States", "Asia-Pacific", "CIS", "Europe", "INT")


@pytest.fixture(autouse=True)
def _anew(app: Flask) -> None:
    app.extensions.pop("statistics", None)


def regions(**known: Count) -> dict[str, Count]:
    """The counts of all regions, few where nothing is said."""
    return {**dict.fromkeys(REGIONS, FEW), **known}


def table(page: str, id: str) -> dict[str, str]:
    """The rows of the table under a heading."""
    body = page.split(f'<h2 id="{id}">')[1].split("<tbody>")[1].split("</tbody>")[0]
    pairs = re.findall(r'<th scope="row">(.*?)</th>.*?<td[^>]*>(.*?)</td>', body, re.DOTALL)
    return {group.strip(): count.strip() for group, count in pairs}


def test_everything_but_drafts_is_counted_by_state_region_category_and_need(expression: Make) -> None:
    for state, number in {
        State.SUBMITTED: 2,
        State.RETURNED: 1,
        State.SCREENED: 2,
        State.ASSIGNED: 2,
        State.CONFIRMED: 3,
        State.WAITLISTED: 5,
        State.DECLINED: 2,
        State.WITHDRAWN: 1,
        State.LAPSED: 1,
        State.DRAFT: 4,
    }.items():
        for _ in range(number):
            expression(state, country="RWA", category="academia")

    found = statistics()

    assert found.received == 19
    assert found.stages == {
        "in_screening": 3,
        "accepted": 4,
        "confirmed": 3,
        "waiting_list": 5,
        "not_retained_or_withdrawn": 4,
    }
    assert found.regions == regions(Africa=19)
    assert (found.categories["academia"], found.categories["youth"]) == (19, FEW)
    assert found.needs == {"LDC": 19, "LLDC": 19, "SIDS": FEW}


def test_every_state_that_is_counted_belongs_to_a_stage() -> None:
    assert set(public.STAGES) == set(State) - {State.DRAFT}


@pytest.mark.parametrize(
    ("counts", "told"),
    [
        ({"a": 5, "b": 3}, {"a": 5, "b": 3}),
        ({"a": 5, "b": 3, "c": 0}, {"a": 5, "b": 3, "c": FEW}),
        ({"a": 5, "b": 4, "c": 1}, {"a": 5, "b": WITHHELD, "c": FEW}),
        ({"a": 5, "b": 4, "c": 1, "d": 0}, {"a": 5, "b": 4, "c": FEW, "d": FEW}),
        ({"a": 5, "b": 4, "c": 2, "d": 2}, {"a": 5, "b": WITHHELD, "c": FEW, "d": FEW}),
        ({"a": 2, "b": 1}, {"a": FEW, "b": FEW}),
    ],
)
def test_no_count_below_three_is_told_or_can_be_worked_out(
    counts: Mapping[str, int], told: Mapping[str, Count]
) -> None:
    assert safe(counts) == told


def test_the_page_says_few_where_few_are(expression: Make, client: FlaskClient) -> None:
    for country in ("RWA", "RWA", "RWA", "CHE", "CHE", "CHE", "CHE", "BRA"):
        expression(State.SUBMITTED, country=country)

    told = table(client.get("/statistics").text, "regions")

    assert told["Africa"] == "3"
    assert told["Europe"] == "4"
    assert told["Americas"] == told["Arab States"] == "fewer than 3"


def test_nobody_is_named(expression: Make, client: FlaskClient) -> None:
    made = [expression(State.SUBMITTED, organisation_name=f"Ministry {letter}") for letter in "ABCD"]

    answers = "".join(client.get(f"/statistics{kind}").text for kind in ("", ".csv", ".json"))

    names = {name for each in made for name in (each.organisation_name, each.reference, each.contact_email)}
    assert [name for name in names if name in answers] == []


@pytest.mark.parametrize(("count", "words"), [(0, "Nothing to count yet"), (2, "Too few to show")])
def test_a_breakdown_begins_with_the_third(count: int, words: str, expression: Make, client: FlaskClient) -> None:
    for _ in range(count):
        expression(State.SUBMITTED)
    expression(State.DRAFT)

    page = client.get("/statistics").text

    assert (words in page, "<svg" in page) == (True, False)
    assert client.get("/statistics.json").json["received"] == (FEW if count else 0)


def test_what_was_erased_still_counts(expression: Make) -> None:
    for _ in range(2):
        expression(State.SUBMITTED, country="RWA")
    gone = expression(State.WITHDRAWN, country="RWA", erasure_due_on=today())

    advance(gone, "erase", actor=SECRETARIAT, version=gone.version)

    assert gone.erased_at is not None
    assert (statistics().received, statistics().regions) == (3, regions(Africa=3))


def test_days_run_from_the_first_receipt_to_the_first_decision(sent: Make) -> None:
    asked = sent(9)
    point = {"question": "How many schools?"}
    take(asked, "request_information", 8, SCREENER, points=[point], due_on=DUE_ON)
    asked.points = [{**point, "answer": "Ten."}]
    take(asked, "resubmit", 5, APPLICANT)
    for received, decided in ((9, 7), (9, 6)):
        decline(sent(received), decided)
    decline(asked, 3)
    sent(9)

    assert statistics().days == 3


def test_a_decision_that_was_undone_was_none_and_fewer_than_three_have_no_median(sent: Make) -> None:
    subjects = [sent(5) for _ in range(3)]
    for each in subjects:
        decline(each, 0)
    advance(subjects[0], "undo", actor=SCREENER, version=subjects[0].version)

    assert statistics().days is None


def test_the_figures_are_kept_for_ten_minutes(expression: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [1_000.0]
    monkeypatch.setattr(public, "monotonic", lambda: clock[0])
    for _ in range(3):
        expression(State.SUBMITTED)
    first = statistics()
    expression(State.SUBMITTED)

    clock[0] += 600
    again = statistics()
    clock[0] += 1
    later = statistics()

    assert (first.received, again, later.received) == (3, first, 4)
    assert later.as_of > first.as_of


@pytest.mark.parametrize("count", [3, 30])
def test_the_figures_take_three_statements_and_then_none(count: int, expression: Make, client: FlaskClient) -> None:
    for _ in range(count):
        expression(State.SCREENED)
    db.session.commit()

    with counted() as first:
        client.get("/statistics")
    with counted() as again:
        client.get("/statistics.csv")

    assert (len(first), len(again)) == (3, 0)


def test_the_files_say_what_the_page_says_with_the_moment(expression: Make, client: FlaskClient) -> None:
    for country in ("RWA", "RWA", "RWA", "CHE"):
        expression(State.SUBMITTED, country=country, category="academia")

    page, codes = client.get("/statistics").text, client.get("/statistics.json").json
    answer = client.get("/statistics.csv")
    rows = list(csv.reader(io.StringIO(answer.get_data(as_text=True).removeprefix("\ufeff"))))

    assert answer.mimetype == "text/csv"
    assert rows[0] == ["Figure", "Group", "Expressions", "As of"]
    assert rows[1] == ["Expressions received", "", "4", codes["as_of"]]
    assert {row[1]: row[2] for row in rows if row[0] == "By region"} == table(page, "regions")
    assert codes["regions"] == regions(Africa=3)
    assert (codes["call"], codes["received"], codes["median_working_days_to_decision"]) == (
        programme().call.slug,
        4,
        None,
    )


def test_the_page_is_dated_linked_and_has_a_table_beside_each_picture(expression: Make, client: FlaskClient) -> None:
    for _ in range(3):
        expression(State.SUBMITTED)

    page = " ".join(client.get("/statistics").text.split())

    assert re.search(r"As of \d+ \w+ \d{4}, \d\d:\d\d \(Geneva time\)\.", page)
    assert page.count("<svg") == page.count("<table>") == 4
    assert page.count('href="/statistics"') == 1
    assert client.get("/").text.count('href="/statistics"') == 2
