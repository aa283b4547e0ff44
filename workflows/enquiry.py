"""The enquiry: its states and its table; the only place that says what may happen to one."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from workflows.enquiry_guards import answer_is_given, closing_is_reasoned, question_is_given
from workflows.expression_guards import letters_are_held
from workflows.people import Audience, Role
from workflows.workflow import Move, Transition, Workflow


class State(StrEnum):
    """Where an enquiry stands. One that is received is open in the same breath, and never stored as such."""

    RECEIVED = "received"
    OPEN = "open"
    ANSWERED = "answered"
    CLOSED = "closed"
    REOPENED = "reopened"


WAITING = frozenset({State.OPEN, State.REOPENED})
"""The states in which somebody waits for an answer of the secretariat."""
STAFF = frozenset({Role.SCREENER, Role.SECRETARIAT})
ASKING = frozenset({Role.ENQUIRER, Role.SECRETARIAT})


def _speak(move: Move) -> Mapping[str, Any]:
    """Whoever is written to by staff is answered again, whatever their first mail looked like."""
    return {"silent": False}


S = State
TABLE = (
    Transition(
        trigger="ask", sources=frozenset({S.RECEIVED}), target=S.OPEN, who=ASKING,
        guards=(question_is_given,),
        tells=(Audience.ENQUIRER, Audience.SECRETARIAT),
        facts=("question",),
    ),
    Transition(
        trigger="ask_further", sources=WAITING, target=None, who=ASKING,
        guards=(question_is_given,),
        tells=(Audience.SECRETARIAT,),
        facts=("question",),
    ),
    Transition(
        trigger="answer", sources=WAITING, target=S.ANSWERED, who=STAFF,
        guards=(answer_is_given,),
        tells=(Audience.ENQUIRER,),
        facts=("answer",), sets=_speak, undoable=True,
    ),
    Transition(
        trigger="close", sources=WAITING | {S.ANSWERED}, target=S.CLOSED, who=STAFF,
        guards=(closing_is_reasoned,),
        facts=("reason",),
    ),
    Transition(
        trigger="ask_again", sources=frozenset({S.ANSWERED, S.CLOSED}), target=S.REOPENED, who=ASKING,
        guards=(question_is_given,),
        tells=(Audience.SECRETARIAT,),
        facts=("question",),
    ),
)  # fmt: skip

ENQUIRY = Workflow(
    "enquiry",
    State,
    initial=State.RECEIVED,
    table=TABLE,
    undo_guards=(letters_are_held,),
)
