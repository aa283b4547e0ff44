"""The one door: one step is one transaction."""

from collections.abc import Callable

from intake.advance import advance
from intake.models import Expression
from tests.making import SCREENER, SECRETARIAT
from workflows.expression import State

Make = Callable[..., Expression]


def test_a_step_leaves_its_history_and_its_letters(expression: Make) -> None:
    ghana = expression(State.SUBMITTED, met=True)

    advance(ghana, "screen", actor=SCREENER, version=ghana.version)

    assert ghana.state is State.SCREENED
    assert [(e.trigger, e.source, e.target) for e in ghana.history] == [("screen", "submitted", "screened")]
    assert [(m.audience, m.status) for m in ghana.letters] == [("applicant", "held"), ("secretariat", "held")]


def test_undo_takes_the_step_and_its_letters_back(expression: Make) -> None:
    ghana = expression(State.SCREENED)
    advance(ghana, "assign", actor=SECRETARIAT, version=ghana.version, focus_area="access")

    advance(ghana, "undo", actor=SECRETARIAT, version=ghana.version)

    assert (ghana.state, ghana.focus_area) == (State.SCREENED, None)
    assert {m.status for m in ghana.letters} == {"cancelled"}
