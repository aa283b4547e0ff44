"""Who gave an expression to which screener; who screens it now stands on the expression itself."""

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from intake.models.base import Base, Key, Moment, Name, now


class Assignment(Base):
    """An expression given to a screener by somebody else. `told_at` is when a digest told the screener of it."""

    __tablename__ = "assignments"
    __table_args__ = (
        Index("ix_assignments_expression_id", "expression_id"),
        Index("ix_assignments_screener_id_told_at", "screener_id", "told_at"),
    )

    id: Mapped[Key]
    expression_id: Mapped[int] = mapped_column(ForeignKey("expressions.id", ondelete="CASCADE"))
    screener_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    by_name: Mapped[Name]
    at: Mapped[Moment] = mapped_column(default=now)
    told_at: Mapped[Moment | None]
