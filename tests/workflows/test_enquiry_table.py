"""The table of the enquiry against its second writing, its guards and effects, and what is read from its history."""

from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests import lines
from workflows import diagram, enquiry_guards
from workflows import enquiry as rules
from workflows.enquiry import ENQUIRY, State, asked_last, standing
from workflows.enquiry_words import STATES, STEPS
from workflows.expression_guards import Step
from workflows.people import Actor, Role
from workflows.workflow import Guard, Move, NotPermitted

MAIL = Path(__file__).parents[2] / "templates" / "mail" / "enquiry"
NOW = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)
KNOWN = {"P2C-7K3M-Q9XD": 7}


def move(state: State = State.OPEN, role: Role = Role.SECRETARIAT, **facts: Any) -> Move:
    """A move on an enquiry, in a world with one expression."""
    around = SimpleNamespace(now=NOW, last_step=None, expression_id=KNOWN.get, is_kept_no_longer=True)
    return Move(SimpleNamespace(state=state, erased_at=None), Actor("Somebody", frozenset({role})), facts, around)


def kept_on(role: Role) -> Move:
    """The same while the time of keeping is not over."""
    made = move(role=role)
    made.circumstances.is_kept_no_longer = False
    return made


def test_the_table_says_what_the_plain_lines_say() -> None:
    assert diagram.lines(ENQUIRY) == lines.text("enquiry")


def test_every_letter_of_the_table_has_its_template_and_every_template_its_letter() -> None:
    demanded = {f"{trigger}.{audience}.txt" for trigger, audience in diagram.letters(ENQUIRY)}

    assert {path.name for path in MAIL.iterdir() if path.name.count(".") == 2} == demanded


def test_every_state_and_step_has_its_words() -> None:
    assert list(STATES) == list(State)
    assert list(STEPS) == list(ENQUIRY.triggers)


def test_whoever_waits_waits_in_these_states_and_nothing_is_stored_as_received() -> None:
    assert {State.OPEN, State.REOPENED} == rules.WAITING
    assert set(State) - {State.RECEIVED} == rules.STORED


FACTS: dict[str, dict[str, str]] = {
    "ask": {"question": "When?"},
    "ask_further": {"question": "And where?"},
    "answer": {"answer": "In June."},
    "close": {"reason": "It was advertising."},
    "ask_again": {"question": "Which day?"},
    "relate": {"expression": "P2C-7K3M-Q9XD"},
    "erase": {},
}


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("trigger", FACTS)
@pytest.mark.parametrize("state", State)
def test_a_step_is_open_to_the_roles_of_its_line_and_to_nobody_else(state: State, trigger: str, role: Role) -> None:
    found = (line for line in lines.lines("enquiry") if (line.source, line.trigger) == (state, trigger))
    line, step = next(found, None), move(state, role, **FACTS[trigger])

    if line is not None and role in line.who:
        ENQUIRY.fire(step, trigger)
        assert step.subject.state == line.target
    else:
        with pytest.raises(NotPermitted):
            ENQUIRY.fire(step, trigger)
        assert step.subject.state is state


LINES = lines.lines("enquiry")
UNDONE = {(line.target, line.given[0].removeprefix("after ")): line for line in LINES if line.trigger == "undo"}


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("taken", [line for line in LINES if line.trigger != "undo"], ids=str)
def test_an_undo_takes_back_the_step_of_its_line_alone(taken: lines.Line, role: Role) -> None:
    line, step = UNDONE.get((taken.source, taken.trigger)), move(State(taken.target), role)
    step.circumstances.last_step = Step(taken.trigger, taken.source, 0)

    if line is not None and role in line.who:
        ENQUIRY.fire(step, "undo")
        assert (line.source, step.subject.state) == (taken.target, taken.source)
    else:
        with pytest.raises(NotPermitted):
            ENQUIRY.fire(step, "undo")
        assert step.subject.state == taken.target


@pytest.mark.parametrize(
    ("guard", "given", "code"),
    [
        (enquiry_guards.question_is_given, move(question="x" * 20_000), None),
        (enquiry_guards.question_is_given, move(question="x" * 20_001), "no_question"),
        (enquiry_guards.question_is_given, move(question=" \n "), "no_question"),
        (enquiry_guards.question_is_given, move(), "no_question"),
        (enquiry_guards.answer_is_given, move(answer="Yes."), None),
        (enquiry_guards.answer_is_given, move(answer="x" * 20_001), "no_answer"),
        (enquiry_guards.answer_is_given, move(answer=""), "no_answer"),
        (enquiry_guards.closing_is_reasoned, move(reason="Advertising."), None),
        (enquiry_guards.closing_is_reasoned, move(State.REOPENED, reason=" "), "no_reason"),
        (enquiry_guards.closing_is_reasoned, move(State.ANSWERED), None),
        (enquiry_guards.expression_is_known, move(expression="P2C-7K3M-Q9XD"), None),
        (enquiry_guards.expression_is_known, move(expression="P2C-0000-0000"), "no_expression"),
        (enquiry_guards.expression_is_known, move(expression=""), None),
        (enquiry_guards.expression_is_known, move(), None),
        (enquiry_guards.keeping_has_ended, move(role=Role.SYSTEM), None),
        (enquiry_guards.keeping_has_ended, kept_on(Role.SECRETARIAT), None),
        (enquiry_guards.keeping_has_ended, kept_on(Role.SYSTEM), "erasure_not_due"),
    ],
)
def test_a_guard_allows_or_refuses_under_its_code(guard: Guard, given: Move, code: str | None) -> None:
    reason = guard(given)

    assert (reason.code if reason else None) == code


@pytest.mark.parametrize(
    ("guard", "given", "said"),
    [
        (enquiry_guards.question_is_given, move(), "Write the question, in at most 20000 characters."),
        (enquiry_guards.answer_is_given, move(), "Write the answer, in at most 20000 characters."),
        (enquiry_guards.closing_is_reasoned, move(),
         "Say why it is closed without an answer; the reason becomes part of the history."),
        (enquiry_guards.expression_is_known, move(expression="P2C-0000-0000"),
         "No expression that was sent has the reference “P2C-0000-0000”. Look it up in the queue."),
    ],
)  # fmt: skip
def test_a_refusal_says_how_to_mend_it(guard: Guard, given: Move, said: str) -> None:
    assert str(guard(given)) == said


@pytest.mark.parametrize(
    ("state", "trigger", "facts", "changes"),
    [
        (State.RECEIVED, "ask", {}, {}),
        (State.OPEN, "ask_further", {}, {"updated_at": NOW}),
        (State.OPEN, "answer", {}, {"updated_at": NOW, "silent": False}),
        (State.ANSWERED, "close", {}, {}),
        (State.CLOSED, "ask_again", {}, {}),
        (State.OPEN, "relate", {"expression": "P2C-7K3M-Q9XD"}, {"updated_at": NOW, "expression_id": 7}),
        (State.CLOSED, "relate", {"expression": ""}, {"updated_at": NOW, "expression_id": None}),
    ],
)
def test_a_step_sets_these_fields_and_no_others(
    state: State, trigger: str, facts: dict[str, str], changes: dict[str, Any]
) -> None:
    row = ENQUIRY.row(state, trigger)

    assert row is not None
    assert row.sets(move(state, **facts)) == changes


def test_each_step_takes_the_facts_that_it_needs() -> None:
    assert {each.trigger: each.facts for each in ENQUIRY.table} == {step: tuple(facts) for step, facts in FACTS.items()}


def test_no_step_counts_seats_and_erasure_alone_takes_over_letters() -> None:
    counting = [each.trigger for each in ENQUIRY.table if each.seats]
    taking_over = [each.trigger for each in ENQUIRY.table if each.supersedes]

    assert (counting, taking_over) == ([], ["erase"])


def history(*steps: str) -> list[Any]:
    """Entries as "trigger" or "trigger:question"."""
    pairs = (step.partition(":") for step in steps)
    return [
        SimpleNamespace(trigger=trigger, facts={"question": question} if question else {})
        for trigger, _colon, question in pairs
    ]


@pytest.mark.parametrize(
    ("steps", "kept"),
    [
        ([], []),
        (["ask:1", "answer"], ["ask", "answer"]),
        (["ask:1", "answer", "undo"], ["ask"]),
        (["ask:1", "answer", "close", "undo", "undo"], ["ask"]),
        (["ask:1", "close", "undo", "answer"], ["ask", "answer"]),
    ],
)
def test_what_was_taken_back_does_not_stand(steps: list[str], kept: list[str]) -> None:
    assert [entry.trigger for entry in standing(history(*steps))] == kept


@pytest.mark.parametrize(
    ("steps", "asked"),
    [
        ([], []),
        (["ask:1", "answer"], ["1"]),
        (["ask:1", "ask_further:2", "answer"], ["1", "2"]),
        (["ask:1", "answer", "ask_again:2", "answer"], ["2"]),
        (["ask:1", "answer", "undo", "ask_further:2", "answer"], ["1", "2"]),
        (["ask:1", "answer", "answer"], ["1"]),
        (["ask:1", "relate", "ask_further:2", "relate", "answer"], ["1", "2"]),
        (["ask:1", "close", "ask_again:2", "answer"], ["2"]),
    ],
)
def test_an_answer_is_for_what_was_asked_since_the_answer_before(steps: list[str], asked: list[str]) -> None:
    assert asked_last(history(*steps)) == asked


def test_an_erased_enquiry_keeps_nobody_and_is_answered_by_nothing() -> None:
    row = ENQUIRY.row(State.CLOSED, "erase")

    assert row is not None
    assert row.sets(move(State.CLOSED)) == {
        "email": "",
        "name": "",
        "subject": "(erased)",
        "question": "",
        "silent": True,
        "erased_at": NOW,
    }
