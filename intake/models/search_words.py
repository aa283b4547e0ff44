"""The words of an expression, for `intake.search`, which writes and reads them; nothing else does."""

from sqlalchemy import ForeignKey, Text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from intake.models.base import Base

SEARCH_INDEX = "search_index"
BESIDE_THE_MODELS = frozenset(
    {SEARCH_INDEX, *(f"{SEARCH_INDEX}_{part}" for part in ("config", "data", "idx")), "ix_search_words_words"}
)
"""What only one database has: SQLite a virtual table with its own tables (FTS5), PostgreSQL an index (GIN)."""


class SearchWords(Base):
    """One row for each expression that was sent. On SQLite, triggers keep `search_index` equal to it."""

    __tablename__ = "search_words"

    expression_id: Mapped[int] = mapped_column(ForeignKey("expressions.id", ondelete="CASCADE"), primary_key=True)
    words: Mapped[str] = mapped_column(Text().with_variant(TSVECTOR(), "postgresql"))
