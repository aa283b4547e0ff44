"""Steps taken on many expressions at once: what was asked, and what became of each; it takes none itself."""

from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from intake.models.base import Base, Code, Facts, Items, Key, Moment, now, short_enum


class Fate(StrEnum):
    """What became of one expression in a run."""

    WAITING = "waiting"
    MOVED = "moved"
    REFUSED = "refused"
    STALE = "stale"


class BulkRun(Base):
    """One step for many expressions, with its facts as `intake.history.plain` writes them."""

    __tablename__ = "bulk_runs"

    id: Mapped[Key]
    key: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    trigger: Mapped[Code]
    facts: Mapped[Facts]
    created_at: Mapped[Moment] = mapped_column(default=now)
    finished_at: Mapped[Moment | None]

    items: Mapped[list["BulkItem"]] = relationship(
        order_by="BulkItem.id", cascade="all, delete-orphan", lazy="raise_on_sql"
    )


class BulkItem(Base):
    """One expression of a run; `version` is the one that the dry run saw, `reasons` why it did not move."""

    __tablename__ = "bulk_items"
    __table_args__ = (UniqueConstraint("run_id", "expression_id"), Index("ix_bulk_items_run_id_fate", "run_id", "fate"))

    id: Mapped[Key]
    run_id: Mapped[int] = mapped_column(ForeignKey("bulk_runs.id", ondelete="CASCADE"))
    expression_id: Mapped[int] = mapped_column(ForeignKey("expressions.id", ondelete="CASCADE"))
    version: Mapped[int]
    fate: Mapped[Fate] = mapped_column(short_enum(Fate), default=Fate.WAITING)
    reasons: Mapped[Items] = mapped_column(default=list)
    done_at: Mapped[Moment | None]
