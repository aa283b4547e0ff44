"""How much mail may bring about, and how much of it is kept: it counts, and stores nothing."""

from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import ColumnElement, Select, func, select

from intake.extensions import db
from intake.inbound.reading import Mail
from intake.inbound.sources import Away
from intake.models import Kind, Letter, ReceivedMessage, Subject, now
from intake.notifications import outbox
from workflows.people import Audience

DAY = timedelta(days=1)
MOST_FROM_ONE = 50
"""Messages of one address in a day; what is beyond is kept and opens nothing."""
MOST_ANSWERS = 2_000
"""Messages of a day that may be answered by themselves, from all addresses together: a sender is easily forged."""
MOST_DRAFTS = 1_000
MOST_TOLD = 10
"""Letters to staff about mail on one expression or enquiry in a day."""
ACKNOWLEDGEMENT, MAILED, RECEIVED, BOUNCED = "ask", "mailed", "received", "bounce"
"""Kinds of letters: of an enquiry, of a draft made from a mail, to staff about mail, to staff about a letter."""
MEGABYTE = 1_000_000


class Full(Away):
    """So much mail is kept that no more is taken in."""


def kept_bytes() -> int:
    """How many bytes of all mail are kept as they came."""
    return int(db.session.scalar(select(func.sum(func.length(ReceivedMessage.content)))) or 0)


def room() -> int | None:
    """How many bytes more may be kept, which may be less than none; None where the setting gives no limit."""
    most: int = current_app.config["INBOX_MEGABYTES"]
    return most * MEGABYTE - kept_bytes() if most else None


def fit(content: bytes, room: int | None) -> None:
    """Raises `Full` where there is no room for a message; nothing that is kept has to make way for it."""
    if room is not None and len(content) > room:
        most = current_app.config["INBOX_MEGABYTES"]
        raise Full(
            f"INTAKE_INBOX_MEGABYTES: of {most} megabytes for mail that came in, too few are left for the next message."
            " It waits where it is until the setting is raised or kept mail is erased."
        )


def alone(mail: Mail) -> None:
    """Let nobody else take in mail of this sender until the transaction ends; SQLite lets nobody write anyway."""
    if db.engine.dialect.name == "postgresql" and mail.sender:
        key = func.hashtextextended(f"mail of {mail.sender.lower()}", 0)
        db.session.execute(select(func.pg_advisory_xact_lock(key)))


def _since() -> datetime:
    return now() - DAY


def _number(rows: Select[int], most: int) -> int:
    return db.session.scalar(select(func.count()).select_from(rows.limit(most).subquery())) or 0


def _of(sender: str) -> tuple[ColumnElement[bool], ...]:
    return ReceivedMessage.sender == sender.lower(), ReceivedMessage.received_at > _since()


def floods(sender: str) -> bool:
    """Whether an address has sent more in a day than a person does."""
    return _number(select(ReceivedMessage.id).where(*_of(sender)), MOST_FROM_ONE) >= MOST_FROM_ONE


def is_answered(sender: str) -> bool:
    """Whether a letter has answered mail of an address by itself within a day."""
    asked = select(ReceivedMessage.enquiry_id).where(*_of(sender), ReceivedMessage.enquiry_id.is_not(None))
    mailed = select(ReceivedMessage.expression_id).where(*_of(sender), ReceivedMessage.kind == Kind.EXPRESSION)
    lately = select(Letter.id).where(Letter.created_at > _since())
    acknowledged = lately.where(Letter.audience == Audience.ENQUIRER, Letter.kind == ACKNOWLEDGEMENT)
    linked = lately.where(Letter.audience == Audience.APPLICANT, Letter.kind == MAILED)
    return any(
        db.session.scalar(found.limit(1)) is not None
        for found in (acknowledged.where(Letter.enquiry_id.in_(asked)), linked.where(Letter.expression_id.in_(mailed)))
    )


def _of_kind(kind: Kind, most: int) -> int:
    of_day = select(ReceivedMessage.id).where(ReceivedMessage.kind == kind, ReceivedMessage.received_at > _since())
    return _number(of_day, most)


def answers_are_used_up() -> bool:
    """Whether so much mail came in within a day that no more is answered by itself."""
    return sum(_of_kind(kind, MOST_ANSWERS) for kind in (Kind.ENQUIRY, Kind.EXPRESSION)) >= MOST_ANSWERS


def drafts_are_used_up() -> bool:
    """Whether mail has made so many drafts within a day that no more are made."""
    return _of_kind(Kind.EXPRESSION, MOST_DRAFTS) >= MOST_DRAFTS


def is_told(about: Subject) -> bool:
    """Whether staff have had so many letters about mail on this within a day that another tells nothing."""
    told = select(Letter.id).where(outbox.about(about), Letter.kind == RECEIVED, Letter.created_at > _since())
    return _number(told, MOST_TOLD) >= MOST_TOLD
