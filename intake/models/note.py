"""What staff write to each other about an expression; applicants never see any of it."""

from datetime import date

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from intake.models.account import User
from intake.models.base import Base, Key, Moment, Name, Words, now


class Note(Base):
    """An internal note. `author_name` is the author's as it was then."""

    __tablename__ = "notes"
    __table_args__ = (Index("ix_notes_expression_id", "expression_id"),)

    id: Mapped[Key]
    expression_id: Mapped[int] = mapped_column(ForeignKey("expressions.id", ondelete="CASCADE"))
    author_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    author_name: Mapped[Name]
    text: Mapped[Words]
    created_at: Mapped[Moment] = mapped_column(default=now)

    mentions: Mapped[list["Mention"]] = relationship(cascade="all, delete-orphan", lazy="raise_on_sql")


class Mention(Base):
    """A colleague whom a note names; `seen_at` is when they marked it as read."""

    __tablename__ = "mentions"
    __table_args__ = (Index("ix_mentions_user_id_seen_at", "user_id", "seen_at"),)

    note_id: Mapped[int] = mapped_column(ForeignKey("notes.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), primary_key=True)
    seen_at: Mapped[Moment | None]

    user: Mapped[User] = relationship(lazy="raise_on_sql")


class Reminder(Base):
    """A day on which somebody wants to be reminded of an expression; kept until it is done."""

    __tablename__ = "reminders"
    __table_args__ = (Index("ix_reminders_user_id_on", "user_id", "on"),)

    id: Mapped[Key]
    expression_id: Mapped[int] = mapped_column(ForeignKey("expressions.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    on: Mapped[date]
    text: Mapped[str] = mapped_column(String(500), default="")
    created_at: Mapped[Moment] = mapped_column(default=now)
    done_at: Mapped[Moment | None]
