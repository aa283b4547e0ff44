"""Tries to sign in as staff, one row a try, those of nobody's account too; what was typed is never kept."""

from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from intake.models.base import Base, Key, Moment, now, short_enum


class Way(StrEnum):
    """What the last thing shown was: with it somebody came in, or was refused."""

    PASSWORD = "password"  # noqa: S105 - the name of a way, no password
    CODE = "code"
    RECOVERY_CODE = "recovery_code"
    PASSKEY = "passkey"


class SignIn(Base):
    """One try; `user_id` is None where the typed address belongs to no account."""

    __tablename__ = "sign_ins"
    __table_args__ = (Index("ix_sign_ins_user_id", "user_id", "id"), Index("ix_sign_ins_at", "at"))

    id: Mapped[Key]
    at: Mapped[Moment] = mapped_column(default=now)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    way: Mapped[Way] = mapped_column(short_enum(Way))
    came_in: Mapped[bool]
    address: Mapped[str] = mapped_column(String(64), default="")
    """Where the browser was, as the site saw it."""
