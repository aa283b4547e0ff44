"""Documents that applicants add to an expression: what is known of each; its bytes lie beside the database."""

from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from intake.models.base import Base, Items, Key, Moment, Name, now, short_enum


class DocumentType(StrEnum):
    """What the bytes of a document are."""

    PDF = "pdf"
    DOCX = "docx"
    ODT = "odt"
    PNG = "png"
    JPEG = "jpeg"


class ScanState(StrEnum):
    """What the virus scanner said of a document."""

    NOT_SCANNED = "not_scanned"
    WAITING = "waiting"
    CLEAN = "clean"
    INFECTED = "infected"
    UNSCANNABLE = "unscannable"


class Document(Base):
    """One document. `key` is the random name under which its bytes are stored, `name` what its owner called it.

    `flags` name what in it can act by itself. One that was removed after sending keeps its row, without its bytes.
    """

    __tablename__ = "documents"
    __table_args__ = (
        Index("ix_documents_expression_id", "expression_id"),
        Index("ix_documents_scan_state", "scan_state", "removed_at", "id"),
    )

    id: Mapped[Key]
    expression_id: Mapped[int] = mapped_column(ForeignKey("expressions.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[Name]
    type: Mapped[DocumentType] = mapped_column(short_enum(DocumentType))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    flags: Mapped[Items] = mapped_column(default=list)
    added_at: Mapped[Moment] = mapped_column(default=now)
    added_by: Mapped[Name] = mapped_column(default="")
    scan_state: Mapped[ScanState] = mapped_column(short_enum(ScanState), default=ScanState.NOT_SCANNED)
    scanned_at: Mapped[Moment | None]
    scan_words: Mapped[Name] = mapped_column(default="")
    removed_at: Mapped[Moment | None]
    removed_by: Mapped[Name] = mapped_column(default="")
