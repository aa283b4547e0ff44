"""What tests of mail that comes in may ask for: mails as people write them, and what became of them."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from intake.extensions import db
from intake.inbound.receiving import receive
from intake.models import Letter, LetterStatus, ReceivedMessage
from intake.notifications import outbox
from intake.notifications.compose import Text

Send = Callable[..., ReceivedMessage]
ENQUIRER = "asker@example.org"


def mail(
    text: str | bytes = "What is it?\n",
    *,
    sender: str = f"A person <{ENQUIRER}>",
    subject: str = "A question",
    **headers: str,
) -> bytes:
    """A mail with these headers; an underscore in a name stands for a hyphen, and an empty value leaves one out."""
    given = {"From": sender, "To": "secretariat@example.org", "Subject": subject}
    given |= {name.replace("_", "-"): value for name, value in headers.items()}
    head = "".join(f"{name}: {value}\r\n" for name, value in given.items() if value)
    body = text if isinstance(text, bytes) else text.replace("\n", "\r\n").encode()
    return head.encode() + b"\r\n" + body


@pytest.fixture
def send(app: Flask) -> Send:
    """Takes in a mail, written as for `mail`, or as the bytes that it is, and gives its row."""

    def put(content: bytes | None = None, **written: Any) -> ReceivedMessage:
        return receive(mail(**written) if content is None else content, source="test")

    return put


@pytest.fixture
def sent_letter(app: Flask) -> Callable[..., Letter]:
    """Makes a letter that has left, to an address."""

    def make(address: str = "applicant@example.org", **changes: Any) -> Letter:
        outbox.enqueue_test(address, Text("A letter", "Its text.\n"))
        letter = db.session.scalars(select(Letter).order_by(Letter.id.desc())).first()
        assert letter is not None
        letter.status = LetterStatus.SENT
        for name, value in changes.items():
            setattr(letter, name, value)
        db.session.commit()
        return letter

    return make


def letters() -> list[tuple[str, str, str]]:
    """Kind, audience and recipient of every letter, in their order, as the database has them now."""
    db.session.rollback()
    rows = db.session.execute(select(Letter.kind, Letter.audience, Letter.recipient).order_by(Letter.id))
    return [(kind, audience.value, recipient) for kind, audience, recipient in rows]


def received() -> list[ReceivedMessage]:
    """Every message that was kept, in their order, as the database has them now."""
    db.session.rollback()
    return list(db.session.scalars(select(ReceivedMessage).order_by(ReceivedMessage.id)))
