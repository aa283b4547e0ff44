"""Says the table in words: what each step demands, who may take it, who is told and when; it adds no rule."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from intake.current import programme
from intake.staff_words import button, role_name, state_name, step_name
from workflows.expression import EXPRESSION, State
from workflows.expression_help import demand
from workflows.people import Audience, Role
from workflows.workflow import Guard, Transition


@dataclass(frozen=True, slots=True)
class StepWords:
    """A row of the table: its number in the chart, its name, the ways it leads, who takes it, what must hold."""

    number: int
    name: str
    ways: tuple[tuple[str, str], ...]
    who: tuple[str, ...]
    demands: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Possibility:
    """What may follow a state: the step, the state after it, and for each of `roles()` whether it may."""

    name: str
    target: str
    may: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class Mailing:
    """To whom a step writes: for each of `audiences()` when the letter leaves, or nothing."""

    number: int
    name: str
    when: tuple[str, ...]


def roles() -> list[Role]:
    """Those who may take any step, in the order of `Role`."""
    return [role for role in Role if any(role in row.who for row in EXPRESSION.table)]


def audiences() -> list[Audience]:
    """Those who are told of any step."""
    return [audience for audience in Audience if any(audience in row.tells for row in EXPRESSION.table)]


def steps() -> list[StepWords]:
    """Every row of the table."""
    return [_step(number, row) for number, row in enumerate(EXPRESSION.table, start=1)]


def undo_demands() -> tuple[str, ...]:
    """What must hold for an undo."""
    return _demands(EXPRESSION.undo_guards)


def possibilities() -> list[tuple[str, list[Possibility]]]:
    """For each state what may follow it, undo of the last step last."""
    return [(state.value, [*_steps_from(state), *_undo_from(state)]) for state in State]


def mailings() -> list[Mailing]:
    """For each row of the table who gets a letter, and when it leaves."""
    return [
        Mailing(number, button(row.trigger), tuple(_leaves(row) if each in row.tells else "" for each in audiences()))
        for number, row in enumerate(EXPRESSION.table, start=1)
    ]


def _step(number: int, row: Transition[State]) -> StepWords:
    ways = tuple((state_name(source), state_name(row.to(source))) for source in State if source in row.sources)
    who = tuple(role_name(role) for role in Role if role in row.who)
    return StepWords(number, button(row.trigger), ways, who, _demands(row.guards))


def _demands(guards: tuple[Guard, ...]) -> tuple[str, ...]:
    return tuple(str(_(demand(guard))) for guard in guards)


def _steps_from(state: State) -> Iterator[Possibility]:
    for row in EXPRESSION.table:
        if state in row.sources:
            yield _possibility(button(row.trigger), row, row.to(state))


def _undo_from(state: State) -> Iterator[Possibility]:
    for row in EXPRESSION.table:
        for source in (each for each in State if row.undoable and each in row.sources and row.to(each) is state):
            yield _possibility(_("Undo “%(step)s”", step=step_name(row.trigger)), row, source)


def _possibility(name: Any, row: Transition[State], target: State) -> Possibility:
    return Possibility(str(name), state_name(target), tuple(role in row.who for role in roles()))


def _leaves(row: Transition[State]) -> str:
    """When a letter of a step leaves."""
    if not row.undoable:
        return str(_("at once"))
    return str(_("held for %(minutes)s minutes", minutes=programme().call.undo_minutes))
