"""Twice a year the clocks of the call's zone change: nothing is left out for it, and nothing is done twice or late."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask

from intake import daily, lapsing
from intake.advance import advance
from intake.models import Expression, LetterStatus, User
from tests.making import SCREENER
from workflows.expression import State
from workflows.people import Role

Make = Callable[..., Expression]
HALF_AN_HOUR = timedelta(minutes=30)
CHANGES = {"forward": date(2027, 3, 28), "back": date(2027, 10, 31)}
"""Sundays on which the clocks of Europe/Zurich change at one in the morning, UTC."""


@pytest.fixture(params=CHANGES)
def sunday(request: pytest.FixtureRequest) -> date:
    """The day of each change."""
    return CHANGES[request.param]


def moments(sunday: date) -> Iterator[datetime]:
    """Every half hour from the Friday before to the Tuesday after."""
    at = datetime(sunday.year, sunday.month, sunday.day, tzinfo=UTC) - timedelta(days=2)
    while at.date() <= sunday + timedelta(days=2):
        yield at
        at += HALF_AN_HOUR


def test_each_working_day_has_one_daily_letter_at_its_first_hour(
    expression: Make, account: Callable[[Role], User], app: Flask, sunday: date
) -> None:
    expression(State.SCREENED)
    account(Role.SECRETARIAT)
    zone = app.extensions["programme"].call.zone

    written = [at.astimezone(zone) for at in moments(sunday) if daily.write_when_due(at).letters]

    days = [sunday + timedelta(days=number) for number in (-2, 1, 2)]
    assert [(at.date(), at.hour, at.minute) for at in written] == [(day, daily.FIRST_HOUR, 0) for day in days]


def test_what_is_to_lapse_does_so_once_on_the_day_after(
    expression: Make, app: Flask, sunday: date, monkeypatch: pytest.MonkeyPatch
) -> None:
    programme = app.extensions["programme"]
    call = replace(programme.call, lapse_after_days=0)
    monkeypatch.setitem(app.extensions, "programme", replace(programme, call=call))
    for number in (-1, 0):
        expression(State.RETURNED, answer_due_on=sunday + timedelta(days=number))

    lapsed = [at.date() for at in moments(sunday) if lapsing.sweep(at).lapsed]

    assert lapsed == [sunday, sunday + timedelta(days=1)]


def test_a_letter_is_held_as_long_as_on_any_other_day(expression: Make, app: Flask, sunday: date) -> None:
    at = datetime(sunday.year, sunday.month, sunday.day, 0, 55, tzinfo=UTC)
    ghana = expression(State.SUBMITTED, met=True)

    advance(ghana, "screen", actor=SCREENER, version=ghana.version, at=at)

    held = timedelta(minutes=app.extensions["programme"].call.undo_minutes)
    assert {(letter.status, letter.due_at - at) for letter in ghana.letters} == {(LetterStatus.HELD, held)}
