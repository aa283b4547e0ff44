"""The page of the figures: pictures with their tables, a date, and an honest forecast."""

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from intake.models import Expression
from tests.screening.visits import forget
from tests.statements import counted
from workflows.expression import State
from workflows.people import Role

Make = Callable[..., Expression]
SignIn = Callable[[Role], FlaskClient]


def squeezed(page: str) -> str:
    """A page without its white space."""
    return " ".join(page.split())


def rows(page: str, id: str) -> list[list[str]]:
    """The rows of the table under a heading, as the texts of their cells."""
    body = page.split(f'<h2 id="{id}">')[1].split("<tbody>")[1].split("</tbody>")[0]
    cells = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL) for row in body.split("</tr>")[:-1]]
    return [[cell.strip() for cell in row] for row in cells]


def test_every_picture_has_a_title_and_its_table(expression: Make, sign_in: SignIn) -> None:
    expression(State.SUBMITTED)

    page = sign_in(Role.SCREENER).get("/staff/figures").text

    pictures = re.findall(r'<svg class="chart".*?aria-labelledby="(\S+) (\S+)"', page, re.DOTALL)
    headings = ["funnel", "paces", "inflow", "categories", "regions", "needs"]
    assert pictures == [(f"{id}-chart-title", f"{id}-chart-about") for id in headings]
    assert [id for pair in pictures for id in pair if page.count(f'id="{id}"') != 1] == []
    assert page.count("<table>") == len(pictures)


def test_the_tables_say_what_the_pictures_draw(expression: Make, sign_in: SignIn) -> None:
    expression(State.SUBMITTED, country="RWA")
    expression(State.SCREENED, country="CHE", category="academia")
    expression(State.DECLINED, country="INT", category="academia")
    expression(State.DRAFT)

    page = sign_in(Role.SECRETARIAT).get("/staff/figures").text

    assert rows(page, "funnel") == [
        ["Submitted", "3", "100%", "1", "0", "0"],
        ["Screened", "1", "33%", "0", "0", "0"],
        ["Assigned", "0", "0%", "0", "0", "0"],
        ["Confirmed", "0", "0%", "0", "0", "0"],
    ]
    assert [row for row in rows(page, "categories") if row[1] != "0"] == [
        ["Member States", "1", "33%"],
        ["Academia", "2", "67%"],
    ]
    assert [row[:2] for row in rows(page, "regions")] == [["Africa", "1"], ["Europe", "1"], ["International", "1"]]
    assert [row[:2] for row in rows(page, "needs")] == [["LDC", "1"], ["LLDC", "1"], ["SIDS", "0"]]
    assert [row[1] for row in rows(page, "inflow")] == ["3"]


def test_the_page_is_dated_and_says_when_a_forecast_cannot_be_made(expression: Make, sign_in: SignIn) -> None:
    expression(State.SUBMITTED)

    page = squeezed(sign_in(Role.ADMINISTRATOR).get("/staff/figures").text)

    assert re.search(r"As of \d+ \w+ \d{4}, \d\d:\d\d \(Geneva time\)\. Drafts are not counted\.", page)
    assert "This cannot be said: 1 wait for a decision" in page


def test_an_empty_queue_is_said(expression: Make, sign_in: SignIn) -> None:
    expression(State.SCREENED)

    assert "It is empty: no expression waits for a decision." in sign_in(Role.SCREENER).get("/staff/figures").text


def test_a_call_without_expressions_has_nothing_to_count(expression: Make, sign_in: SignIn) -> None:
    expression(State.DRAFT)

    page = sign_in(Role.SCREENER).get("/staff/figures").text

    assert ("Nothing to count yet" in page, "<svg" in page) == (True, False)


@pytest.mark.parametrize("count", [1, 30])
def test_the_figures_take_the_same_few_statements(count: int, expression: Make, sign_in: SignIn) -> None:
    for number in range(count):
        expression(State.SUBMITTED if number % 2 else State.CONFIRMED)
    browser = sign_in(Role.SCREENER)
    forget()

    with counted() as statements:
        browser.get("/staff/figures")

    assert len(statements) <= 8
