"""A process as a table, compiled once into a shared machine; it does no I/O and keeps no rows."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Generic, TypeVar

from transitions import EventData, Machine

from workflows.people import Actor, Audience, Role


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a step is refused and how to mend it; `message` is a gettext message with named placeholders.

    Days and moments among `params` are such, so that each reader has them in their own language; `str` is English.
    """

    code: str
    message: str
    params: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return (
            self.message % {name: _english(value) for name, value in self.params.items()}
            if self.params
            else self.message
        )


def _english(value: object) -> object:
    if isinstance(value, datetime):
        return f"{value:%-d %B %Y, %H:%M} ({value.tzinfo})"
    return f"{value:%-d %B %Y}" if isinstance(value, date) else value


class Refused(Exception):
    """The step is in the table and the actor may take it, but guards refuse; carries every reason."""

    def __init__(self, reasons: Iterable[Reason]) -> None:
        self.reasons = tuple(reasons)
        super().__init__(" ".join(str(reason) for reason in self.reasons))


class NotPermitted(Exception):
    """The table gives this step to somebody else; carries one reason."""

    def __init__(self, reason: Reason) -> None:
        self.reason = reason
        super().__init__(str(reason))


@dataclass(frozen=True, slots=True)
class Move:
    """One attempt at a step: what guards and effects may look at."""

    subject: Any
    actor: Actor
    facts: Mapping[str, Any]
    circumstances: Any


Guard = Callable[[Move], Reason | None]
Effect = Callable[[Move], Mapping[str, Any]]
S = TypeVar("S", bound=StrEnum)


def nothing(move: Move) -> Mapping[str, Any]:
    """The effect of a step that changes the state alone."""
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition(Generic[S]):
    """One row of a table.

    `target` None means that the state stays. `sets` gives the fields to change beside the state, so that an undo
    can put the old values back. `supersedes`: letters of earlier steps that have not left will not leave.
    `seats`: the step counts or frees seats of the call, so steps of other subjects must wait for it.
    `erases`: with the step goes all that names or reaches a person, also in the history.
    """

    trigger: str
    sources: frozenset[S]
    target: S | None
    who: frozenset[Role]
    guards: tuple[Guard, ...] = ()
    tells: tuple[Audience, ...] = ()
    facts: tuple[str, ...] = ()
    sets: Effect = nothing
    undoable: bool = False
    supersedes: bool = False
    seats: bool = False
    erases: bool = False

    def to(self, source: S) -> S:
        """The state after the step when it starts from `source`."""
        return source if self.target is None else self.target


UNDO = "undo"
ERASE = "erase"
"""The step of every workflow with which all that names a person goes; its rows say `erases`."""


class Workflow(Generic[S]):
    """A named table with its machine. One instance serves every subject; it holds no reference to any of them."""

    def __init__(
        self,
        name: str,
        states: type[S],
        *,
        initial: S,
        table: Iterable[Transition[S]],
        undo_guards: tuple[Guard, ...],
    ) -> None:
        self.name = name
        self.states = states
        self.initial = initial
        self.table = tuple(table)
        self.undo_guards = undo_guards
        self._rows = {(source, row.trigger): row for row in self.table for source in row.sources}
        self._machine = Machine(
            model=None,
            states=states,
            initial=initial,
            auto_transitions=False,
            send_event=True,
            transitions=[*self._steps(), *self._undo_steps()],
        )

    def _steps(self) -> Iterable[dict[str, Any]]:
        for row in self.table:
            for source in row.sources:
                check = _refuse_unless(row.guards)
                yield {"trigger": row.trigger, "source": source, "dest": row.to(source), "conditions": check}

    def _undo_steps(self) -> Iterable[dict[str, Any]]:
        for row in self.table:
            for source in sorted(row.sources) if row.undoable else ():
                conditions = [_follows(row.trigger, source), _refuse_unless(self.undo_guards)]
                yield {"trigger": UNDO, "source": row.to(source), "dest": source, "conditions": conditions}

    @property
    def triggers(self) -> tuple[str, ...]:
        """Every trigger in the order of the table, `undo` last."""
        return (*dict.fromkeys(row.trigger for row in self.table), UNDO)

    def row(self, state: S, trigger: str) -> Transition[S] | None:
        """The row for a trigger from a state; None where the table has none. Undo has no row: it follows others."""
        return self._rows.get((state, trigger))

    def facts(self, trigger: str) -> tuple[str, ...]:
        """The facts that a step asks for; undo asks for none."""
        return next((row.facts for row in self.table if row.trigger == trigger), ())

    def undone_row(self, move: Move) -> Transition[S] | None:
        """The row whose step an undo would take back now, or None."""
        last = move.circumstances.last_step
        row = None if last is None else self.row(self.states(last.source), last.trigger)
        return row if row is not None and row.undoable else None

    def row_for(self, move: Move, trigger: str) -> Transition[S] | None:
        """The row that a step belongs to now; of an undo, the row of the step that it takes back."""
        return self.undone_row(move) if trigger == UNDO else self.row(move.subject.state, trigger)

    def guards(self, state: S, trigger: str) -> tuple[Guard, ...]:
        """The guards of a step from a state; none where the table has no such step."""
        row = self.row(state, trigger)
        return self.undo_guards if trigger == UNDO else row.guards if row is not None else ()

    def open_to(self, state: S, roles: frozenset[Role]) -> tuple[Transition[S], ...]:
        """The rows that start from a state and belong to one of these roles, in the order of the table."""
        return tuple(row for row in self.table if state in row.sources and row.who & roles)

    def permitted_role(self, move: Move, trigger: str) -> Role:
        """The role in which the actor may take the step. Raises `NotPermitted`, also for a step not in the table."""
        row = self.row_for(move, trigger)
        if row is None:
            message = "“%(trigger)s” is not a step that can follow “%(state)s”."
            raise NotPermitted(Reason("not_in_table", message, {"trigger": trigger, "state": str(move.subject.state)}))
        role = move.actor.role_among(row.who)
        if role is None:
            message = "This step belongs to: %(roles)s."
            roles = ", ".join(role for role in Role if role in row.who)
            raise NotPermitted(Reason("not_your_step", message, {"roles": roles}))
        return role

    def refusals(self, move: Move, trigger: str) -> tuple[Reason, ...]:
        """Every reason for which guards refuse the step as things stand; empty when it would go through."""
        return _reasons(self.guards(move.subject.state, trigger), move)

    def fire(self, move: Move, trigger: str) -> None:
        """Change the subject's state. Raises `NotPermitted` or `Refused`, and then has changed nothing."""
        self.permitted_role(move, trigger)
        self._machine.events[trigger].trigger(move.subject, move=move)


def _reasons(guards: Iterable[Guard], move: Move) -> tuple[Reason, ...]:
    return tuple(reason for guard in guards if (reason := guard(move)) is not None)


def _refuse_unless(guards: tuple[Guard, ...]) -> Callable[[EventData], bool]:
    def all_allow(event: EventData) -> bool:
        reasons = _reasons(guards, event.kwargs["move"])
        if reasons:
            raise Refused(reasons)
        return True

    return all_allow


def _follows(trigger: str, source: StrEnum) -> Callable[[EventData], bool]:
    def last_step_was(event: EventData) -> bool:
        last = event.kwargs["move"].circumstances.last_step
        return bool(last.trigger == trigger and last.source == source)

    return last_step_was
