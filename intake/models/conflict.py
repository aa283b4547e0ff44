"""Conflicts of interest of staff with an applicant; what follows from one, the table says."""

from enum import StrEnum

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from intake.models.account import User
from intake.models.base import Base, Key, Moment, Words, now, short_enum


class ConflictKind(StrEnum):
    """What ties a member of staff to an applicant."""

    EMPLOYMENT = "employment"
    FINANCIAL = "financial"
    ADVICE = "advice"
    PERSONAL = "personal"
    OTHER = "other"


class Conflict(Base):
    """A conflict that somebody declared of themselves. `lifted_at` ends it; the row stays as a record.

    Conflicts that are detected (the same mail domain or organisation) are not stored: they hold as long as they hold.
    """

    __tablename__ = "conflicts"
    __table_args__ = (UniqueConstraint("expression_id", "user_id"),)

    id: Mapped[Key]
    expression_id: Mapped[int] = mapped_column(ForeignKey("expressions.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    kind: Mapped[ConflictKind] = mapped_column(short_enum(ConflictKind))
    reason: Mapped[Words] = mapped_column(default="")
    declared_at: Mapped[Moment] = mapped_column(default=now)
    lifted_at: Mapped[Moment | None]

    user: Mapped[User] = relationship(lazy="raise_on_sql")
