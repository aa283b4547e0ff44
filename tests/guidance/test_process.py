"""The pages of help say what the plain lines of each process say, every line and nothing more."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import html5lib
import pytest
from flask.testing import FlaskClient

from intake.current import programme
from tests import lines
from tests.lines import Line
from tests.statements import counted
from workflows import enquiry, enquiry_help, enquiry_words, expression, expression_help, expression_words
from workflows.workflow import Workflow

ROLES = {
    "applicant": "Applicant",
    "enquirer": "Enquirer",
    "screener": "Screener",
    "secretariat": "Secretariat",
    "system": "By itself",
}
AUDIENCES = {
    "applicant": "To the applicant",
    "enquirer": "To whoever asked",
    "screener": "To the screener",
    "secretariat": "To the secretariat",
    "group_lead": "To the lead of the working group",
}


@dataclass(frozen=True)
class Process:
    """A process as its plain lines have it, the address of its page, and the words of its table."""

    name: str
    address: str
    workflow: Workflow[Any]
    states: Mapping[Any, Any]
    steps: Mapping[str, Any]
    demands: Mapping[str, str]

    @property
    def lines(self) -> list[Line]:
        return lines.lines(self.name)

    @property
    def step_lines(self) -> list[Line]:
        return [line for line in self.lines if line.trigger != "undo"]

    @property
    def undo_lines(self) -> list[Line]:
        return [line for line in self.lines if line.trigger == "undo"]

    @property
    def undoable(self) -> set[str]:
        return {undone(line) for line in self.undo_lines}

    def state(self, name: str) -> str:
        """What staff call a state."""
        return {each.value: words.staff for each, words in self.states.items()}[name]


PROCESSES = (
    Process(
        "expression",
        "/help/process",
        expression.EXPRESSION,
        expression_words.STATES,
        expression_words.STEPS,
        expression_help.DEMANDS,
    ),
    Process(
        "enquiry",
        "/help/enquiries",
        enquiry.ENQUIRY,
        enquiry_words.STATES,
        enquiry_words.STEPS,
        enquiry_help.DEMANDS,
    ),
)


@pytest.fixture(params=PROCESSES, ids=[each.name for each in PROCESSES])
def process(request: pytest.FixtureRequest) -> Process:
    """Each process in turn."""
    found: Process = request.param
    return found


def undone(line: Line) -> str:
    """The step that a line of an undo takes back."""
    return re.sub(r"^after ", "", line.given[0])


def words(element: Any) -> str:
    """The text of an element, its white space folded."""
    return " ".join("".join(element.itertext()).split())


@pytest.fixture
def page(client: FlaskClient, process: Process) -> Any:
    """The page as a tree."""
    text = client.get(process.address).get_data(as_text=True)
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


def test_who_may_do_what_is_what_the_plain_lines_say(page: Any, process: Process) -> None:
    expected = set()
    for line in process.lines:
        is_undo = line.trigger == "undo"
        name = f"Undo “{process.steps[undone(line)].staff}”" if is_undo else process.steps[line.trigger].button
        way = process.state(line.source), name, process.state(line.target)
        expected.add((*way, *(ROLES[role] for role in line.who)))

    assert possibilities(page) == expected
    assert len(rows(page, "process-who")) == len(process.lines)


def test_each_step_says_its_ways_and_demands_as_the_plain_lines_do(page: Any, process: Process) -> None:
    found = set()
    for cells in rows(page, "process-steps")[:-1]:
        demands = tuple(words(each) for each in cells[4].iter("li"))
        found |= {(words(cells[1]), words(way), demands) for way in cells[2].iter("li")}

    assert found == {
        (
            process.steps[line.trigger].button,
            f"{process.state(line.source)} → {process.state(line.target)}",
            tuple(process.demands[guard] for guard in line.given),
        )
        for line in process.step_lines
    }


def test_an_undo_says_what_it_demands(page: Any, process: Process) -> None:
    [line, *_] = process.undo_lines

    *_, cells = rows(page, "process-steps")

    assert words(cells[1]) == "Undo the last step"
    assert [words(each) for each in cells[4].iter("li")] == [process.demands[guard] for guard in line.given[1:]]


def test_the_letters_are_those_of_the_plain_lines_and_leave_when_they_can_no_longer_be_stopped(
    page: Any, process: Process
) -> None:
    columns = head(page, "process-letters")[2:]
    held = f"held for {programme().call.undo_minutes} minutes"
    found = {words(cells[1]): [words(cell) for cell in cells[2:]] for cells in rows(page, "process-letters")}

    expected = {}
    for line in process.step_lines:
        told = {AUDIENCES[audience] for audience in line.tells}
        when = held if line.trigger in process.undoable else "at once"
        expected[process.steps[line.trigger].button] = [when if column in told else "–" for column in columns]
    assert found == expected


def test_the_diagram_has_a_box_for_each_state_and_an_arrow_for_each_step(page: Any, process: Process) -> None:
    svg = next(each for each in page.iter() if each.tag.endswith("svg"))
    texts = [each for each in svg.iter() if each.tag.endswith("text")]
    of = {
        kind: [words(each) for each in texts if kind in each.get("class")] for kind in ("process-state", "process-step")
    }

    assert sorted(of["process-state"]) == sorted(each.staff for each in process.states.values())
    assert of["process-step"] == [
        f"{number} · {process.steps[row.trigger].button}" for number, row in enumerate(process.workflow.table, start=1)
    ]
    dots = [each for each in svg.iter() if each.get("class") == "process-dot"]
    assert len(dots) == len(process.step_lines)


def test_every_guard_of_the_table_has_its_sentence_and_every_sentence_its_guard(process: Process) -> None:
    guards = {guard for line in process.lines for guard in line.given if not guard.startswith("after ")}

    assert set(process.demands) == guards


def test_the_foot_of_every_page_leads_to_it(client: FlaskClient) -> None:
    assert '<a href="/help/process">How it works</a>' in client.get("/link").text


def test_the_pages_of_help_lead_to_each_other(client: FlaskClient, process: Process) -> None:
    page = " ".join(client.get(process.address).text.split())

    assert [f'<a href="{each.address}"' in page for each in PROCESSES] == [True, True]
    assert f'<a href="{process.address}" aria-current="page">' in page


def test_it_needs_no_statement_of_the_database(client: FlaskClient, process: Process) -> None:
    with counted() as statements:
        client.get(process.address)

    assert statements == []
