"""Processes that take steps on the same expressions at once; run by tests/test_races.py, prints what came of it.

Each has an application of its own. It reads every expression and waits for the others. Then it tries a step on each in
an order of its own, first with the version that everybody has seen, then on some with one read a little while ago. Any
error that is no answer to a person ends it.
"""

import json
import multiprocessing
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import select

from intake import create_app
from intake.advance import Stale, advance
from intake.extensions import db
from intake.models import Expression, Mode
from tests.making import SCREENER, SECRETARIAT
from workflows.expression import State
from workflows.people import Actor
from workflows.workflow import UNDO, NotPermitted, Refused

Seen = tuple[int, int, State]
"""Id, version and state of an expression as this process has read them."""
PROCESSES = 8
READ_AHEAD = 10
SECOND_WALK = 100
FORK = multiprocessing.get_context("fork")
START = FORK.Barrier(PROCESSES)
DUE = datetime.now(UTC).date() + timedelta(days=20)
DECISION = {"criteria": ["pledge"], "reason": "No pledge is in sight.", "change": "A target."}
REASON = {"reason": "Because of the race."}
S = State
CHOICES: dict[State, Sequence[tuple[str, Actor, dict[str, Any]]]] = {
    S.SUBMITTED: [
        ("screen", SCREENER, {}),
        ("screen", SECRETARIAT, {}),
        ("decline", SECRETARIAT, DECISION),
        ("request_information", SCREENER, {"points": [{"question": "How many?"}], "due_on": DUE}),
    ],
    S.RETURNED: [("withdraw", SECRETARIAT, REASON), ("lapse", SECRETARIAT, {})],
    S.SCREENED: [
        ("assign", SECRETARIAT, {"focus_area": "access"}),
        ("assign", SECRETARIAT, {"focus_area": "adoption"}),
        ("assign", SCREENER, {"focus_area": "adoption"}),
        ("decline", SCREENER, DECISION),
    ],
    S.ASSIGNED: [
        ("confirm", SECRETARIAT, {"seat_mode": Mode.IN_PERSON}),
        ("confirm", SECRETARIAT, {"seat_mode": Mode.REMOTE}),
        ("waitlist", SECRETARIAT, {"seat_mode": Mode.REMOTE}),
    ],
    S.WAITLISTED: [("confirm", SECRETARIAT, {"seat_mode": Mode.REMOTE}), ("release", SECRETARIAT, REASON)],
    S.CONFIRMED: [("release", SECRETARIAT, REASON), ("withdraw", SECRETARIAT, REASON)],
    S.DECLINED: [("reopen", SECRETARIAT, REASON)],
    S.WITHDRAWN: [("reopen", SECRETARIAT, REASON)],
}


def seen(ids: Sequence[int]) -> list[Seen]:
    """The expressions as they are now, in the order of the ids."""
    columns = select(Expression.id, Expression.version, Expression.state).where(Expression.id.in_(ids))
    found = {id: (id, version, state) for id, version, state in db.session.execute(columns)}
    db.session.rollback()
    return [found[id] for id in ids]


def read_ahead(ids: Sequence[int]) -> Iterator[Seen]:
    """The expressions, a few read at a time: the later ones may have changed before their turn comes."""
    for start in range(0, len(ids), READ_AHEAD):
        yield from seen(ids[start : start + READ_AHEAD])


class Racer:
    """Takes steps and counts what becomes of them."""

    def __init__(self, seed: int) -> None:
        self.dice = Random(seed)
        self.fates: Counter[str] = Counter()
        self.won: list[int] = []

    def tries(self, id: int, version: int, state: State) -> None:
        """One attempt at one step that follows the state as it was seen; each loser is told why."""
        trigger, actor, facts = self.dice.choice([*CHOICES[state], (UNDO, SECRETARIAT, {})])
        self.fates["attempts"] += 1
        try:
            entry = advance(db.session.get_one(Expression, id), trigger, actor=actor, version=version, **facts)
        except Stale as stale:
            told = [entry.version for entry in stale.entries]
            in_order = told == list(range(version + 1, version + 1 + len(told)))
            self.fates["stale" if told and in_order else "not told"] += 1
        except Refused as refused:
            self.fates["refused" if refused.reasons else "not told"] += 1
        except NotPermitted:
            self.fates["not_permitted"] += 1
        else:
            self.won.append(entry.id)
        db.session.rollback()

    def runs(self, at_the_start: list[Seen]) -> None:
        """Walk over all expressions, then over some of them again."""
        self.dice.shuffle(at_the_start)
        for each in at_the_start:
            self.tries(*each)
        for each in read_ahead([id for id, _version, _state in at_the_start[:SECOND_WALK]]):
            self.tries(*each)


def race(seed: int) -> dict[str, Any]:
    """What became of the attempts of one process, and the ids of the entries that it won."""
    with create_app().app_context():
        racer = Racer(seed)
        field = seen(list(db.session.scalars(select(Expression.id).order_by(Expression.id))))
        START.wait(timeout=120)
        racer.runs(field)
        return {**racer.fates, "won": racer.won}


if __name__ == "__main__":
    with ProcessPoolExecutor(PROCESSES, mp_context=FORK) as processes:
        print(json.dumps(list(processes.map(race, range(PROCESSES)))))
