"""Asking where it stands: once the promised day has passed, and once in five working days; the clock is honest."""

from collections.abc import Callable
from datetime import timedelta
from html import unescape

import pytest
from flask.testing import FlaskClient

from intake.applicants import status
from intake.extensions import db
from intake.models import Expression, HistoryEntry, Letter, now
from intake.wording import day, today
from tests.applicants import walking
from workflows import working_days
from workflows.expression import State

Make = Callable[..., Expression]
BUTTON = "Ask where it stands"


@pytest.fixture
def late(client: FlaskClient, expression: Make) -> Expression:
    """A decision that was promised a week ago."""
    made = expression(State.SUBMITTED, decision_due_on=today() - timedelta(days=7))
    walking.hold(client, made)
    return made


def page(client: FlaskClient, subject: Expression) -> str:
    """The text of the status page, in one line."""
    return " ".join(unescape(client.get(walking.address(subject)).text).split())


def ask(client: FlaskClient, subject: Expression) -> str:
    """Press the button, and read the page that follows."""
    answer = client.post(walking.address(subject, "/nudge"))
    assert (answer.status_code, answer.location) == (303, walking.address(subject))
    return page(client, subject)


def steps(subject: Expression) -> list[tuple[str, str, str]]:
    """The history, with the roles of those who took its steps."""
    entries = db.session.query(HistoryEntry).filter_by(expression_id=subject.id).order_by(HistoryEntry.number)
    return [(entry.trigger, entry.target, entry.role) for entry in entries]


def test_a_late_decision_is_counted_in_working_days_with_what_can_be_done(
    client: FlaskClient, late: Expression
) -> None:
    shown = page(client, late)

    assert f"It was promised by {day(late.decision_due_on)}: we are 5 working days late, and we are sorry." in shown
    assert "Nothing. If you wish, ask where it stands: the secretariat is told at once." in shown
    assert shown.count(BUTTON) == 1


def test_whoever_asks_is_noted_and_the_secretariat_told_and_nobody_else(client: FlaskClient, late: Expression) -> None:
    shown = ask(client, late)

    assert steps(late) == [("nudge", "submitted", "applicant")]
    [letter] = db.session.query(Letter).all()
    assert (letter.audience, letter.status) == ("secretariat", "queued")
    assert letter.subject == f"{late.reference}: {late.organisation_name} asks where it stands"
    assert f"A decision was promised by {day(late.decision_due_on)}, and that day has passed." in letter.body
    assert "You asked where it stands." in shown


def test_asking_again_has_to_wait_five_working_days(client: FlaskClient, late: Expression) -> None:
    ask(client, late)
    again_from = day(working_days.after(today(), 5))

    shown = ask(client, late)

    assert f"You asked on {day(today())}, and the secretariat was told. Wait until {again_from}" in shown
    assert f"You can ask again from {again_from}." in shown
    assert BUTTON not in shown
    assert len(steps(late)) == 1


def test_after_five_working_days_one_may_ask_again(client: FlaskClient, late: Expression) -> None:
    ask(client, late)
    db.session.execute(db.update(HistoryEntry).values(at=now() - timedelta(days=7)))
    db.session.commit()

    assert BUTTON in page(client, late)
    ask(client, late)

    assert len(steps(late)) == 2


def test_before_the_day_has_passed_one_waits(client: FlaskClient, expression: Make) -> None:
    early = expression(State.SUBMITTED, decision_due_on=today())
    walking.hold(client, early)

    assert BUTTON not in page(client, early)
    shown = ask(client, early)

    assert (
        f"The decision is promised by {day(today())}. Wait until that day has passed; then you can ask here." in shown
    )
    assert steps(early) == []


@pytest.mark.parametrize("state", [State.RETURNED, State.SCREENED, State.DECLINED])
def test_where_no_decision_is_awaited_nobody_asks(client: FlaskClient, expression: Make, state: State) -> None:
    subject = expression(state, decision_due_on=today() - timedelta(days=7))
    walking.hold(client, subject)

    assert BUTTON not in page(client, subject)
    shown = ask(client, subject)

    assert "It is no longer open; here is how things stand." in shown
    assert steps(subject) == []


def test_on_the_weekend_after_the_day_no_working_day_is_late_yet(
    expression: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    saturday = today() + timedelta(days=(5 - today().weekday()) % 7)
    monkeypatch.setattr(status, "today", lambda: saturday)
    friday = saturday - timedelta(days=1)

    said = status.of(expression(State.SUBMITTED, decision_due_on=friday)).by_when

    assert said == f"It was promised by {day(friday)}. That day has passed, and we are sorry."
