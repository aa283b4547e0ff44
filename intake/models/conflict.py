"""Conflicts of interest of staff with an applicant; what follows from one, the table says."""

from enum import StrEnum

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from intake.models.account import User
from intake.models.base import Base, Items, Key, Moment, Words, now, short_enum


class ConflictKind(StrEnum):
    """What ties a member of staff to an applicant."""

    EMPLOYMENT = "employment"
    FINANCIAL = "financial"
    ADVICE = "advice"
    PERSONAL = "personal"
    OTHER = "other"


IN_FORCE = text("lifted_at IS NULL")


class Conflict(Base):
    """A conflict that somebody declared of themselves. `lifted_at` ends it; the row stays as a record.

    Who declares again after that gets a new row. `lift_reason` says why somebody else ended it. `taken_back` are the
    findings that no longer count since: `[{"criterion": ..., "outcome": ..., "reason": ...}]`.

    Conflicts that are detected (the same mail domain or organisation) are not stored: they hold as long as they hold.
    """

    __tablename__ = "conflicts"
    __table_args__ = (
        Index("ix_conflicts_expression_id", "expression_id"),
        Index(
            "uq_conflicts_in_force",
            "expression_id",
            "user_id",
            unique=True,
            sqlite_where=IN_FORCE,
            postgresql_where=IN_FORCE,
        ),
    )

    id: Mapped[Key]
    expression_id: Mapped[int] = mapped_column(ForeignKey("expressions.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    kind: Mapped[ConflictKind] = mapped_column(short_enum(ConflictKind))
    reason: Mapped[Words] = mapped_column(default="")
    declared_at: Mapped[Moment] = mapped_column(default=now)
    taken_back: Mapped[Items] = mapped_column(default=list)
    lifted_at: Mapped[Moment | None]
    lifted_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    lift_reason: Mapped[Words] = mapped_column(default="")

    user: Mapped[User] = relationship(foreign_keys=[user_id], lazy="raise_on_sql")
    lifted_by: Mapped[User | None] = relationship(foreign_keys=[lifted_by_id], lazy="raise_on_sql")
