"""The engine on a small process of its own: what it does for one table it does for any."""

from enum import StrEnum
from types import SimpleNamespace
from typing import Any

import pytest

from workflows import diagram
from workflows.expression_guards import Step
from workflows.people import Actor, Audience, Role
from workflows.workflow import Move, NotPermitted, Reason, Refused, Transition, Workflow, nothing

VISITOR = Actor("A visitor", frozenset({Role.APPLICANT}))
PORTER = Actor("The porter", frozenset({Role.SECRETARIAT}))


class Door(StrEnum):
    OPEN = "open"
    SHUT = "shut"
    LOCKED = "locked"


def key_is_at_hand(move: Move) -> Reason | None:
    return None if move.facts.get("key") else Reason("no_key", "Fetch the key.")


def nobody_has_seen_it(move: Move) -> Reason | None:
    return Reason("seen", "Somebody has seen it.") if move.facts.get("seen") else None


SHUT = Transition(
    trigger="shut",
    sources=frozenset({Door.OPEN}),
    target=Door.SHUT,
    who=frozenset({Role.APPLICANT}),
    tells=(Audience.SECRETARIAT,),
    undoable=True,
)
LOCK = Transition(
    trigger="lock",
    sources=frozenset({Door.OPEN, Door.SHUT}),
    target=Door.LOCKED,
    who=frozenset({Role.SECRETARIAT}),
    guards=(key_is_at_hand,),
    tells=(Audience.APPLICANT, Audience.SECRETARIAT),
    undoable=True,
)
OPEN = Transition(trigger="open", sources=frozenset({Door.SHUT}), target=Door.OPEN, who=frozenset({Role.APPLICANT}))
UNLOCK = Transition(
    trigger="open", sources=frozenset({Door.LOCKED}), target=Door.OPEN, who=frozenset({Role.SECRETARIAT})
)
PAINT = Transition(
    trigger="paint",
    sources=frozenset({Door.SHUT, Door.OPEN}),
    target=None,
    who=frozenset({Role.SECRETARIAT}),
    undoable=True,
)


@pytest.fixture
def door() -> Workflow[Door]:
    """The process of a door, compiled anew."""
    table = iter([SHUT, LOCK, OPEN, UNLOCK, PAINT])
    return Workflow("door", Door, initial=Door.OPEN, table=table, undo_guards=(nobody_has_seen_it,))


def move(state: Door, actor: Actor, *, last: Step | None = None, **facts: Any) -> Move:
    """A move on one door."""
    return Move(SimpleNamespace(state=state), actor, facts, SimpleNamespace(last_step=last))


def test_a_process_keeps_what_it_was_made_of(door: Workflow[Door]) -> None:
    assert (door.name, door.states, door.initial) == ("door", Door, Door.OPEN)
    assert (door.table, door.undo_guards) == ((SHUT, LOCK, OPEN, UNLOCK, PAINT), (nobody_has_seen_it,))
    assert door.triggers == ("shut", "lock", "open", "paint", "undo")


def test_the_machine_knows_the_states_and_steps_of_the_table_alone(door: Workflow[Door]) -> None:
    machine = door._machine

    assert ([state.value for state in machine.states.values()], machine.initial) == ([*Door], "OPEN")
    assert (set(machine.events), machine.models) == ({"shut", "lock", "open", "paint", "undo"}, [])


def test_the_machine_can_undo_the_undoable_steps_alone(door: Workflow[Door]) -> None:
    found = [way for ways in door._machine.events["undo"].transitions.values() for way in ways]

    assert sorted((way.source, way.dest) for way in found) == [
        ("LOCKED", "OPEN"), ("LOCKED", "SHUT"), ("OPEN", "OPEN"), ("SHUT", "OPEN"), ("SHUT", "SHUT"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("state", "actor", "trigger", "after"),
    [
        (Door.OPEN, VISITOR, "shut", Door.SHUT),
        (Door.OPEN, PORTER, "lock", Door.LOCKED),
        (Door.SHUT, PORTER, "lock", Door.LOCKED),
        (Door.SHUT, VISITOR, "open", Door.OPEN),
        (Door.LOCKED, PORTER, "open", Door.OPEN),
        (Door.OPEN, PORTER, "paint", Door.OPEN),
        (Door.SHUT, PORTER, "paint", Door.SHUT),
    ],
)
def test_each_step_leads_where_its_row_says(
    door: Workflow[Door], state: Door, actor: Actor, trigger: str, after: Door
) -> None:
    step = move(state, actor, key="brass")

    door.fire(step, trigger)

    assert step.subject.state is after


def test_a_guard_of_the_row_refuses_the_step(door: Workflow[Door]) -> None:
    step = move(Door.SHUT, PORTER)

    with pytest.raises(Refused) as refused:
        door.fire(step, "lock")

    assert (refused.value.reasons, step.subject.state) == ((Reason("no_key", "Fetch the key."),), Door.SHUT)


@pytest.mark.parametrize(
    ("state", "actor", "last", "after"),
    [
        (Door.SHUT, VISITOR, Step("shut", "open", 0), Door.OPEN),
        (Door.LOCKED, PORTER, Step("lock", "open", 0), Door.OPEN),
        (Door.LOCKED, PORTER, Step("lock", "shut", 0), Door.SHUT),
        (Door.OPEN, PORTER, Step("paint", "open", 0), Door.OPEN),
        (Door.SHUT, PORTER, Step("paint", "shut", 0), Door.SHUT),
    ],
)
def test_an_undo_of_one_step_from_several_states_finds_the_right_one(
    door: Workflow[Door], state: Door, actor: Actor, last: Step, after: Door
) -> None:
    step = move(state, actor, last=last)

    door.fire(step, "undo")

    assert step.subject.state is after


def test_a_guard_of_undo_refuses_the_undo_and_no_other_step(door: Workflow[Door]) -> None:
    undo = move(Door.LOCKED, PORTER, last=Step("lock", "shut", 0), seen=True)
    opening = move(Door.LOCKED, PORTER, last=Step("lock", "shut", 0), seen=True)

    door.fire(opening, "open")
    with pytest.raises(Refused) as refused:
        door.fire(undo, "undo")

    assert refused.value.reasons == (Reason("seen", "Somebody has seen it."),)
    assert (opening.subject.state, undo.subject.state) == (Door.OPEN, Door.LOCKED)


def test_a_step_whose_row_says_nothing_of_undo_is_not_undone(door: Workflow[Door]) -> None:
    step = move(Door.OPEN, PORTER, last=Step("open", "locked", 0))

    with pytest.raises(NotPermitted) as refused:
        door.fire(step, "undo")

    words = {"trigger": "undo", "state": "open"}
    assert refused.value.reason == Reason(
        "not_in_table", "“%(trigger)s” is not a step that can follow “%(state)s”.", words
    )


def test_who_may_not_take_a_step_learns_whose_it_is(door: Workflow[Door]) -> None:
    with pytest.raises(NotPermitted) as refused:
        door.fire(move(Door.OPEN, VISITOR, key="brass"), "lock")

    wanted = Reason("not_your_step", "This step belongs to: %(roles)s.", {"roles": "secretariat"})
    assert refused.value.reason == wanted


def test_the_roles_of_a_step_are_gathered_over_its_rows(door: Workflow[Door]) -> None:
    porter, visitor = frozenset({Role.SECRETARIAT}), frozenset({Role.APPLICANT})

    assert diagram.permissions(door) == {"shut": visitor, "lock": porter, "open": visitor | porter, "paint": porter}


def test_the_drawings_follow_the_order_of_the_table_and_of_the_states(door: Workflow[Door]) -> None:
    assert diagram.letters(door) == [
        ("shut", Audience.SECRETARIAT), ("lock", Audience.APPLICANT), ("lock", Audience.SECRETARIAT),
    ]  # fmt: skip
    assert diagram.lines(door) == [
        "open | shut | shut | applicant |  | secretariat",
        "open | lock | locked | secretariat | key_is_at_hand | applicant, secretariat",
        "shut | lock | locked | secretariat | key_is_at_hand | applicant, secretariat",
        "shut | open | open | applicant |  |",
        "locked | open | open | secretariat |  |",
        "open | paint | open | secretariat |  |",
        "shut | paint | shut | secretariat |  |",
        "shut | undo | open | applicant | after shut, nobody_has_seen_it |",
        "locked | undo | open | secretariat | after lock, nobody_has_seen_it |",
        "locked | undo | shut | secretariat | after lock, nobody_has_seen_it |",
        "open | undo | open | secretariat | after paint, nobody_has_seen_it |",
        "shut | undo | shut | secretariat | after paint, nobody_has_seen_it |",
    ]


def test_a_row_that_says_no_more_changes_the_state_alone() -> None:
    row = Transition(trigger="open", sources=frozenset({Door.SHUT}), target=Door.OPEN, who=frozenset({Role.SYSTEM}))

    assert (row.guards, row.tells, row.facts, row.sets) == ((), (), (), nothing)
    assert (row.undoable, row.supersedes, row.seats) == (False, False, False)
    assert nothing(move(Door.SHUT, PORTER)) == {}
