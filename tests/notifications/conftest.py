"""What tests of letters may ask for: an SMTP server, and letters in the outbox."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from intake.extensions import db
from intake.models import Letter, LetterStatus, now
from intake.notifications import outbox
from intake.notifications.compose import Text
from tests.smtp import SmtpSink

Enqueue = Callable[..., None]


@pytest.fixture
def smtp(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[SmtpSink]:
    """A server that the application sends to, waiting a moment for each answer."""
    with SmtpSink() as server:
        use(app, server, monkeypatch)
        yield server


def use(app: Flask, server: SmtpSink, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the application send to a server."""
    monkeypatch.setitem(app.config, "MAIL_SERVER", server.host)
    monkeypatch.setitem(app.config, "MAIL_PORT", server.port)
    monkeypatch.setitem(app.config, "MAIL_TIMEOUT", 0.3)


@pytest.fixture
def enqueue(app: Flask) -> Enqueue:
    """Puts letters to these addresses into the outbox, due now and in this order."""

    def put(*addresses: str, subject: str = "A letter", body: str = "The text.\n") -> None:
        for address in addresses:
            outbox.enqueue_test(address, Text(subject, body))
        db.session.commit()

    return put


def fates() -> list[tuple[str, str]]:
    """Recipient and status of every letter, as the database has them now."""
    db.session.rollback()
    rows = db.session.execute(select(Letter.recipient, Letter.status).order_by(Letter.id))
    return [(recipient, status.value) for recipient, status in rows]


def only_letter() -> Letter:
    """The one letter of the outbox, as the database has it now."""
    db.session.rollback()
    return db.session.scalars(select(Letter)).one()


def pauses_end() -> None:
    """Let every waiting letter be due."""
    waiting = Letter.status.in_((LetterStatus.HELD, LetterStatus.QUEUED))
    db.session.execute(update(Letter).where(waiting).values(due_at=now() - timedelta(seconds=1)))
    db.session.commit()


def leases_end() -> None:
    """Let every lease be over, as if its delivery had died ten minutes ago."""
    held = update(Letter).where(Letter.status == LetterStatus.SENDING)
    db.session.execute(held.values(leased_until=now() - timedelta(seconds=1)))
    db.session.commit()
