"""The page of help says what the plain lines of the process say, every line and nothing more."""

import re
from typing import Any

import html5lib
import pytest
from flask.testing import FlaskClient

from intake.current import programme
from tests import lines
from tests.statements import counted
from workflows.expression import EXPRESSION
from workflows.expression_help import DEMANDS
from workflows.expression_words import STATES, STEPS

UNDOABLE = {re.sub(r"^after ", "", line.given[0]) for line in lines.lines() if line.trigger == "undo"}
STEP_LINES = [line for line in lines.lines() if line.trigger != "undo"]
ROLES = {"applicant": "Applicant", "screener": "Screener", "secretariat": "Secretariat", "system": "By itself"}
AUDIENCES = {
    "applicant": "To the applicant",
    "screener": "To the screener",
    "secretariat": "To the secretariat",
    "group_lead": "To the lead of the working group",
}


def words(element: Any) -> str:
    """The text of an element, its white space folded."""
    return " ".join("".join(element.itertext()).split())


@pytest.fixture
def page(client: FlaskClient) -> Any:
    """The page as a tree."""
    text = client.get("/help/process").get_data(as_text=True)
    return html5lib.parse(text, namespaceHTMLElements=False)


def rows(page: Any, kind: str) -> list[list[Any]]:
    """The cells of each row in the body of a table."""
    [table] = [each for each in page.iter("table") if each.get("class") == kind]
    return [list(row) for body in table.iter("tbody") for row in body.iter("tr")]


def head(page: Any, kind: str) -> list[str]:
    """The words over the columns of a table."""
    [table] = [each for each in page.iter("table") if each.get("class") == kind]
    [found] = table.iter("thead")
    return [words(cell) for cell in found.iter("th")]


def state(name: str) -> str:
    """What staff call a state."""
    return {each.value: each_words.staff for each, each_words in STATES.items()}[name]


def possibilities(page: Any) -> set[tuple[str, ...]]:
    """State, step, target and the roles that may, from each row of the table of who may do what."""
    columns, found, source = head(page, "process-who"), set(), ""
    for cells in rows(page, "process-who"):
        if cells[0].tag == "th":
            source, cells = words(cells[0]), cells[1:]
        marks = dict(zip(columns[2:-1], map(words, cells[1:-1]), strict=True))
        may = tuple(role for role, mark in marks.items() if mark == "✓may")
        found.add((source, words(cells[0]), words(cells[-1]), *may))
    return found


def test_who_may_do_what_is_what_the_plain_lines_say(page: Any) -> None:
    expected = set()
    for line in lines.lines():
        undone = line.given[0].removeprefix("after ") if line.trigger == "undo" else ""
        name = f"Undo “{STEPS[undone].staff}”" if undone else STEPS[line.trigger].button
        expected.add((state(line.source), name, state(line.target), *(ROLES[role] for role in line.who)))

    assert possibilities(page) == expected
    assert len(rows(page, "process-who")) == len(lines.lines())


def test_each_step_says_its_ways_and_demands_as_the_plain_lines_do(page: Any) -> None:
    found = set()
    for cells in rows(page, "process-steps")[:-1]:
        demands = tuple(words(each) for each in cells[4].iter("li"))
        found |= {(words(cells[1]), words(way), demands) for way in cells[2].iter("li")}

    assert found == {
        (
            STEPS[line.trigger].button,
            f"{state(line.source)} → {state(line.target)}",
            tuple(DEMANDS[guard] for guard in line.given),
        )
        for line in STEP_LINES
    }


def test_an_undo_says_what_it_demands(page: Any) -> None:
    [line, *_] = [line for line in lines.lines() if line.trigger == "undo"]

    *_, cells = rows(page, "process-steps")

    assert words(cells[1]) == "Undo the last step"
    assert [words(each) for each in cells[4].iter("li")] == [DEMANDS[guard] for guard in line.given[1:]]


def test_the_letters_are_those_of_the_plain_lines_and_leave_when_they_can_no_longer_be_stopped(page: Any) -> None:
    columns = head(page, "process-letters")[2:]
    held = f"held for {programme().call.undo_minutes} minutes"
    found = {words(cells[1]): [words(cell) for cell in cells[2:]] for cells in rows(page, "process-letters")}

    expected = {}
    for line in STEP_LINES:
        told = {AUDIENCES[audience] for audience in line.tells}
        when = held if line.trigger in UNDOABLE else "at once"
        expected[STEPS[line.trigger].button] = [when if column in told else "–" for column in columns]
    assert found == expected


def test_the_diagram_has_a_box_for_each_state_and_an_arrow_for_each_step(page: Any) -> None:
    svg = next(each for each in page.iter() if each.tag.endswith("svg"))
    texts = [each for each in svg.iter() if each.tag.endswith("text")]
    of = {
        kind: [words(each) for each in texts if kind in each.get("class")] for kind in ("process-state", "process-step")
    }

    assert sorted(of["process-state"]) == sorted(each.staff for each in STATES.values())
    assert of["process-step"] == [
        f"{number} · {STEPS[row.trigger].button}" for number, row in enumerate(EXPRESSION.table, start=1)
    ]
    dots = [each for each in svg.iter() if each.get("class") == "process-dot"]
    assert len(dots) == len(STEP_LINES)


def test_every_guard_of_the_table_has_its_sentence_and_every_sentence_its_guard() -> None:
    guards = {guard for line in lines.lines() for guard in line.given if not guard.startswith("after ")}

    assert set(DEMANDS) == guards


def test_the_foot_of_every_page_leads_to_it(client: FlaskClient) -> None:
    assert '<a href="/help/process">How it works</a>' in client.get("/link").text


def test_it_needs_no_statement_of_the_database(client: FlaskClient) -> None:
    with counted() as statements:
        client.get("/help/process")

    assert statements == []
