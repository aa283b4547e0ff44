"""What the steps of an expression change beside its state, ask to be told, take over and wait for."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest

from tests.workflows.test_guards import NOW, SOMEBODY, Around, subject
from workflows.expression import EXPRESSION, State, row
from workflows.people import Audience, Role
from workflows.workflow import Move, Transition, nothing

TEN_WORKING_DAYS_ON = date(2027, 3, 15)
POINTS = [{"question": "How many?", "answer": "Not yours to give", "colour": "red"}, {"question": "Where?"}]
ASKED = [{"question": "How many?", "answer": ""}, {"question": "Where?", "answer": ""}]


EMPTY = {
    "organisation_name": "(erased)", "organisation_key": "(erased) P2C-1234-5678", "website": "", "contact_name": "",
    "contact_title": "", "contact_email": "", "second_email": "", "contact_phone": "", "delegate_name": "",
    "delegate_title": "", "communities": "", "accessibility_needs": "", "points": [], "answer_due_on": None,
    "creation_key": None, "unread": False, "erasure_due_on": None, "criteria": {"commitment": {"basis": "past_work"}},
    "erased_at": NOW,
}  # fmt: skip


@pytest.mark.parametrize(
    ("state", "trigger", "facts", "changes"),
    [
        (State.DRAFT, "submit", {}, {"submitted_at": NOW, "decision_due_on": TEN_WORKING_DAYS_ON}),
        (State.SUBMITTED, "request_information", {"points": POINTS, "due_on": date(2027, 3, 9)},
         {"points": ASKED, "answer_due_on": date(2027, 3, 9)}),
        (State.RETURNED, "resubmit", {}, {"answer_due_on": None, "decision_due_on": TEN_WORKING_DAYS_ON}),
        (State.SUBMITTED, "screen", {}, {}),
        (State.SCREENED, "decline", {}, {}),
        (State.SCREENED, "assign", {"focus_area": "adoption"}, {"focus_area": "adoption"}),
        (State.CONFIRMED, "reassign", {"focus_area": "adoption"}, {"focus_area": "adoption"}),
        (State.WAITLISTED, "confirm", {"seat_mode": "remote"}, {"seat_mode": "remote"}),
        (State.ASSIGNED, "waitlist", {"seat_mode": "remote"}, {"seat_mode": "remote"}),
        (State.CONFIRMED, "release", {}, {"seat_mode": None}),
        (State.CONFIRMED, "correct_category", {"category": "academia", "sub_type": "university"},
         {"category": "academia", "sub_type": "university"}),
        (State.RETURNED, "correct_category", {"category": "others", "sub_type": None},
         {"category": "others", "sub_type": ""}),
        (State.CONFIRMED, "withdraw", {}, {"seat_mode": None}),
        (State.WITHDRAWN, "reopen", {}, {"focus_area": None, "seat_mode": None, "answer_due_on": None,
                                         "decision_due_on": TEN_WORKING_DAYS_ON}),
        (State.RETURNED, "lapse", {}, {}),
        (State.SUBMITTED, "nudge", {}, {}),
        (State.DRAFT, "request_erasure", {}, {"erasure_due_on": date(2027, 3, 1)}),
        (State.CONFIRMED, "request_erasure", {}, {"erasure_due_on": date(2027, 3, 31), "seat_mode": None}),
        (State.DECLINED, "request_erasure", {}, {"erasure_due_on": date(2027, 3, 31), "seat_mode": None}),
        (State.DRAFT, "keep_data", {}, {"erasure_due_on": None}),
        (State.WITHDRAWN, "keep_data", {}, {"erasure_due_on": None}),
        (State.CONFIRMED, "erase", {}, EMPTY),
    ],
)  # fmt: skip
def test_a_step_sets_these_fields_and_no_others(
    state: State, trigger: str, facts: dict[str, Any], changes: dict[str, Any]
) -> None:
    found = EXPRESSION.row(state, trigger)

    assert found is not None
    assert found.sets(Move(subject(state=state), SOMEBODY, facts, Around())) == changes


def test_each_step_takes_the_facts_that_it_needs() -> None:
    assert {each.trigger: each.facts for each in EXPRESSION.table if each.facts} == {
        "request_information": ("points", "due_on"),
        "decline": ("criteria", "reason", "change"),
        "assign": ("focus_area", "reason"),
        "reassign": ("focus_area", "reason"),
        "confirm": ("seat_mode",),
        "waitlist": ("seat_mode",),
        "release": ("reason",),
        "correct_category": ("category", "sub_type", "reason"),
        "withdraw": ("reason",),
        "reopen": ("reason",),
    }


def test_reversals_take_over_the_letters_of_what_they_reverse() -> None:
    superseding = [each.trigger for each in EXPRESSION.table if each.supersedes]

    assert superseding == ["decline", "release", "withdraw", "reopen", "lapse", "request_erasure", "erase"]


def test_steps_that_count_or_free_seats_wait_for_each_other() -> None:
    counting = [each.trigger for each in EXPRESSION.table if each.seats]

    assert counting == ["confirm", "waitlist", "release", "withdraw", "request_erasure"]


def test_one_step_erases() -> None:
    assert [each.trigger for each in EXPRESSION.table if each.erases] == ["erase"]


def light_a_lamp(move: Move) -> Mapping[str, Any]:
    return {"lamp": "lit"}


def nobody_minds(move: Move) -> None:
    return None


def test_a_row_of_the_table_says_what_it_was_told() -> None:
    made = row(
        "ring", {State.DRAFT, State.LAPSED}, None, {Role.SYSTEM}, [nobody_minds], [Audience.GROUP_LEAD],
        "undoable", "seats", facts=("reason",), sets=light_a_lamp,
    )  # fmt: skip

    assert made == Transition(
        trigger="ring",
        sources=frozenset({State.DRAFT, State.LAPSED}),
        target=None,
        who=frozenset({Role.SYSTEM}),
        guards=(nobody_minds,),
        tells=(Audience.GROUP_LEAD,),
        facts=("reason",),
        sets=light_a_lamp,
        undoable=True,
        seats=True,
    )


def test_a_row_that_names_no_effect_has_none() -> None:
    made = row("ring", {State.DRAFT}, State.LAPSED, {Role.SYSTEM}, [], [])

    assert (made.target, made.facts, made.sets) == (State.LAPSED, (), nothing)
