"""What belongs to a screening sheet beside the verdicts: drafts, second opinions, and what the applicant changed."""

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from intake.models.account import User
from intake.models.base import Base, Code, Facts, Key, Moment, Words, now, short_enum
from intake.models.expression import Outcome


class SheetDraft(Base):
    """What one screener has typed and not yet saved as verdicts: `{criterion: {"outcome": ..., "reason": ...}}`."""

    __tablename__ = "sheet_drafts"

    expression_id: Mapped[int] = mapped_column(ForeignKey("expressions.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), primary_key=True)
    typed: Mapped[Facts]
    saved_at: Mapped[Moment] = mapped_column(default=now, onupdate=now)


class SecondOpinion(Base):
    """What the second screener found about a criterion, where the programme asks for two."""

    __tablename__ = "second_opinions"
    __table_args__ = (UniqueConstraint("expression_id", "criterion"),)

    id: Mapped[Key]
    expression_id: Mapped[int] = mapped_column(ForeignKey("expressions.id", ondelete="CASCADE"))
    criterion: Mapped[Code]
    outcome: Mapped[Outcome] = mapped_column(short_enum(Outcome))
    reason: Mapped[Words]
    screener_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    given_at: Mapped[Moment] = mapped_column(default=now, onupdate=now)

    screener: Mapped[User | None] = relationship(lazy="raise_on_sql")


class Settlement(Base):
    """Who settled what two screeners found about a criterion. The verdict holds what came of it, and the reason."""

    __tablename__ = "settlements"

    expression_id: Mapped[int] = mapped_column(ForeignKey("expressions.id", ondelete="CASCADE"), primary_key=True)
    criterion: Mapped[Code] = mapped_column(primary_key=True)
    first_outcome: Mapped[Outcome] = mapped_column(short_enum(Outcome))
    """What the first screener had found."""
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    settled_at: Mapped[Moment] = mapped_column(default=now, onupdate=now)

    user: Mapped[User | None] = relationship(lazy="raise_on_sql")


class Revision(Base):
    """Changes of answers by the applicant after sending, from one look of the screener to the next.

    `before` holds the changed answers as they were (of `criteria`, only the changed ones); `verdicts` the judgements
    that the change made void, with who gave them: `{criterion: [{"outcome": ..., "reason": ..., "name": ...,
    "user_id": ..., "second": whether it was a second opinion}]}`.
    """

    __tablename__ = "revisions"
    __table_args__ = (Index("ix_revisions_expression_id", "expression_id"),)

    id: Mapped[Key]
    expression_id: Mapped[int] = mapped_column(ForeignKey("expressions.id", ondelete="CASCADE"))
    at: Mapped[Moment] = mapped_column(default=now)
    before: Mapped[Facts]
    verdicts: Mapped[Facts]
