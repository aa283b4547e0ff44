"""Texts of letters that staff have written in place of the shipped ones, every version kept."""

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from intake.models.base import Base, Code, Key, Moment, Name, Words, now, short_enum
from workflows.people import Audience


class LetterText(Base):
    """One version of a text for a kind of letter, an audience and a language; that with the highest `number` holds.

    An empty `text` means that the shipped one holds again. `english_digest` marks the English text that stood when
    a translation was written, so that it shows when the English has moved on.
    """

    __tablename__ = "letter_texts"
    __table_args__ = (UniqueConstraint("folder", "kind", "audience", "language", "number"),)

    id: Mapped[Key]
    folder: Mapped[Code] = mapped_column(default="expression", server_default="expression")
    """What the letter is about: the name of a workflow, or `staff`."""
    kind: Mapped[Code]
    audience: Mapped[Audience] = mapped_column(short_enum(Audience))
    language: Mapped[str] = mapped_column(String(8))
    number: Mapped[int]
    text: Mapped[Words]
    english_digest: Mapped[str] = mapped_column(String(64))
    author_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    author_name: Mapped[Name]
    written_at: Mapped[Moment] = mapped_column(default=now)
