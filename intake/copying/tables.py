"""The tables of the models with types that read and write what is stored as it is, whatever it means; no rows."""

from functools import cache
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ColumnElement,
    Date,
    DateTime,
    Dialect,
    Enum,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    func,
    literal,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import TypeEngine, UserDefinedType

from intake.models import Base
from intake.models.base import UtcDateTime

POSTGRESQL: Dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
KEPT = (Boolean, Date, DateTime, Integer, JSON, LargeBinary, String, UtcDateTime)


class Lexemes(UserDefinedType[str]):
    """PostgreSQL's words of a text, read and written as SQLite keeps them: between spaces, in their order."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        """The name of the type."""
        return "TSVECTOR"

    def bind_expression(self, bindvalue: Any) -> ColumnElement[Any]:
        """From words between spaces."""
        return func.array_to_tsvector(func.string_to_array(bindvalue, literal(" ")))

    def column_expression(self, colexpr: Any) -> ColumnElement[Any]:
        """To words between spaces."""
        return func.array_to_string(func.tsvector_to_array(colexpr), literal(" "))


@cache
def tables() -> tuple[Table, ...]:
    """Every table, each after those that it points at."""
    metadata = MetaData()
    return tuple(
        Table(modelled.name, metadata, *(_plain(column) for column in modelled.columns))
        for modelled in Base.metadata.sorted_tables
    )


def modelled(table: Table) -> Table:
    """The table as the models have it, with its foreign keys and what must be unique."""
    return Base.metadata.tables[table.name]


def keys(table: Table) -> list[Column[Any]]:
    """The columns of the primary key; the first of them is always a number."""
    return list(table.primary_key.columns)


def is_numbered(table: Table) -> bool:
    """Whether the database gives new rows their key by itself."""
    return [column.name for column in keys(table)] == ["id"]


def is_heavy(table: Table) -> bool:
    """Whether one row may hold megabytes."""
    return any(isinstance(column.type, LargeBinary) for column in table.columns)


def holds_lexemes(column: Column[Any]) -> bool:
    """Whether PostgreSQL keeps the words of a text here."""
    return isinstance(column.type.dialect_impl(POSTGRESQL), Lexemes)


def _plain(column: Column[Any]) -> Column[Any]:
    return Column(column.name, _type(column.type), primary_key=column.primary_key, nullable=column.nullable)


def _type(kind: TypeEngine[Any]) -> TypeEngine[Any]:
    """Enums and lists of the accounts as their text: what no longer means anything is copied all the same."""
    if isinstance(kind.dialect_impl(POSTGRESQL), postgresql.TSVECTOR):
        return Text().with_variant(Lexemes(), "postgresql")
    if isinstance(kind, Enum):
        return String(kind.length)
    return kind if isinstance(kind, KEPT) else Text()
