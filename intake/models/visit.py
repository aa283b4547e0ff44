"""Who had an expression open and when, so that two do not do the same work; it locks nothing."""

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from intake.models.account import User
from intake.models.base import Base, Moment, now


class Visit(Base):
    """The last time that a member of staff opened an expression; one row for each pair."""

    __tablename__ = "visits"

    expression_id: Mapped[int] = mapped_column(ForeignKey("expressions.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), primary_key=True)
    opened_at: Mapped[Moment] = mapped_column(default=now)

    user: Mapped[User] = relationship(lazy="raise_on_sql")
