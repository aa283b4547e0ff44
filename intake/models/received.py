"""Mail that came in, each message once, with its bytes; what it was taken for and where it went."""

from enum import StrEnum

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from intake.models.base import Base, Key, Moment, Name, Words, now, short_enum


class Kind(StrEnum):
    """What a message was taken for."""

    BOUNCE = "bounce"
    ANSWER = "answer"
    ENQUIRY = "enquiry"
    EXPRESSION = "expression"
    AUTOMATIC = "automatic"
    QUARANTINED = "quarantined"


class ReceivedMessage(Base):
    """One message. `identity` tells it from all others: its Message-ID, or the hash of its bytes where it has none.

    `reason` says why it was taken for what it is, in a sentence for staff. `content` holds its bytes as they came, or
    nothing where they were more than is kept; `size` is that of the whole. `words` is what a person wrote in it, plain.
    """

    __tablename__ = "received_messages"
    __table_args__ = (
        Index("ix_received_messages_kind_received_at", "kind", "received_at", "id"),
        Index("ix_received_messages_expression_id", "expression_id"),
        Index("ix_received_messages_enquiry_id", "enquiry_id"),
        Index("ix_received_messages_sender", "sender", "received_at"),
    )

    id: Mapped[Key]
    identity: Mapped[str] = mapped_column(String(64), unique=True)
    received_at: Mapped[Moment] = mapped_column(default=now)
    source: Mapped[Name]
    kind: Mapped[Kind] = mapped_column(short_enum(Kind))
    reason: Mapped[Words] = mapped_column(default="")
    message_id: Mapped[Words] = mapped_column(default="")
    sender: Mapped[str] = mapped_column(String(320), default="")
    sender_name: Mapped[Name] = mapped_column(default="")
    subject: Mapped[str] = mapped_column(String(300), default="")
    words: Mapped[Words] = mapped_column(default="")
    size: Mapped[int]
    content: Mapped[bytes] = mapped_column(LargeBinary, default=b"", deferred=True)
    expression_id: Mapped[int | None] = mapped_column(ForeignKey("expressions.id", ondelete="SET NULL"))
    enquiry_id: Mapped[int | None] = mapped_column(ForeignKey("enquiries.id", ondelete="SET NULL"))
    letter_id: Mapped[int | None] = mapped_column(ForeignKey("letters.id", ondelete="SET NULL"))
