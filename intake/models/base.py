"""The common ground of all models: naming, shared column types, times in UTC; no table of its own."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any, TypeVar

from sqlalchemy import JSON, DateTime, Dialect, Enum, MetaData, String, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, mapped_column
from sqlalchemy.types import TypeDecorator

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """What every model inherits."""

    metadata = MetaData(naming_convention=NAMES)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware time, kept in UTC; SQLite forgets the zone, so it is put back on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Raises `ValueError` for a time without a zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("A time without a zone cannot be stored.")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """The stored time, aware, in UTC."""
        return value if value is None or value.tzinfo else value.replace(tzinfo=UTC)


E = TypeVar("E", bound=StrEnum)


def short_enum(members: type[E]) -> Enum:
    """A column type that stores an enum's values as short strings, so that a new member needs no type migration."""
    return Enum(members, values_callable=lambda enum: [m.value for m in enum], native_enum=False, length=32)


Key = Annotated[int, mapped_column(primary_key=True)]
Moment = Annotated[datetime, mapped_column(UtcDateTime())]
Words = Annotated[str, mapped_column(Text)]
Code = Annotated[str, mapped_column(String(40))]
Name = Annotated[str, mapped_column(String(200))]
Address = Annotated[str, mapped_column(String(254))]
Json = JSON().with_variant(JSONB(), "postgresql")
Items = Annotated[list[Any], mapped_column(Json)]
Facts = Annotated[dict[str, Any], mapped_column(Json)]


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC)
