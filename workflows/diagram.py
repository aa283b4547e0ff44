"""Draws a table: Mermaid, the lines of the process, who may do what, who is told what; it decides nothing."""

from collections.abc import Iterable
from typing import Any

from workflows.people import Audience, Role
from workflows.workflow import UNDO, Transition, Workflow


def mermaid(workflow: Workflow[Any]) -> str:
    """The states and steps as a Mermaid state diagram; undo, which takes any undoable step back, is left out."""
    lines = ["stateDiagram-v2", f"    [*] --> {workflow.initial}"]
    for row in workflow.table:
        lines += [f"    {source} --> {row.to(source)}: {row.trigger}" for source in _in_order(workflow, row)]
    return "\n".join(lines) + "\n"


def lines(workflow: Workflow[Any]) -> list[str]:
    """One line a source state and step: `from | step | to | who | given | tells`, with undo for each undoable step."""
    found = []
    for row in workflow.table:
        for source in _in_order(workflow, row):
            who, given, tells = _roles(row.who), _names(row.guards), ", ".join(row.tells)
            found.append(f"{source} | {row.trigger} | {row.to(source)} | {who} | {given} | {tells}")
    for row in workflow.table:
        for source in _in_order(workflow, row) if row.undoable else ():
            given = f"after {row.trigger}, {_names(workflow.undo_guards)}"
            found.append(f"{row.to(source)} | {UNDO} | {source} | {_roles(row.who)} | {given} | ")
    return [line.rstrip() for line in found]


def permissions(workflow: Workflow[Any]) -> dict[str, frozenset[Role]]:
    """Step to the roles that may take it, in the order of the table."""
    found: dict[str, frozenset[Role]] = {}
    for row in workflow.table:
        found[row.trigger] = found.get(row.trigger, frozenset()) | row.who
    return found


def letters(workflow: Workflow[Any]) -> list[tuple[str, Audience]]:
    """Every pair of step and audience that a letter must exist for."""
    return list(dict.fromkeys((row.trigger, audience) for row in workflow.table for audience in row.tells))


def _in_order(workflow: Workflow[Any], row: Transition[Any]) -> Iterable[Any]:
    return (state for state in workflow.states if state in row.sources)


def _roles(roles: frozenset[Role]) -> str:
    return ", ".join(role for role in Role if role in roles)


def _names(guards: Iterable[Any]) -> str:
    return ", ".join(guard.__name__ for guard in guards)
