"""The table of the expression against its second writing, and what is read from it."""

from itertools import pairwise
from pathlib import Path

import pytest

from tests import lines
from workflows import diagram
from workflows import expression as rules
from workflows.expression import EXPRESSION, MAIN_LINE, State
from workflows.expression_words import STATES, STEPS
from workflows.people import Audience, Role

LINKING = ("link", "mailed", "invite", "take_over", "change_asked")
"""Letters of no step that bring a link."""
MAIL = Path(__file__).parents[2] / "templates" / "mail" / "expression"


def test_the_table_says_what_the_plain_lines_say() -> None:
    assert diagram.lines(EXPRESSION) == lines.text()


def test_the_main_line_leads_through_the_four_states() -> None:
    steps = {(line.source, line.target): line.trigger for line in lines.lines() if line.trigger != "undo"}

    assert [steps[pair] for pair in pairwise(MAIN_LINE)] == ["screen", "assign", "confirm"]


def test_what_an_expression_allows_in_a_state_is_the_same_wherever_it_is_asked() -> None:
    placed = {State.ASSIGNED, State.CONFIRMED, State.WAITLISTED}
    active = placed | {State.SUBMITTED, State.RETURNED, State.SCREENED}

    assert {State.DRAFT, State.SUBMITTED, State.RETURNED} == rules.EDITABLE
    assert {State.SUBMITTED} == rules.JUDGEABLE
    assert (active, active) == (rules.ACTIVE, rules.DELEGATE_NAMEABLE)
    assert (placed, placed | {State.SCREENED}) == (rules.PLACED, rules.JUDGED)


def test_every_letter_of_the_table_has_its_template_and_every_template_its_letter() -> None:
    demanded = {f"{trigger}.{audience}.txt" for trigger, audience in diagram.letters(EXPRESSION)}

    english = {path.name for path in MAIL.iterdir() if path.name.count(".") == 2}
    assert english == demanded | {f"{kind}.applicant.txt" for kind in LINKING}


def test_every_state_and_step_has_its_words() -> None:
    assert list(STATES) == list(State)
    assert list(STEPS) == list(EXPRESSION.triggers)


def test_the_diagram_shows_every_step_of_the_plain_lines() -> None:
    drawn = diagram.mermaid(EXPRESSION).splitlines()

    steps = [f"    {each.source} --> {each.target}: {each.trigger}" for each in lines.lines() if each.trigger != "undo"]
    assert drawn == ["stateDiagram-v2", "    [*] --> draft", *steps]


def test_permissions_gather_the_roles_of_a_step_over_its_rows() -> None:
    assert diagram.permissions(EXPRESSION)["withdraw"] == {Role.APPLICANT, Role.SECRETARIAT}
    assert list(diagram.permissions(EXPRESSION)) == [step for step in EXPRESSION.triggers if step != "undo"]


def test_letters_name_each_step_and_audience_once() -> None:
    letters = diagram.letters(EXPRESSION)

    assert len(letters) == len(set(letters))
    assert ("assign", Audience.GROUP_LEAD) in letters


@pytest.mark.parametrize("state", State)
def test_steps_open_to_a_role_come_in_the_order_of_the_table(state: State) -> None:
    found = EXPRESSION.open_to(state, frozenset({Role.SECRETARIAT}))

    wanted = [each.trigger for each in lines.lines() if each.source == state and "secretariat" in each.who]
    assert [row.trigger for row in found] == [trigger for trigger in wanted if trigger != "undo"]
