"""Says the table in words: what each step demands, who may take it, who is told and when; it adds no rule."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from intake.current import programme
from intake.staff_words import role_name
from intake.wording import listed
from workflows import enquiry, enquiry_help, enquiry_words, expression, expression_help, expression_words
from workflows.people import Audience, Role
from workflows.workflow import Guard, Transition, Workflow


@dataclass(frozen=True, slots=True)
class StepWords:
    """A row of the table: its number in the chart, its name, the ways it leads, who takes it, what must hold."""

    number: int
    name: str
    ways: tuple[tuple[str, str], ...]
    who: str
    demands: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Possibility:
    """What may follow a state: the step, the state after it, and for each of its process’s roles whether it may."""

    name: str
    target: str
    may: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class Mailing:
    """To whom a step writes: for each audience of its process when the letter leaves, or nothing."""

    number: int
    name: str
    when: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Process:
    """A table with its words: names of states and steps, what each guard demands, and what a state means to others."""

    workflow: Workflow[Any]
    main_line: tuple[Any, ...]
    states: Mapping[Any, Any]
    named_steps: Mapping[str, Any]
    demands: Mapping[str, str]
    meanings: Mapping[Any, str]

    def state_name(self, state: str) -> str:
        """What staff call a state."""
        return str(_(self.states[self.workflow.states(state)].staff))

    def state_tone(self, state: str) -> str:
        """The tone of a state's tag."""
        return str(self.states[self.workflow.states(state)].tone)

    def button(self, trigger: str) -> str:
        """What stands on the button of a step."""
        return str(_(self.named_steps[trigger].button))

    def roles(self) -> list[Role]:
        """Those who may take any step, in the order of `Role`."""
        return [role for role in Role if any(role in row.who for row in self.workflow.table)]

    def audiences(self) -> list[Audience]:
        """Those who are told of any step."""
        return [audience for audience in Audience if any(audience in row.tells for row in self.workflow.table)]

    def steps(self) -> list[StepWords]:
        """Every row of the table."""
        return [self._step(number, row) for number, row in enumerate(self.workflow.table, start=1)]

    def undo_demands(self) -> tuple[str, ...]:
        """What must hold for an undo."""
        return self._demands(self.workflow.undo_guards)

    def possibilities(self) -> list[tuple[str, list[Possibility]]]:
        """For each state what may follow it, undo of the last step last."""
        return [(state.value, [*self._steps_from(state), *self._undo_from(state)]) for state in self.workflow.states]

    def mailings(self) -> list[Mailing]:
        """For each row of the table who gets a letter, and when it leaves."""
        told = self.audiences()
        return [
            Mailing(number, self.button(row.trigger), tuple(_leaves(row) if each in row.tells else "" for each in told))
            for number, row in enumerate(self.workflow.table, start=1)
        ]

    def _step(self, number: int, row: Transition[Any]) -> StepWords:
        ways = tuple(
            (self.state_name(source), self.state_name(row.to(source)))
            for source in self.workflow.states
            if source in row.sources
        )
        who = listed(role_name(role) for role in Role if role in row.who)
        return StepWords(number, self.button(row.trigger), ways, who, self._demands(row.guards))

    def _demands(self, guards: tuple[Guard, ...]) -> tuple[str, ...]:
        """A guard without a sentence is said by its name."""
        names = (str(guard.__name__) for guard in guards)
        return tuple(str(_(self.demands.get(name, name.replace("_", " ")))) for name in names)

    def _steps_from(self, state: Any) -> Iterator[Possibility]:
        for row in self.workflow.table:
            if state in row.sources:
                yield self._possibility(self.button(row.trigger), row, row.to(state))

    def _undo_from(self, state: Any) -> Iterator[Possibility]:
        for row in self.workflow.table:
            undone = row.sources if row.undoable else ()
            for source in (each for each in self.workflow.states if each in undone and row.to(each) is state):
                name = _(self.named_steps[row.trigger].staff)
                yield self._possibility(_("Undo “%(step)s”", step=name), row, source)

    def _possibility(self, name: Any, row: Transition[Any], target: Any) -> Possibility:
        return Possibility(str(name), self.state_name(target), tuple(role in row.who for role in self.roles()))


def _leaves(row: Transition[Any]) -> str:
    """When a letter of a step leaves."""
    if not row.undoable:
        return str(_("at once"))
    return str(_("held for %(minutes)s minutes", minutes=programme().call.undo_minutes))


OF_EXPRESSIONS = Process(
    expression.EXPRESSION,
    expression.MAIN_LINE,
    expression_words.STATES,
    expression_words.STEPS,
    expression_help.DEMANDS,
    {state: words.applicant for state, words in expression_words.STATES.items()},
)
OF_ENQUIRIES = Process(
    enquiry.ENQUIRY,
    enquiry.MAIN_LINE,
    enquiry_words.STATES,
    enquiry_words.STEPS,
    enquiry_help.DEMANDS,
    {state: words.meaning for state, words in enquiry_words.STATES.items()},
)
