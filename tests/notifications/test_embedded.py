"""The thread that delivers: woken by a step, stopped with the server, stopped by nothing else."""

import threading
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError

from intake.advance import advance
from intake.extensions import db
from intake.models import Expression
from intake.notifications import deliver, embedded
from intake.notifications.embedded import Delivery
from tests.making import APPLICANT
from tests.notifications.conftest import Enqueue, fates
from tests.smtp import STALL, SmtpSink
from workflows.expression import State

Make = Callable[..., Expression]
PATIENCE = 10


@pytest.fixture
def delivery(app: Flask, smtp: SmtpSink) -> Iterator[Delivery]:
    """The running delivery of the application."""
    db.session.commit()
    running = embedded.start(app)
    yield running
    running.stop()


def arrival(server: SmtpSink) -> threading.Event:
    """Set when a letter arrives."""
    arrived = threading.Event()
    server.on_letter = arrived.set
    return arrived


def test_a_step_wakes_the_delivery(smtp: SmtpSink, delivery: Delivery, expression: Make) -> None:
    arrived = arrival(smtp)
    rwanda = expression(State.DRAFT)

    advance(rwanda, "submit", actor=APPLICANT, version=rwanda.version)

    assert arrived.wait(PATIENCE)


def test_there_is_one_delivery(app: Flask, delivery: Delivery) -> None:
    assert embedded.start(app) is delivery
    assert [thread.name for thread in threading.enumerate()].count("delivery") == 1


def test_a_stopped_delivery_can_be_started_anew(app: Flask, delivery: Delivery) -> None:
    delivery.stop()
    assert "nudge_delivery" not in app.extensions

    anew = embedded.start(app)

    assert anew is not delivery
    assert anew.runs
    anew.stop()
    assert not anew.runs


def test_stop_waits_for_the_letter_on_its_way(smtp: SmtpSink, delivery: Delivery, enqueue: Enqueue) -> None:
    arrived = arrival(smtp)
    enqueue("one@example.org", "two@example.org")
    smtp.answer("RCPT", STALL)
    delivery.nudge()
    arrived.wait(PATIENCE)

    delivery.stop()

    assert "delivery" not in [thread.name for thread in threading.enumerate()]
    assert "sending" not in {status for _, status in fates()}


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ValueError("unforeseen"), "a round of delivery failed"),
        (OperationalError("SELECT", {}, Exception("gone")), "the database does not answer: gone"),
    ],
)
def test_a_failing_round_is_logged_and_survived(
    app: Flask,
    smtp: SmtpSink,
    enqueue: Enqueue,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    error: Exception,
    words: str,
) -> None:
    failed = threading.Event()
    usual = deliver.everything_due

    def fail_once(stop: threading.Event) -> object:
        if failed.is_set():
            return usual(stop)
        failed.set()
        raise error

    monkeypatch.setattr(deliver, "everything_due", fail_once)
    arrived = arrival(smtp)
    enqueue("one@example.org")
    running = embedded.start(app)
    assert failed.wait(PATIENCE)

    running.nudge()

    assert arrived.wait(PATIENCE)
    running.stop()
    assert words in caplog.text


def test_watching_ends_when_it_is_told_to(app: Flask, smtp: SmtpSink, enqueue: Enqueue) -> None:
    enqueue("one@example.org")
    stop, nudged = threading.Event(), threading.Event()
    smtp.on_letter = lambda: (stop.set(), nudged.set())  # type: ignore[func-returns-value]

    deliver.watch(stop, nudged=nudged)

    assert smtp.recipients == ["one@example.org"]
