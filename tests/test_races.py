"""Eight processes at once on two hundred expressions: nothing is lost, told or sold twice, and each loser is told."""

import json
import os
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from intake import history
from intake.current import programme
from intake.extensions import db
from intake.models import Expression, HistoryEntry, Letter, Mode
from tests.racing import SECOND_WALK
from workflows.expression import State
from workflows.people import Audience
from workflows.workflow import UNDO

FIELD = {State.SUBMITTED: 70, State.SCREENED: 50, State.ASSIGNED: 70, State.DECLINED: 10}


@pytest.fixture
def results(app: Flask, environment: dict[str, str], expression: Callable[..., Expression]) -> list[dict[str, Any]]:
    """What became of the attempts of each process, after all have run at the same time."""
    for state, number in FIELD.items():
        for place in range(number):
            expression(state, met=state is State.SUBMITTED and place % 5 > 0)
    db.session.remove()
    variables = {**os.environ, **environment, "PYTHONPATH": str(Path(__file__).parents[1])}
    command = [sys.executable, "-m", "tests.racing"]
    done = subprocess.run(command, env=variables, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def whole_field() -> list[Expression]:
    """Every expression with its history."""
    return list(db.session.scalars(select(Expression).options(selectinload(Expression.history))))


def test_eight_processes_at_once_lose_nothing_and_tell_each_loser(results: list[dict[str, Any]]) -> None:
    total: Counter[str] = Counter()
    for each in results:
        total.update({**each, "won": len(each["won"])})
    field, entries = whole_field(), list(db.session.scalars(select(HistoryEntry).order_by(HistoryEntry.id)))

    assert (len(results), len(field)) == (8, 200)
    assert total["attempts"] == 8 * (200 + SECOND_WALK)
    assert total["attempts"] == total["won"] + total["stale"] + total["refused"] + total["not_permitted"]
    assert min(total.values()) > 0
    assert sorted(id for each in results for id in each["won"]) == [entry.id for entry in entries]
    assert [whole(each) for each in field] == [True] * sum(FIELD.values())
    assert doubled_letters() == []
    assert wrongly_told(entries) == []
    assert most_held_at_once(entries) == {mode: programme().roundtable.seats(mode) for mode in Mode}


def whole(expression: Expression) -> bool:
    """Entries and versions without a gap, a chain without a fault, and a state that is the last entry's."""
    steps = len(expression.history)
    numbers = [(entry.number, entry.version) for entry in expression.history]
    contiguous = numbers == [(number, number + 1) for number in range(1, steps + 1)]
    chained = not steps or history.faults(expression, expression.history) == []
    return contiguous and chained and expression.version == steps + 1


def doubled_letters() -> list[tuple[int, str, int]]:
    """Steps that told somebody twice: step, recipient, how often."""
    times = func.count()
    found = select(Letter.step_id, Letter.recipient, times).group_by(Letter.step_id, Letter.recipient)
    return [(step, recipient, number) for step, recipient, number in db.session.execute(found.having(times > 1))]


def wrongly_told(entries: list[HistoryEntry]) -> list[str]:
    """Steps without exactly one letter to the applicant; an undo writes none."""
    counted = select(Letter.step_id, func.count()).where(Letter.audience == Audience.APPLICANT).group_by(Letter.step_id)
    letters = {step: number for step, number in db.session.execute(counted)}  # noqa: C416 - dict() loses the types
    return [
        f"{entry.trigger}: {letters.get(entry.id, 0)}"
        for entry in entries
        if letters.get(entry.id, 0) != (entry.trigger != UNDO)
    ]


def most_held_at_once(entries: list[HistoryEntry]) -> dict[Mode, int]:
    """The most seats of each mode that were ever held, read from the history step by step.

    Steps that count seats wait for each other, so their entries have the order in which they were stored.
    """
    modes: dict[int, Mode] = {}
    held: defaultdict[Mode, set[int]] = defaultdict(set)
    most: Counter[Mode] = Counter()
    for entry in entries:
        if entry.trigger == "confirm":
            modes[entry.expression_id] = Mode(entry.facts["seat_mode"])
        if State.CONFIRMED in {entry.source, entry.target}:
            mode = modes[entry.expression_id]
            held[mode].discard(entry.expression_id)
            if entry.target == State.CONFIRMED:
                held[mode].add(entry.expression_id)
            most[mode] = max(most[mode], len(held[mode]))
    return dict(most)
