"""The engine: who may, why not, all reasons at once, and nothing changed by a refusal."""

from types import SimpleNamespace
from typing import Any

import pytest

from tests.workflows.test_guards import Around, subject
from workflows.expression import EXPRESSION, State
from workflows.expression_guards import Step
from workflows.people import SYSTEM, Actor, Role
from workflows.workflow import Move, NotPermitted, Reason, Refused

SECRETARIAT = Actor("Secretariat", frozenset({Role.SECRETARIAT}))
BOTH = Actor("Both", frozenset({Role.SECRETARIAT, Role.SCREENER}))


def move(state: State, actor: Actor = SECRETARIAT, *, last: Step | None = None, **facts: Any) -> Move:
    """A move on a complete expression."""
    about: SimpleNamespace = subject(state=state)
    return Move(about, actor, facts, Around(last_step=last))


def test_a_step_changes_the_state() -> None:
    step = move(State.SCREENED, focus_area="access")

    EXPRESSION.fire(step, "assign")

    assert step.subject.state is State.ASSIGNED


def test_a_step_that_keeps_the_state_keeps_it() -> None:
    step = move(State.CONFIRMED, focus_area="adoption", reason="Asked for.")

    EXPRESSION.fire(step, "reassign")

    assert step.subject.state is State.CONFIRMED


def test_all_refusing_guards_speak_at_once_and_nothing_changes() -> None:
    step = move(State.CONFIRMED, focus_area="access")

    with pytest.raises(Refused) as refused:
        EXPRESSION.fire(step, "reassign")

    assert [reason.code for reason in refused.value.reasons] == ["same_focus_area", "no_reason"]
    same, reasonless = "The expression is already in this focus area. Choose another one.", "Give a reason; it becomes"
    assert str(refused.value) == f"{same} {reasonless} part of the history."
    assert step.subject.state is State.CONFIRMED


def test_a_step_of_others_is_refused_by_naming_them() -> None:
    step = move(State.SUBMITTED, SYSTEM, reason="No.")

    with pytest.raises(NotPermitted) as refused:
        EXPRESSION.fire(step, "withdraw")

    assert str(refused.value) == "This step belongs to: applicant, secretariat."
    assert step.subject.state is State.SUBMITTED


def test_a_step_that_the_table_lacks_is_refused_by_naming_it() -> None:
    with pytest.raises(NotPermitted) as refused:
        EXPRESSION.fire(move(State.DRAFT), "confirm")

    assert str(refused.value) == "“confirm” is not a step that can follow “draft”."


def test_refusals_foretell_what_would_be_refused_without_taking_the_step() -> None:
    step = move(State.SCREENED, focus_area="nowhere")

    assert [reason.code for reason in EXPRESSION.refusals(step, "assign")] == ["no_focus_area", "departure_unreasoned"]
    assert EXPRESSION.refusals(move(State.DRAFT), "assign") == ()
    assert [reason.code for reason in EXPRESSION.refusals(step, "undo")] == ["letters_left"]


def test_undo_goes_back_to_where_the_last_step_began() -> None:
    step = move(State.CONFIRMED, last=Step("confirm", "waitlisted", 0))

    EXPRESSION.fire(step, "undo")

    assert step.subject.state is State.WAITLISTED


@pytest.mark.parametrize("last", [None, Step("withdraw", "submitted", 0), Step("undo", "assigned", 0)])
def test_a_step_that_cannot_be_undone_is_not_undone(last: Step | None) -> None:
    step = move(State.WITHDRAWN, last=last)

    with pytest.raises(NotPermitted):
        EXPRESSION.fire(step, "undo")

    assert step.subject.state is State.WITHDRAWN


def test_undo_belongs_to_those_who_may_take_the_step() -> None:
    with pytest.raises(NotPermitted):
        EXPRESSION.fire(move(State.SCREENED, SECRETARIAT, last=Step("screen", "submitted", 0)), "undo")


def test_a_step_whose_letters_have_left_is_not_undone() -> None:
    step = move(State.ASSIGNED, last=Step("assign", "screened", 1))

    with pytest.raises(Refused):
        EXPRESSION.fire(step, "undo")

    assert step.subject.state is State.ASSIGNED


def test_who_holds_several_roles_acts_in_the_first_that_may() -> None:
    assert EXPRESSION.permitted_role(move(State.SUBMITTED, BOTH), "decline") is Role.SCREENER
    assert EXPRESSION.permitted_role(move(State.SUBMITTED, BOTH, reason="x"), "withdraw") is Role.SECRETARIAT


def test_the_product_itself_acts_as_the_system_and_as_nobody_else() -> None:
    assert Actor("P2C Intake", frozenset({Role.SYSTEM}), None) == SYSTEM
    assert EXPRESSION.permitted_role(move(State.RETURNED, SYSTEM), "lapse") is Role.SYSTEM


def test_a_reason_reads_as_a_sentence() -> None:
    assert str(Reason("x", "Give 100 % of %(what)s.".replace("%", "%%", 1), {"what": "it"})) == "Give 100 % of it."
    assert str(Reason("x", "Give 100 %.")) == "Give 100 %."


def test_the_machine_of_the_table_holds_no_way_around_it() -> None:
    assert set(EXPRESSION._machine.events) == set(EXPRESSION.triggers)
    assert EXPRESSION._machine.models == []
