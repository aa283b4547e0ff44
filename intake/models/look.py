"""Who looked at what of which expression, and when; kept for the programme's days."""

from enum import StrEnum

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from intake.models.account import User
from intake.models.base import Base, Key, Moment, Name, now, short_enum
from intake.models.expression import Expression


class Shown(StrEnum):
    """What somebody was shown or given."""

    PAGE = "page"
    DOCUMENT = "document"
    PACK = "pack"
    EXPORT = "export"


class Look(Base):
    """One look; `expression_id` is None where many were given at once, and `detail` says which."""

    __tablename__ = "looks"
    __table_args__ = (
        Index("ix_looks_at", "at", "id"),
        Index("ix_looks_user_id", "user_id", "at", "id"),
        Index("ix_looks_expression_id", "expression_id", "at", "id"),
    )

    id: Mapped[Key]
    at: Mapped[Moment] = mapped_column(default=now)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    expression_id: Mapped[int | None] = mapped_column(ForeignKey("expressions.id", ondelete="CASCADE"))
    what: Mapped[Shown] = mapped_column(short_enum(Shown))
    detail: Mapped[Name] = mapped_column(default="")
    """The name of a document, or the filters of an export."""

    user: Mapped[User] = relationship(lazy="raise_on_sql")
    expression: Mapped[Expression | None] = relationship(lazy="raise_on_sql")
