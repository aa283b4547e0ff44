"""Lapses by the system: which expressions, after how many days, through the one door, and never against anybody."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import update

from intake import lapsing
from intake.cli import main
from intake.extensions import db
from intake.lapsing import Lapsed
from intake.models import Expression
from intake.notifications import texts
from intake.notifications.compose import LetterError
from workflows.expression import State
from workflows.people import Role

Make = Callable[..., Expression]
NOW = datetime.now(UTC)
TODAY = NOW.date()


@pytest.fixture
def after(app: Flask) -> Iterator[Callable[[int | None], None]]:
    """Sets the days of grace of the programme."""
    kept = app.extensions["programme"]

    def set_days(days: int | None) -> None:
        call = replace(kept.call, lapse_after_days=days)
        app.extensions["programme"] = replace(kept, call=call)

    yield set_days
    app.extensions["programme"] = kept


def returned(make: Make, *, days_ago: int, **changes: Any) -> Expression:
    return make(State.RETURNED, answer_due_on=TODAY - timedelta(days=days_ago), **changes)


def states() -> dict[str, State]:
    db.session.rollback()
    return {each.organisation_name: each.state for each in db.session.query(Expression)}


@pytest.mark.parametrize(
    ("days", "lapsed"),
    [(None, []), (0, ["a day late", "eleven days late", "ten days late"]), (10, ["eleven days late"]), (366, [])],
)
def test_what_is_overdue_by_more_days_than_allowed_lapses(
    expression: Make, after: Callable[[int | None], None], days: int | None, lapsed: list[str]
) -> None:
    late = {"due today": 0, "a day late": 1, "ten days late": 10, "eleven days late": 11}
    for name, ago in late.items():
        returned(expression, days_ago=ago, organisation_name=name)
    expression(State.SUBMITTED, organisation_name="submitted", answer_due_on=TODAY - timedelta(days=99))
    after(days)

    done = lapsing.sweep(NOW)

    assert done == Lapsed(lapsed=len(lapsed))
    assert sorted(name for name, state in states().items() if state is State.LAPSED) == lapsed


def test_a_lapse_is_a_step_of_the_system_with_its_history_and_its_letters(
    expression: Make, after: Callable[[int | None], None]
) -> None:
    ghana = returned(expression, days_ago=31)
    after(30)

    lapsing.sweep(NOW)

    db.session.refresh(ghana)
    [entry] = ghana.history
    assert (entry.trigger, entry.source, entry.target, entry.role, entry.actor_name, entry.user_id) == (
        "lapse",
        State.RETURNED,
        State.LAPSED,
        Role.SYSTEM,
        "P2C Intake",
        None,
    )
    assert [(letter.kind, letter.audience.value) for letter in ghana.letters] == [
        ("lapse", "applicant"),
        ("lapse", "secretariat"),
    ]


def test_many_lapse_in_batches_and_a_second_sweep_finds_none(
    expression: Make, after: Callable[[int | None], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    for _number in range(5):
        returned(expression, days_ago=2)
    after(1)
    monkeypatch.setattr(lapsing, "BATCH", 2)

    assert [lapsing.sweep(NOW), lapsing.sweep(NOW)] == [Lapsed(lapsed=5), Lapsed()]


def test_one_that_was_answered_meanwhile_is_left_and_the_next_one_lapses(
    expression: Make, after: Callable[[int | None], None], caplog: pytest.LogCaptureFixture
) -> None:
    answered = returned(expression, days_ago=2, organisation_name="answered")
    returned(expression, days_ago=2, organisation_name="silent")
    after(0)
    id, reference = answered.id, answered.reference

    class Answer(threading.Event):
        """The applicant's answers arrive between the lookup and the lapse."""

        def is_set(self) -> bool:
            with db.engine.begin() as connection:
                changes = {"state": State.SUBMITTED, "version": Expression.version + 1}
                connection.execute(
                    update(Expression).where(Expression.id == id, Expression.version == 1).values(changes)
                )
            return False

    done = lapsing.sweep(NOW, stop=Answer())

    assert done == Lapsed(lapsed=1, left=1)
    assert states() == {"answered": State.SUBMITTED, "silent": State.LAPSED}
    assert f"{reference} does not lapse: It was changed since you opened it." in caplog.text


def test_a_letter_that_cannot_be_written_leaves_its_expression_and_no_other(
    expression: Make, after: Callable[[int | None], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    returned(expression, days_ago=2, organisation_name="unlucky")
    returned(expression, days_ago=2, organisation_name="silent")
    after(0)
    calls = iter([LetterError("No such text.")])
    usual = texts.of

    def of(*arguments: Any) -> Any:
        for error in calls:
            raise error
        return usual(*arguments)

    monkeypatch.setattr(texts, "of", of)

    assert lapsing.sweep(NOW) == Lapsed(lapsed=1, left=1)
    assert states() == {"unlucky": State.RETURNED, "silent": State.LAPSED}


def test_the_watch_sweeps_until_it_is_told_to_stop(expression: Make, after: Callable[[int | None], None]) -> None:
    returned(expression, days_ago=2, organisation_name="silent")
    after(0)
    stop = threading.Event()

    def clock() -> datetime:
        threading.Timer(0.5, stop.set).start()
        return NOW

    lapsing.watch(stop, clock=clock)

    assert states() == {"silent": State.LAPSED}


def test_a_sweep_that_is_told_to_stop_begins_no_other_step(
    expression: Make, after: Callable[[int | None], None]
) -> None:
    returned(expression, days_ago=2, organisation_name="silent")
    after(0)
    stop = threading.Event()
    stop.set()

    assert lapsing.sweep(NOW, stop=stop) == Lapsed()
    assert states() == {"silent": State.RETURNED}


def test_the_command_names_what_would_lapse_and_then_lets_it_lapse(
    expression: Make, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    ghana = returned(expression, days_ago=40)
    due_on, reference = ghana.answer_due_on, ghana.reference
    db.session.rollback()
    programme = tmp_path / "lapsing.toml"
    with open(environment["INTAKE_PROGRAMME"], encoding="utf-8") as usual:
        programme.write_text(usual.read().replace("[roundtable]", "lapse_after_days = 30\n\n[roundtable]"))
    for name, value in {**environment, "INTAKE_PROGRAMME": str(programme)}.items():
        monkeypatch.setenv(name, value)

    said = [CliRunner().invoke(main, arguments) for arguments in (["lapse", "--dry-run"], ["lapse"], ["lapse"])]

    assert [(each.exit_code, each.output) for each in said] == [
        (0, f"{reference}  answers were due by {due_on}\n1 would lapse.\n"),
        (0, "1 lapsed.\n"),
        (0, "0 lapsed.\n"),
    ]


def test_the_command_says_where_nothing_lapses_by_itself(
    app: Flask, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    said = CliRunner().invoke(main, ["lapse"])

    assert (said.exit_code, said.output) == (
        1,
        "Error: The programme lets nothing lapse by itself. Set lapse_after_days in its [call] to change that.\n",
    )
