"""The enquiry: its states and its table; the only place that says what may happen to one."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

from workflows.enquiry_guards import (
    answer_is_given,
    closing_is_reasoned,
    expression_is_known,
    keeping_has_ended,
    question_is_given,
)
from workflows.erasure import erase_enquiry
from workflows.expression_guards import is_not_erased, letters_are_held
from workflows.people import Audience, Role
from workflows.workflow import UNDO, Move, Transition, Workflow


class State(StrEnum):
    """Where an enquiry stands. One that is received is open in the same breath, and never stored as such."""

    RECEIVED = "received"
    OPEN = "open"
    ANSWERED = "answered"
    CLOSED = "closed"
    REOPENED = "reopened"


WAITING = frozenset({State.OPEN, State.REOPENED})
"""The states in which somebody waits for an answer of the secretariat."""
MAIN_LINE = (State.OPEN, State.ANSWERED, State.CLOSED)
"""The states after the first one of an enquiry that needs one answer."""
STORED = frozenset(State) - {State.RECEIVED}
STAFF = frozenset({Role.SCREENER, Role.SECRETARIAT})
ASKING = frozenset({Role.ENQUIRER, Role.SECRETARIAT})


def _note(move: Move) -> Mapping[str, Any]:
    """A step that leaves the state as it is changes this, so that a page opened before it shows as stale."""
    return {"updated_at": move.circumstances.now}


def _speak(move: Move) -> Mapping[str, Any]:
    """Whoever is written to by staff is answered again, whatever their first mail looked like."""
    return {**_note(move), "silent": False}


def _relate(move: Move) -> Mapping[str, Any]:
    reference = move.facts.get("expression")
    found = move.circumstances.expression_id(reference) if reference else None
    return {**_note(move), "expression_id": found}


S = State
TABLE = (
    Transition(
        trigger="ask", sources=frozenset({S.RECEIVED}), target=S.OPEN, who=ASKING,
        guards=(is_not_erased, question_is_given),
        tells=(Audience.ENQUIRER, Audience.SECRETARIAT),
        facts=("question",),
    ),
    Transition(
        trigger="ask_further", sources=WAITING, target=None, who=ASKING,
        guards=(is_not_erased, question_is_given),
        tells=(Audience.SECRETARIAT,),
        facts=("question",), sets=_note,
    ),
    Transition(
        trigger="answer", sources=WAITING | {S.ANSWERED}, target=S.ANSWERED, who=STAFF,
        guards=(is_not_erased, answer_is_given),
        tells=(Audience.ENQUIRER,),
        facts=("answer",), sets=_speak, undoable=True,
    ),
    Transition(
        trigger="close", sources=WAITING | {S.ANSWERED}, target=S.CLOSED, who=STAFF,
        guards=(is_not_erased, closing_is_reasoned),
        facts=("reason",), undoable=True,
    ),
    Transition(
        trigger="ask_again", sources=frozenset({S.ANSWERED, S.CLOSED}), target=S.REOPENED, who=ASKING,
        guards=(is_not_erased, question_is_given),
        tells=(Audience.SECRETARIAT,),
        facts=("question",),
    ),
    Transition(
        trigger="relate", sources=STORED, target=None, who=STAFF,
        guards=(is_not_erased, expression_is_known),
        facts=("expression",), sets=_relate,
    ),
    Transition(
        trigger="erase", sources=STORED, target=None, who=frozenset({Role.SECRETARIAT, Role.SYSTEM}),
        guards=(is_not_erased, keeping_has_ended),
        sets=erase_enquiry, supersedes=True, erases=True,
    ),
)  # fmt: skip

ENQUIRY = Workflow(
    "enquiry",
    State,
    initial=State.RECEIVED,
    table=TABLE,
    undo_guards=(letters_are_held,),
)


def standing(history: Iterable[Any]) -> list[Any]:
    """The entries of a history, in its order, without those that an undo took back and the undo itself."""
    kept: list[Any] = []
    for entry in history:
        if entry.trigger == UNDO:
            kept.pop()
        else:
            kept.append(entry)
    return kept


def asked_last(history: Iterable[Any]) -> list[str]:
    """The questions that the newest answer is for, oldest first: the last of them, and those asked just before it."""
    found: list[str] = []
    for entry in reversed(standing(history)):
        if "question" in entry.facts:
            found.insert(0, entry.facts["question"])
        elif found and entry.trigger != "relate":
            break
    return found
