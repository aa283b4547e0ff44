"""One run of a copy: remove, add and change, table by table, then compare every row; where it stopped, it goes on."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass

from sqlalchemy import Connection, Table, func, literal, select, text

from intake.copying import marks, rows, tables, writing
from intake.copying.places import Pair
from intake.copying.rows import Key, Range

Bar = Callable[[str, int], AbstractContextManager[Callable[[int], object]]]
"""Shows how far something is: given what it is and how much there is, gives the function that is told what is done."""


@dataclass(slots=True)
class Counts:
    """What a run did, in rows."""

    rows: int = 0
    added: int = 0
    changed: int = 0
    removed: int = 0


def copy(pair: Pair, bar: Bar) -> Counts:
    """Bring the target to what the source held as the run began, in transactions of one range each.

    Raises `CopyError`; what was committed before stays, and the next run goes on from there.
    """
    with pair.target.begin():
        marks.check(pair)
    done = Counts()
    _remove(pair, bar, done)
    done.rows = _count(pair.source)
    with bar("Copying", done.rows) as tell:
        for table in tables.tables():
            for within in rows.ranges(pair.source, table):
                tell(_bring(pair, table, within, done))
    _settle(pair.target)
    return done


def differences(pair: Pair, bar: Bar) -> Iterator[str]:
    """Compare every row of both; each one that differs, is missing or is too many, in words."""
    with bar("Comparing", _count(pair.source)) as tell:
        for table in tables.tables():
            for within in rows.ranges(pair.source, table):
                wanted = rows.digests(rows.read(pair.source, table, within))
                with pair.target.begin():
                    found = rows.digests(rows.read(pair.target, table, within))
                for key in sorted(wanted.keys() | found.keys()):
                    yield from _difference(table, key, wanted.get(key), found.get(key))
                tell(len(wanted))


def _difference(table: Table, key: Key, wanted: bytes | None, found: bytes | None) -> Iterator[str]:
    if wanted != found:
        what = "is missing in TO" if found is None else "is in TO alone" if wanted is None else "differs"
        yield f"{rows.named(table, key)} {what}."


def _remove(pair: Pair, bar: Bar, done: Counts) -> None:
    """Take away what the source has no longer, those first that point at others."""
    with pair.target.begin():
        held = _count(pair.target)
    with bar("Looking for what was deleted", held) as tell:
        for table in reversed(tables.tables()):
            for within in _ranges_of_target(pair.target, table):
                with pair.target.begin():
                    found = rows.read_keys(pair.target, table, within)
                    gone = found - rows.read_keys(pair.source, table, within)
                    writing.remove(pair.target, table, gone)
                done.removed += len(gone)
                tell(len(found))


def _ranges_of_target(target: Connection, table: Table) -> list[Range]:
    """All ranges at once, so that no transaction is open between two of them; there are few."""
    with target.begin():
        return list(rows.ranges(target, table))


def _bring(pair: Pair, table: Table, within: Range, done: Counts) -> int:
    wanted = rows.read(pair.source, table, within)
    with pair.target.begin():
        found = rows.digests(rows.read(pair.target, table, within))
        new = {key: row for key, row in wanted.items() if key not in found}
        changed = {key: row for key, row in wanted.items() if key in found and found[key] != rows.digest(row)}
        writing.write(pair.target, table, new, changed, within)
        marks.note(pair.target, table, new)
    done.added += len(new)
    done.changed += len(changed)
    return len(wanted)


def _count(connection: Connection) -> int:
    return sum(connection.scalar(select(func.count()).select_from(table)) or 0 for table in tables.tables())


def _settle(target: Connection) -> None:
    """Let new rows follow the copied ones, and the planner know of them. SQLite numbers by what is there."""
    with target.begin():
        if target.dialect.name == "postgresql":
            for table in filter(tables.is_numbered, tables.tables()):
                sequence = func.pg_get_serial_sequence(f'"{table.name}"', "id")
                after = select(func.coalesce(func.max(table.c.id), 0) + 1).scalar_subquery()
                target.execute(select(func.setval(sequence, after, literal(False))))
        target.execute(text("ANALYZE"))
