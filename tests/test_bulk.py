"""One step for many: an honest dry run, a run that repeats nothing, and what survives a killed process."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from intake import bulk
from intake.advance import advance
from intake.extensions import db
from intake.models import BulkItem, BulkRun, Expression, Fate, HistoryEntry, Letter, Mode
from tests.making import SCREENER, SECRETARIAT
from tests.statements import counted
from workflows.expression import State
from workflows.workflow import NotPermitted

Make = Callable[..., Expression]
FIRST = {"focus_area": bulk.EACH_FIRST, "reason": ""}
STATEMENTS_A_ROW = 12


def begin(expressions: Sequence[Expression], trigger: str = "assign", facts: Any = FIRST, key: str = "key") -> int:
    """A run on all of these, as they are now."""
    items = [(each.id, each.version, ()) for each in expressions]
    return bulk.start(bulk.Plan(key, trigger, facts, items), user_id=None)


def fates(run_id: int) -> list[Fate]:
    """What became of each expression, in the order of the list."""
    return list(db.session.scalars(select(BulkItem.fate).where(BulkItem.run_id == run_id).order_by(BulkItem.id)))


def why(row: Any) -> list[str]:
    """The reasons of a row of a dry run or of a run."""
    return [reason["message"] % reason["params"] for reason in row.reasons]


def test_a_dry_run_says_who_would_move_and_who_not_and_changes_nothing(expression: Make) -> None:
    ready = expression(State.SCREENED, preferences=["adoption", "access"])
    early = expression(State.SUBMITTED)
    unranked = expression(State.SCREENED, preferences=[])
    names = [each.reference for each in (ready, early, unranked)]

    seen = bulk.dry_run([ready, early, unranked], "assign", FIRST, actor=SECRETARIAT)

    assert [(row.reference, row.target) for row in seen.moving] == [(names[0], State.ASSIGNED)]
    assert [(row.reference, why(row)) for row in seen.staying] == [
        (names[1], ["“Assign” does not follow the state “Submitted”."]),
        (
            names[2],
            [
                "Choose one of the focus areas.",
                "The applicant did not rank this focus area: give a reason for choosing it.",
            ],
        ),
    ]
    assert seen.letters() == {"applicant": 1, "secretariat": 1}
    assert "adoption" in seen.moving[0].letters[0].body.lower()
    assert db.session.query(HistoryEntry).count() == db.session.query(Letter).count() == 0
    stored = select(Expression.state, Expression.version).where(Expression.reference == names[0])
    assert db.session.execute(stored).one() == (State.SCREENED, 1)


def test_a_dry_run_gives_the_last_seats_to_the_first_of_the_list(
    expression: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("intake.programme.Roundtable.seats", lambda self, mode: 2 if mode == "in_person" else 1)
    expression(State.CONFIRMED)
    modes = [Mode.IN_PERSON, Mode.IN_PERSON, Mode.REMOTE, Mode.REMOTE, None]
    assigned = [expression(State.ASSIGNED, participation_mode=mode) for mode in modes]

    seen = bulk.dry_run(assigned, "confirm", {"seat_mode": bulk.EACH_ASKED}, actor=SECRETARIAT)

    full = ["No seat is free in this mode. Waitlist the expression, or choose the other mode."]
    none = ["Choose how the delegate takes part: in person or remote."]
    assert [(row.target, why(row)) for row in seen.rows] == [
        (State.CONFIRMED, []),
        ("", full),
        (State.CONFIRMED, []),
        ("", full),
        ("", none),
    ]


def test_a_dry_run_sends_a_bounded_number_of_statements_for_each_expression(expression: Make) -> None:
    made = [expression(State.SCREENED) for _ in range(14)]
    sent = []
    for some in (made[:2], made[2:]):
        with counted() as statements:
            bulk.dry_run(some, "assign", FIRST, actor=SECRETARIAT)
        sent.append(len(statements))

    assert (sent[1] - sent[0]) / 10 <= STATEMENTS_A_ROW


def test_a_run_moves_each_with_its_own_history_and_letters(expression: Make) -> None:
    areas = ["adoption", "value_creation", "access"]
    made = [expression(State.SCREENED, preferences=[area]) for area in areas]
    run_id = begin(made)

    bulk.go_on(run_id, actor=SECRETARIAT)

    assert fates(run_id) == [Fate.MOVED] * 3
    assert [each.focus_area for each in made] == areas
    assert [[entry.trigger for entry in each.history] for each in made] == [["assign"]] * 3
    assert [[letter.audience for letter in each.letters] for each in made] == [["applicant", "secretariat"]] * 3
    assert db.session.get_one(BulkRun, run_id).finished_at is not None


def test_what_the_dry_run_left_alone_is_left_alone_by_the_run(expression: Make) -> None:
    ready, left = expression(State.SCREENED), expression(State.SCREENED)
    plan = bulk.Plan("key", "assign", FIRST, [(ready.id, 1, []), (left.id, 1, [{"message": "Not yet.", "params": {}}])])

    run_id = bulk.start(plan, user_id=None)
    bulk.go_on(run_id, actor=SECRETARIAT)

    assert fates(run_id) == [Fate.MOVED, Fate.REFUSED]
    assert (ready.state, left.state) == (State.ASSIGNED, State.SCREENED)


def test_what_somebody_changed_since_the_dry_run_is_left_and_the_others_move(expression: Make) -> None:
    changed, other = expression(State.SCREENED), expression(State.SCREENED)
    run_id = begin([changed, other])
    facts = {"criteria": ["pledge"], "reason": "No pledge.", "change": "A target."}
    advance(changed, "decline", actor=SCREENER, version=1, **facts)

    bulk.go_on(run_id, actor=SECRETARIAT)

    items = db.session.scalars(select(BulkItem).order_by(BulkItem.id)).all()
    assert [(item.fate, why(item)) for item in items] == [
        (Fate.STALE, ["It has been changed since the dry run: Declined, The screener."]),
        (Fate.MOVED, []),
    ]
    assert (changed.state, other.state) == (State.DECLINED, State.ASSIGNED)


def test_a_seat_that_went_to_somebody_else_meanwhile_is_refused_not_given_twice(
    expression: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("intake.programme.Roundtable.seats", lambda self, mode: 1)
    first, second = expression(State.ASSIGNED), expression(State.ASSIGNED)
    run_id = begin([first, second], "confirm", {"seat_mode": bulk.EACH_ASKED})

    bulk.go_on(run_id, actor=SECRETARIAT)

    assert fates(run_id) == [Fate.MOVED, Fate.REFUSED]
    assert (first.state, second.state, len(second.letters)) == (State.CONFIRMED, State.ASSIGNED, 0)


def test_the_same_confirmation_twice_makes_one_run(expression: Make) -> None:
    made = [expression(State.SCREENED)]

    assert begin(made) == begin(made)
    assert db.session.query(BulkRun).count() == 1


def test_a_run_goes_on_in_slices_and_a_finished_one_does_nothing_more(
    expression: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "SLICE", 2)
    made = [expression(State.SCREENED) for _ in range(3)]
    run_id = begin(made)
    seen = []

    for _ in range(3):
        bulk.go_on(run_id, actor=SECRETARIAT)
        finished = db.session.get_one(BulkRun, run_id).finished_at is not None
        seen.append((fates(run_id).count(Fate.WAITING), finished, db.session.query(Letter).count()))

    assert seen == [(1, False, 4), (0, True, 6), (0, True, 6)]


def test_two_who_go_on_at_once_move_nothing_twice(app: Flask, expression: Make) -> None:
    made = [expression(State.SCREENED) for _ in range(12)]
    run_id, ids = begin(made), [each.id for each in made]
    db.session.remove()
    failures: list[BaseException] = []

    def work() -> None:
        with app.app_context():
            try:
                bulk.go_on(run_id, actor=SECRETARIAT)
            except BaseException as error:
                failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    bulk.go_on(run_id, actor=SECRETARIAT)
    assert fates(run_id) == [Fate.MOVED] * 12
    entries = db.session.scalars(select(HistoryEntry.expression_id)).all()
    assert sorted(entries) == ids
    assert db.session.query(Letter).count() == 24


def test_a_step_for_one_at_a_time_or_for_others_is_not_taken_in_bulk() -> None:
    said = {}
    for trigger in ("undo", "reopen", "assign"):
        with pytest.raises(NotPermitted) as caught:
            bulk.check(trigger, SCREENER)
        said[trigger] = str(caught.value)

    one = "This step is taken on one expression at a time."
    assert said == {"undo": one, "reopen": one, "assign": "This step belongs to: secretariat."}
    assert bulk.open_to(SCREENER.roles) == ["screen", "decline"]


def test_a_process_killed_before_any_statement_of_a_run_is_continued_and_repeats_nothing(
    app: Flask, environment: dict[str, str]
) -> None:
    variables = {**os.environ, **environment, "PYTHONPATH": str(Path(__file__).parents[1])}
    done = subprocess.run(
        [sys.executable, "-m", "tests.dying_in_bulk"], env=variables, capture_output=True, text=True, timeout=300
    )

    assert done.returncode == 0, done.stderr
    left = [json.loads(line) for line in done.stdout.splitlines()]
    killed, continued = left[::2], left[1::2]
    whole, untouched = ["moved", "assigned", 1, 2], ["waiting", "screened", 0, 0]
    assert continued == [[True, [whole] * 2]] * len(continued)
    assert {tuple(each) for _, rows in killed for each in rows} == {tuple(whole), tuple(untouched)}
    assert {sum(each == whole for each in rows) for _, rows in killed} == {0, 1, 2}
