"""The outbox: what is told to whom, the exact text and its fate; it sends nothing."""

from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from intake.models.base import Address, Base, Code, Facts, Key, Moment, Name, Words, now, short_enum
from intake.models.history import HistoryEntry
from workflows.people import Audience


class LetterStatus(StrEnum):
    """held -> queued -> sending -> sent | failed; sent -> bounced; or cancelled by an undo or by hand, superseded."""

    HELD = "held"
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    BOUNCED = "bounced"
    CANCELLED = "cancelled"
    SUPERSEDED = "superseded"


class Letter(Base):
    """One letter to one recipient.

    `body` holds `LINK` where the recipient's own link stands; the link is minted as the letter leaves. A held letter
    leaves when `due_at` has come. `lease_token` names the delivery that holds it until `leased_until`. Delivery gives
    up some days after `tried_since`, which a resend sets anew. `kept_back`: staff hold it until somebody releases it.
    """

    __tablename__ = "letters"
    __table_args__ = (
        Index("ix_letters_status_due_at", "status", "due_at"),
        Index("ix_letters_expression_id", "expression_id"),
        Index("ix_letters_step_id", "step_id"),
        Index("ix_letters_enquiry_id", "enquiry_id"),
        Index("ix_letters_sent_at", "sent_at"),
    )

    id: Mapped[Key]
    expression_id: Mapped[int | None] = mapped_column(ForeignKey("expressions.id", ondelete="CASCADE"))
    enquiry_id: Mapped[int | None] = mapped_column(ForeignKey("enquiries.id", ondelete="CASCADE"))
    step_id: Mapped[int | None] = mapped_column(ForeignKey("history.id", ondelete="CASCADE"))
    superseded_by_id: Mapped[int | None] = mapped_column(ForeignKey("history.id", ondelete="SET NULL"))
    kind: Mapped[Code]
    audience: Mapped[Audience] = mapped_column(short_enum(Audience))
    recipient: Mapped[Address]
    recipient_name: Mapped[Name] = mapped_column(default="")
    language: Mapped[str] = mapped_column(String(8), default="en")
    subject: Mapped[str] = mapped_column(String(300))
    body: Mapped[Words]
    message_id: Mapped[str] = mapped_column(String(200), unique=True)
    status: Mapped[LetterStatus] = mapped_column(short_enum(LetterStatus))
    created_at: Mapped[Moment] = mapped_column(default=now)
    due_at: Mapped[Moment]
    tried_since: Mapped[Moment] = mapped_column(default=now)
    attempts: Mapped[int] = mapped_column(default=0)
    lease_token: Mapped[str | None] = mapped_column(String(36))
    leased_until: Mapped[Moment | None]
    sent_at: Mapped[Moment | None]
    answer: Mapped[Words] = mapped_column(default="")
    kept_back: Mapped[bool] = mapped_column(default=False, server_default=false())
    calendar: Mapped[Words] = mapped_column(default="", server_default="")
    """The calendar file that goes with it, as text; empty for none."""

    step: Mapped[HistoryEntry | None] = relationship(foreign_keys=[step_id], lazy="raise_on_sql")


class LetterAction(StrEnum):
    """What staff do to a letter by hand."""

    HELD = "held"
    EDITED = "edited"
    RELEASED = "released"
    CANCELLED = "cancelled"
    RESENT = "resent"
    SETTLED = "settled"


class LetterEvent(Base):
    """What somebody did to a letter by hand, when, and why it was cancelled or needs nobody any more.

    Of an edit, `before` keeps subject and body as they were; of a copy of a sent letter, the id of the other one.
    """

    __tablename__ = "letter_events"
    __table_args__ = (Index("ix_letter_events_letter_id", "letter_id"),)

    id: Mapped[Key]
    letter_id: Mapped[int] = mapped_column(ForeignKey("letters.id", ondelete="CASCADE"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    actor_name: Mapped[Name]
    action: Mapped[LetterAction] = mapped_column(short_enum(LetterAction))
    reason: Mapped[Words] = mapped_column(default="")
    before: Mapped[Facts] = mapped_column(default=dict)
    at: Mapped[Moment] = mapped_column(default=now)


LINK = "[[your personal link]]"
"""Stands in a stored letter where the recipient's own link will be."""
