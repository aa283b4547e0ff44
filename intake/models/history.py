"""The append-only history of a subject; each entry carries the hash of the one before."""

from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from intake.models.base import Base, Code, Facts, Json, Key, Moment, Name


class HistoryEntry(Base):
    """One step of one subject.

    `before` holds the fields as they were, for an undo; `facts` are a person's words and can be erased: the chain
    covers `words_digest`, never the words, so that it stays whole. `version` is the subject's after the step. `salt`,
    which is erased with the words, keeps the digest from telling them.
    """

    __tablename__ = "history"
    __table_args__ = (
        UniqueConstraint("expression_id", "number"),
        UniqueConstraint("enquiry_id", "number"),
        CheckConstraint("(expression_id IS NULL) <> (enquiry_id IS NULL)", name="is_about_one"),
    )

    id: Mapped[Key]
    expression_id: Mapped[int | None] = mapped_column(ForeignKey("expressions.id", ondelete="CASCADE"))
    enquiry_id: Mapped[int | None] = mapped_column(ForeignKey("enquiries.id", ondelete="CASCADE"))
    number: Mapped[int]
    version: Mapped[int]
    trigger: Mapped[Code]
    source: Mapped[Code]
    target: Mapped[Code]
    role: Mapped[Code]
    actor_name: Mapped[Name]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    at: Mapped[Moment]
    facts: Mapped[Facts]
    before: Mapped[dict[str, Any]] = mapped_column(Json)
    salt: Mapped[str] = mapped_column(String(32), default="", server_default="")
    words_digest: Mapped[str] = mapped_column(String(64))
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))
