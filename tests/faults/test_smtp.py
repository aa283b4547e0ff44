"""Whatever the mail server does to a delivery in a process of its own, each letter of a committed step arrives.

It comes twice only where the server's answer was lost, and then with the same Message-ID.
"""

import contextlib
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from flask import Flask
from sqlalchemy import func, select

from intake.advance import advance, rehearse
from intake.extensions import db
from intake.models import Expression, Letter, LetterStatus
from intake.notifications import outbox
from intake.notifications.outbox import UNSETTLED, WAITING
from tests.making import APPLICANT
from tests.notifications.conftest import leases_end, pauses_end
from tests.smtp import DROP, STALL, USUAL, SmtpSink
from workflows.expression import State

Make = Callable[..., Expression]
PATIENCE = 60
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def port() -> int:
    """A port where nobody listens yet."""
    with SmtpSink() as once:
        return once.port


@contextlib.contextmanager
def delivery(environment: dict[str, str], port: int, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process that delivers to this port and has a second for each answer."""
    settings = {"INTAKE_MAIL_PORT": str(port), "INTAKE_MAIL_TIMEOUT": "1"}
    command = [sys.executable, "-m", "tests.faults.delivering"]
    with (folder / "delivery.log").open("ab") as log:
        process = subprocess.Popen(command, env={**environment, **settings}, cwd=ROOT, stdout=log, stderr=log)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(PATIENCE)


@pytest.fixture(scope="module")
def delivering(
    migrated_app: Flask, environment: dict[str, str], port: int, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """One delivery for all the faults of a database."""
    with delivery(environment, port, tmp_path_factory.mktemp("delivery")):
        yield


@pytest.fixture
def server(app: Flask, delivering: None, port: int) -> Iterator[SmtpSink]:
    """The server that the delivery talks to."""
    with SmtpSink(port=port) as running:
        yield running


def steps(make: Make, number: int) -> None:
    """So many steps that are committed, each with two letters, and one that is taken back before it is."""
    for _ in range(number):
        sent = make(State.DRAFT)
        advance(sent, "submit", actor=APPLICANT, version=sent.version)
    never = make(State.DRAFT)
    rehearse(never, "submit", actor=APPLICANT, version=never.version)


def waits(until: Callable[[], bool], meanwhile: Callable[[], None] = pauses_end) -> None:
    """Until something holds; meanwhile pauses end at once."""
    latest = time.monotonic() + PATIENCE
    while not until():
        assert time.monotonic() < latest, db.session.execute(select(Letter.id, Letter.status, Letter.answer)).all()
        meanwhile()
        time.sleep(0.05)


def settled() -> bool:
    """No letter waits or is on its way."""
    db.session.rollback()
    unsettled = select(func.count()).select_from(Letter).where(Letter.status.in_(UNSETTLED))
    number = db.session.scalar(unsettled)
    db.session.rollback()
    return number == 0


def stored() -> Counter[tuple[str, str]]:
    """Message-ID and recipient of each letter that was to arrive."""
    rows = db.session.execute(select(Letter.message_id, Letter.recipient, Letter.status)).all()
    db.session.rollback()
    assert {status for _id, _recipient, status in rows} == {LetterStatus.SENT}
    return Counter((message_id, recipient) for message_id, recipient, _status in rows)


def arrived(server: SmtpSink) -> Counter[tuple[str, str]]:
    return Counter((each.message["Message-ID"], each.recipient) for each in server.messages)


def test_a_server_that_was_away_gets_every_letter_once(
    app: Flask, delivering: None, port: int, expression: Make
) -> None:
    steps(expression, 2)
    refused = select(func.count()).select_from(Letter).where(Letter.answer.contains("cannot be reached"))
    waits(lambda: db.session.scalar(refused) == 4, db.session.rollback)

    with SmtpSink(port=port) as server:
        waits(settled)

        assert arrived(server) == stored()


def test_a_slow_server_gets_every_letter_once(server: SmtpSink, expression: Make) -> None:
    server.on_letter = lambda: time.sleep(0.3)
    steps(expression, 2)

    waits(settled)

    assert arrived(server) == stored()


@pytest.mark.parametrize("answer", ["421 closing", "450 later", DROP])
def test_no_letter_is_lost_or_doubled_by_a_fault_before_it_was_taken(
    server: SmtpSink, expression: Make, answer: str
) -> None:
    for verb in ("CONNECT", "MAIL", "RCPT", "DATA"):
        server.answer(verb, USUAL, answer)
    steps(expression, 4)

    waits(settled)

    assert arrived(server) == stored()


def test_a_server_that_falls_silent_gets_every_letter_once(server: SmtpSink, expression: Make) -> None:
    server.answer("RCPT", STALL)
    server.answer("DOT", STALL)
    steps(expression, 2)

    waits(settled)

    assert arrived(server) == stored()


def test_a_lost_answer_doubles_that_letter_and_no_other(server: SmtpSink, expression: Make) -> None:
    server.answer("DOT", USUAL, DROP, USUAL, DROP)
    steps(expression, 4)

    waits(settled)

    twice = arrived(server) - stored()
    assert sorted(twice.values()) == [1, 1]
    assert arrived(server) - twice == stored()


def test_a_server_that_closes_in_mid_batch_gets_the_rest_over_another_connection(
    server: SmtpSink, expression: Make
) -> None:
    server.answer("DOT", USUAL, USUAL, "421 enough for now")
    steps(expression, 3)

    waits(settled)

    assert arrived(server) == stored()
    assert server.connections >= 2


@pytest.mark.parametrize("verb", ["MAIL", "RCPT", "DATA", "DOT"])
def test_what_is_refused_for_good_waits_for_staff_and_holds_up_nobody(
    server: SmtpSink, expression: Make, verb: str
) -> None:
    server.answer(verb, "554 not this one")
    steps(expression, 2)
    waits(settled)
    parked = db.session.scalars(select(Letter).where(Letter.status == LetterStatus.FAILED)).one()
    assert parked.answer == "554 not this one"
    assert len(server.messages) == 3

    outbox.resend(parked)
    db.session.commit()
    waits(settled)

    assert arrived(server) == stored()


def test_of_several_deliveries_one_is_killed_in_a_batch_and_each_letter_arrives(
    server: SmtpSink, expression: Make, environment: dict[str, str], port: int, tmp_path: Path
) -> None:
    server.on_letter = lambda: time.sleep(0.05)
    with delivery(environment, port, tmp_path) as victim, delivery(environment, port, tmp_path):
        steps(expression, 5)
        waits(lambda: talks(victim, port), lambda: steps(expression, 1))
        victim.kill()
        waits(lambda: nothing_moves(server), db.session.rollback)
        leases_end()
        waits(settled, db.session.rollback)

    twice = arrived(server) - stored()
    assert len(twice) <= 1, "only of the letter that was on its way nobody knew whether it had arrived"
    assert arrived(server) - twice == stored()


def talks(process: subprocess.Popen[bytes], port: int) -> bool:
    """Whether a process is connected to a server."""
    return any(each.raddr and each.raddr.port == port for each in psutil.Process(process.pid).net_connections())


def nothing_moves(server: SmtpSink) -> bool:
    """Whether the deliveries that live have come to an end; each answer would come within a second."""
    before = len(server.messages)
    time.sleep(2)
    waiting = select(func.count()).select_from(Letter).where(Letter.status.in_(WAITING))
    return len(server.messages) == before and db.session.scalar(waiting) == 0
