"""Links by which applicants reach their expressions without a password; tokens are stored hashed."""

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from intake.models.base import Address, Base, Key, Moment, now


class AccessLink(Base):
    """One way in to one expression. `email` is empty for the browser in which a draft was begun."""

    __tablename__ = "access_links"
    __table_args__ = (Index("ix_access_links_expression_id", "expression_id"),)

    id: Mapped[Key]
    expression_id: Mapped[int] = mapped_column(ForeignKey("expressions.id", ondelete="CASCADE"))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    email: Mapped[Address] = mapped_column(default="")
    letter_id: Mapped[int | None] = mapped_column(ForeignKey("letters.id", ondelete="SET NULL"))
    created_at: Mapped[Moment] = mapped_column(default=now)
    expires_at: Mapped[Moment]
    claimed_at: Mapped[Moment | None]
    revoked_at: Mapped[Moment | None]
