"""Notes in the target which rows copies have brought, so that rows of another origin are never taken for deleted ones.

The table stands beside the models: migrations know nothing of it, and nothing but a copy reads it.
"""

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    MetaData,
    String,
    Table,
    Text,
    func,
    insert,
    inspect,
    select,
    update,
)

from intake import storage
from intake.copying import tables
from intake.copying.places import CopyError, Pair
from intake.copying.rows import Rows

MARKS = Table(
    "copied_rows",
    MetaData(),
    Column("name", String(64), primary_key=True),
    Column("origin", Text, nullable=False),
    Column("last", BigInteger, nullable=False),
)
"""For each table the origin of its rows and the highest key that a copy has brought."""


def check(pair: Pair) -> None:
    """Refuse a target with rows that no copy from this source has brought; then keep notes in it.

    Raises `CopyError`.
    """
    if not inspect(pair.target).has_table(MARKS.name):
        _refuse_rows(pair.target)
        MARKS.create(pair.target)
        pair.target.execute(insert(MARKS), [_mark(pair, table) for table in tables.tables()])
        return
    origins = set(pair.target.scalars(select(MARKS.c.origin)))
    if origins - {pair.origin}:
        raise CopyError(
            f"TO was copied from another place before: {', '.join(sorted(origins))}. "
            "Go on from there, or give TO an empty database."
        )
    _refuse_newer_rows(pair.target)


def note(target: Connection, table: Table, brought: Rows) -> None:
    """Remember the keys of rows, in the transaction that adds them."""
    if not brought or not tables.is_numbered(table):
        return
    last = max(key[0] for key in brought)
    target.execute(update(MARKS).where(MARKS.c.name == table.name, MARKS.c.last < last).values(last=last))


def _mark(pair: Pair, table: Table) -> dict[str, str | int]:
    return {"name": table.name, "origin": pair.origin, "last": 0}


def _refuse_rows(target: Connection) -> None:
    for table in tables.tables():
        if target.execute(select(*tables.keys(table)).limit(1)).first():
            raise CopyError(
                f"TO, {storage.place(target.engine.url)}, has rows that no copy has brought: in {table.name}. "
                "Give TO an empty database, made by `intake db upgrade`."
            )


def _refuse_newer_rows(target: Connection) -> None:
    """Whoever works on the copy leaves entries, letters or visits with new keys: a copy now would take them away."""
    lasts = {mark.name: mark.last for mark in target.execute(select(MARKS))}
    for table in filter(tables.is_numbered, tables.tables()):
        newest = target.scalar(select(func.max(table.c.id))) or 0
        if newest > lasts.get(table.name, 0):
            raise CopyError(
                f"TO, {storage.place(target.engine.url)}, has rows that no copy has brought: "
                f"{table.name}, id {newest}. Somebody works on it already, and a copy would remove them. "
                "Give TO an empty database."
            )
