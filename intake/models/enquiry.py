"""Enquiries: questions to the secretariat that are about no expression yet; what is stored, not what may happen."""

from typing import Any

from sqlalchemy import ForeignKey, Index, String, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from intake.models.base import Address, Base, Key, Moment, Name, Words, now, short_enum
from intake.models.history import HistoryEntry
from intake.models.letter import Letter
from workflows.enquiry import ENQUIRY, State


class Enquiry(Base):
    """One question, its answers and what was asked further. `version` grows with every change.

    `question` is what was asked first; what comes later stands in the history. `silent`: the sender's mail was written
    by a machine or came too often, so that no letter answers it by itself; an answer of staff leaves all the same.
    """

    __tablename__ = "enquiries"
    __table_args__ = (
        Index("ix_enquiries_state", "state", "state_since", "id"),
        Index("ix_enquiries_email", "email"),
    )

    id: Mapped[Key]
    reference: Mapped[str] = mapped_column(String(16), unique=True)
    state: Mapped[State] = mapped_column(short_enum(State), default=State.RECEIVED)
    state_since: Mapped[Moment] = mapped_column(default=now)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[Moment] = mapped_column(default=now)
    updated_at: Mapped[Moment] = mapped_column(default=now, onupdate=now)
    email: Mapped[Address]
    name: Mapped[Name] = mapped_column(default="")
    language: Mapped[str] = mapped_column(String(8), default="en")
    subject: Mapped[str] = mapped_column(String(300))
    question: Mapped[Words]
    silent: Mapped[bool] = mapped_column(default=False, server_default=false())
    expression_id: Mapped[int | None] = mapped_column(ForeignKey("expressions.id", ondelete="SET NULL"))
    """The expression that it turned out to be about."""
    erased_at: Mapped[Moment | None]
    """Since when it holds nothing that names or reaches a person."""

    history: Mapped[list[HistoryEntry]] = relationship(order_by=HistoryEntry.number, viewonly=True)
    letters: Mapped[list[Letter]] = relationship(order_by=Letter.id, viewonly=True)

    __mapper_args__: dict[str, Any] = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's declarative form
    workflow = ENQUIRY
    key_name = "enquiry_id"
    """The column by which history and letters point at it."""
