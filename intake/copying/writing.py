"""Writes rows of one range into the target so that it holds what the source holds; it decides nothing else."""

import json
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import JSON, Column, Connection, Table, bindparam, delete, insert, tuple_, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.schema import UniqueConstraint

from intake import storage
from intake.copying import rows, tables
from intake.copying.places import CopyError
from intake.copying.rows import Key, Range, Rows

REFUSALS = (DBAPIError, psycopg.Error)


def write(target: Connection, table: Table, new: Rows, changed: Rows, within: Range) -> None:
    """Add rows and change others, in the open transaction.

    A row that has what another one had before (the name of an organisation that is active again, say) would be refused
    as long as that one is older than the source. Then both go, and come again; so does what points at them.

    Raises `CopyError` naming the rows that the target cannot hold.
    """
    if target.dialect.name == "postgresql":
        _refuse_untaken(table, new | changed)
    try:
        with target.begin_nested():
            _change(target, table, changed)
            _add(target, table, new)
    except REFUSALS:
        _make_way(target, table, new | changed, within)
        try:
            with target.begin_nested():
                _add(target, table, new | changed)
        except REFUSALS as error:
            raise CopyError(_refused(target, table, new | changed, error)) from error


def remove(target: Connection, table: Table, gone: Collection[Key]) -> None:
    """Take rows away that the source has no longer. What only mentions them forgets them, as in the source."""
    if not gone:
        return
    for other in tables.tables():
        for column in _mentioning(tables.modelled(other), table):
            mentioned = column.in_([key[0] for key in gone])
            target.execute(update(column.table).where(mentioned).values({column: None}))
    target.execute(delete(table).where(_among(tables.keys(table), gone)))


def _mentioning(other: Table, table: Table) -> Iterable[Column[Any]]:
    for key in other.foreign_keys:
        if key.column.table.name == table.name and key.ondelete is None and key.parent.nullable:
            yield key.parent


def _refuse_untaken(table: Table, given: Rows) -> None:
    reasons = [reason for key, row in given.items() for reason in rows.untaken(table, key, row)]
    if reasons:
        mend = "Change these rows in FROM and run the command again; it goes on where it stopped."
        raise CopyError("\n".join([*reasons, mend]))


def _add(target: Connection, table: Table, new: Rows) -> None:
    if not new:
        return
    if target.dialect.name == "postgresql":
        _copy(target, table, new)
    else:
        target.execute(insert(table), [dict(row) for row in new.values()])


def _copy(target: Connection, table: Table, new: Rows) -> None:
    driver: Any = target.connection.driver_connection
    into = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table.name), sql.SQL(", ").join(sql.Identifier(column.name) for column in table.columns)
    )
    written = [_written(column) for column in table.columns]
    with driver.cursor().copy(into) as copy:
        for row in new.values():
            copy.write_row([write(value) for write, value in zip(written, row.values(), strict=True)])


def _written(column: Column[Any]) -> Callable[[Any], Any]:
    """How COPY takes the values of a column."""
    if isinstance(column.type, JSON):
        return json.dumps
    return _lexemes if tables.holds_lexemes(column) else _as_it_is


def _lexemes(words: str) -> str:
    escaped = (word.replace("\\", "\\\\").replace("'", "''") for word in words.split(" ") if word)
    return " ".join(f"'{word}'" for word in escaped)


def _as_it_is(value: Any) -> Any:
    return value


def _change(target: Connection, table: Table, changed: Rows) -> None:
    if not changed:
        return
    key = tables.keys(table)
    others = [column for column in table.columns if not column.primary_key]
    if not others:
        return
    statement = update(table).where(*(column == bindparam(f"key_{column.name}") for column in key))
    statement = statement.values({column: bindparam(f"new_{column.name}", type_=column.type) for column in others})
    target.execute(
        statement,
        [
            {f"key_{column.name}": row[column.name] for column in key}
            | {f"new_{column.name}": row[column.name] for column in others}
            for row in changed.values()
        ],
    )


def _make_way(target: Connection, table: Table, given: Rows, within: Range) -> None:
    """Remove these rows, and those of later ranges that have something which only one row may have."""
    target.execute(delete(table).where(_among(tables.keys(table), list(given))))
    if within.high is None:
        return
    for names in _unique(table):
        columns = [table.columns[name] for name in names]
        values = [tuple(row[name] for name in names) for row in given.values()]
        later = Range(within.high, None).holds(table)
        target.execute(delete(table).where(later, _among(columns, [each for each in values if None not in each])))


def _unique(table: Table) -> Iterable[Sequence[str]]:
    known = tables.modelled(table)
    for constraint in known.constraints:
        if isinstance(constraint, UniqueConstraint):
            yield [column.name for column in constraint.columns]
    yield from ([column.name for column in index.columns] for index in known.indexes if index.unique)


def _among(columns: Sequence[Column[Any]], values: Collection[tuple[Any, ...]]) -> Any:
    return tuple_(*columns).in_(list(values))


def _refused(target: Connection, table: Table, given: Rows, error: Exception) -> str:
    """Name the first row that the target refuses by itself."""
    for key, row in given.items():
        try:
            with target.begin_nested():
                _add(target, table, {key: row})
        except REFUSALS as refusal:
            return f"{rows.named(table, key)}: the database refuses it. {storage.words(refusal)}"
    return f"{table.name}: the database refuses rows. {storage.words(error)}"
