"""Copies of a database: the same rows on the other side, again and again, whatever stopped the last run."""

import contextlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import make_url

from intake import copying, history, search
from intake.cli import main
from intake.copying import rows, tables
from intake.extensions import db
from intake.models import Expression, HistoryEntry
from tests import databases, making
from tests.databases import contents, execute
from tests.environment import DATABASES, fresh_postgres
from workflows.expression import State


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory, programme_file: Path) -> Path:
    """An SQLite database with rows in every table."""
    file = tmp_path_factory.mktemp("filled") / "intake.sqlite3"
    with databases.opened(f"sqlite:///{file}", programme_file):
        databases.fill()
    return file


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory, programme_file: Path) -> Path:
    """An SQLite database with all tables and no row."""
    file = tmp_path_factory.mktemp("empty") / "intake.sqlite3"
    with databases.opened(f"sqlite:///{file}", programme_file):
        return file


@pytest.fixture(scope="module")
def server(worker_id: str, programme_file: Path) -> Iterator[str]:
    """A database of PostgreSQL with all tables."""
    with fresh_postgres(f"copy_{worker_id}") as url:
        with databases.opened(url, programme_file):
            pass
        yield url


@pytest.fixture
def source(filled: Path, tmp_path: Path) -> str:
    """The filled database, in a file of this test's own."""
    return f"sqlite:///{shutil.copy(filled, tmp_path / 'from.sqlite3')}"


@pytest.fixture(params=DATABASES)
def target(request: pytest.FixtureRequest) -> str:
    """An empty database of each kind, with all tables."""
    kind = "sqlite_target" if request.param == "sqlite" else "postgres"
    found: str = request.getfixturevalue(kind)
    return found


@pytest.fixture
def sqlite_target(empty: Path, tmp_path: Path) -> str:
    """An empty database in a file."""
    return f"sqlite:///{shutil.copy(empty, tmp_path / 'to.sqlite3')}"


@pytest.fixture
def postgres(server: str) -> str:
    """The database of PostgreSQL, emptied."""
    names = ", ".join(f'"{name}"' for name in contents(server))
    execute(server, f"TRUNCATE {names} RESTART IDENTITY CASCADE", "DROP TABLE IF EXISTS copied_rows")
    return server


@pytest.fixture
def copied() -> Callable[[str, str], Result]:
    """Runs `intake db copy`."""
    return lambda source, target: CliRunner().invoke(main, ["db", "copy", source, target])


def said(result: Result) -> str:
    """What a person reads who runs the command from a script: the lines without bars."""
    bars = ("Looking for what was deleted", "Copying", "Comparing")
    return "\n".join(line for line in result.output.splitlines() if line not in bars)


def test_the_filled_database_has_rows_in_every_table(source: str) -> None:
    assert [name for name, found in contents(source).items() if not found] == []


def test_a_copy_holds_the_same_rows_and_so_does_a_copy_of_the_copy(
    source: str, postgres: str, sqlite_target: str, copied: Callable[..., Result]
) -> None:
    there = copied(source, postgres)
    back = copied(postgres, sqlite_target)

    number = sum(map(len, contents(source).values()))
    assert said(there).startswith(
        f"{number} rows: {number} added, 0 changed, 0 removed in TO.\nCompared row by row: TO"
    )
    assert (there.exit_code, back.exit_code) == (0, 0)
    assert contents(postgres) == contents(source)
    assert contents(sqlite_target) == contents(source)


def test_a_copy_from_sqlite_to_sqlite_holds_the_same_rows(
    source: str, sqlite_target: str, copied: Callable[..., Result]
) -> None:
    result = copied(source, sqlite_target)

    assert result.exit_code == 0
    assert contents(sqlite_target) == contents(source)


def test_the_application_goes_on_with_the_copy(
    source: str, target: str, copied: Callable[..., Result], programme_file: Path
) -> None:
    copied(source, target)
    before = contents(source)

    with databases.opened(target, programme_file, migrated=False):
        faults = [fault for subject, entries in history.chains() for fault in history.faults(subject, entries)]
        moved = db.session.get_one(Expression, 2)
        databases.step(moved, "assign", focus_area="access")
        added = databases.submitted(communities="Lighthouses")
        found = db.session.scalars(search.matching(search.Sought(search.words("lighthouses 数字")))).all()
        found += db.session.scalars(search.matching(search.Sought(search.words("lighthouses")))).all()
        new = [
            added.id,
            *db.session.scalars(db.select(HistoryEntry.id).where(HistoryEntry.id > max_id(before, "history"))),
        ]

    assert faults == []
    assert found == [max_id(before, "expressions") + 1]
    assert new == [max_id(before, "expressions") + 1, *(max_id(before, "history") + number for number in (1, 2))]


def max_id(found: databases.Contents, table: str) -> int:
    """The highest key of a table."""
    return int(max(key[0] for key in found[table]))


def test_a_second_run_takes_over_what_was_added_changed_and_deleted(
    source: str, target: str, copied: Callable[..., Result], programme_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "ROWS", 20)
    first = copied(source, target)
    with databases.opened(source, programme_file, migrated=False):
        databases.step(db.session.get_one(Expression, 2), "assign", focus_area="adoption")
        making.expression(State.SUBMITTED)
        db.session.delete(db.session.get_one(Expression, 5))
        db.session.commit()
    execute(source, "DELETE FROM letters WHERE id = (SELECT max(id) FROM letters)", "DELETE FROM visits")

    second = copied(source, target)
    third = copied(source, target)

    number = sum(map(len, contents(source).values()))
    assert (first.exit_code, second.exit_code, third.exit_code) == (0, 0, 0)
    assert contents(target) == contents(source)
    assert ", 0 removed" not in said(second)
    assert said(third).startswith(f"{number} rows: 0 added, 0 changed, 0 removed in TO.")


def test_what_only_one_row_may_have_can_have_moved_to_another(
    source: str, target: str, copied: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "ROWS", 5)
    copied(source, target)
    key = "UPDATE expressions SET reference = '{}' WHERE id = {}"
    swaps = [(1, "x"), (9, "P2C-1"), (1, "P2C-9"), (3, "y"), (4, "P2C-3"), (3, "P2C-4")]
    execute(source, *(key.format(name, row) for row, name in swaps))
    execute(source, "UPDATE expressions SET creation_key = id", "UPDATE \"user\" SET email = id || '@example.org'")
    copied(source, target)
    execute(source, "UPDATE expressions SET creation_key = 100 + id", "UPDATE expressions SET creation_key = 14 - id")
    execute(source, "UPDATE expressions SET reference = 'z' WHERE id = 1")
    execute(source, "UPDATE expressions SET reference = 'P2C-9' WHERE id = 9")
    execute(source, "UPDATE expressions SET reference = 'P2C-1' WHERE id = 1")

    result = copied(source, target)

    assert result.exit_code == 0, result.output
    assert contents(target) == contents(source)


def test_a_person_who_was_deleted_is_deleted_in_the_copy(
    source: str, target: str, copied: Callable[..., Result]
) -> None:
    copied(source, target)
    execute(
        source,
        "UPDATE expressions SET screener_id = NULL",
        "DELETE FROM roles_users",
        'DELETE FROM "user" WHERE id = 1',
    )

    result = copied(source, target)

    assert result.exit_code == 0, result.output
    assert contents(target) == contents(source)
    assert list(contents(target)["user"]) == [(2,)]


def test_a_copy_that_was_killed_goes_on_where_it_stopped(source: str, target: str) -> None:
    variables = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    command = [sys.executable, "-m", "tests.dying_in_copy", source, target]

    done = subprocess.run(command, env=variables, capture_output=True, text=True, timeout=120)

    assert done.returncode == 0, done.stderr
    last, children = map(json.loads, done.stdout.splitlines())
    number = sum(map(len, contents(source).values()))
    assert last[0] == number
    assert last[1] < number
    assert last[2:] == [0, 0, []]
    assert children > 3
    assert contents(target) == contents(source)


def test_what_is_written_during_a_copy_comes_with_the_next_one(source: str, target: str) -> None:
    before = contents(source)

    @contextlib.contextmanager
    def bar(label: str, _length: int) -> Iterator[Callable[[int], object]]:
        if label == "Copying":
            execute(source, "DELETE FROM letters WHERE id = 1", "UPDATE expressions SET communities = 'Later'")
        yield lambda _number: None

    with copying.opened(source, target) as pair:
        copying.copy(pair, bar)
        differences = list(copying.differences(pair, bar))
    between = contents(target)
    with copying.opened(source, target) as pair:
        copying.copy(pair, bar)

    assert differences == []
    assert between == before
    assert contents(target) == contents(source)
    assert contents(source) != before


NUL = "UPDATE expressions SET communities = 'a' || char(0) || 'b' WHERE id = 7"
HALF = 'UPDATE history SET facts = \'{"reason": "\\ud800"}\' WHERE id = 3'
ZERO = "UPDATE history SET facts = '{\"\\u0000\": 1}' WHERE id = 3"
MEND = "Change these rows in FROM and run the command again; it goes on where it stopped."


@pytest.mark.parametrize(
    ("poison", "words"),
    [
        (NUL, "expressions, id 7: communities holds the character zero or half a character"),
        (HALF, "history, id 3: facts holds the character zero or half a character"),
        (ZERO, "history, id 3: facts holds the character zero or half a character"),
        ("UPDATE letters SET answer = CAST(X'ff' AS TEXT) WHERE id = 4", "letters, id 4: answer holds"),
        (
            "UPDATE notes SET author_name = printf('%.201c', 'x')",
            "notes, id 1: author_name has 201 characters; PostgreSQL takes 200 there.",
        ),
        ("UPDATE letters SET due_at = 'soon' WHERE id = 4", "letters, id 4 cannot be read: "),
        ("UPDATE letters SET attempts = 3000000000 WHERE id = 4", "letters, id 4: the database refuses it. "),
    ],
)
def test_a_row_that_postgresql_cannot_hold_is_named_and_the_copy_goes_on_when_it_is_mended(
    poison: str, words: str, source: str, postgres: str, filled: Path, copied: Callable[..., Result], tmp_path: Path
) -> None:
    poisoned(source, poison)

    refused = copied(source, postgres)
    shutil.copy(filled, source.removeprefix("sqlite:///"))
    mended = copied(source, postgres)

    assert refused.exit_code == 1
    assert f"Error: {words}" in refused.output
    assert mended.exit_code == 0, mended.output
    assert contents(postgres) == contents(source)


def poisoned(url: str, statement: str) -> None:
    """Write what the application never would."""
    with contextlib.closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection, connection:
        assert connection.execute(statement).rowcount > 0


def test_a_row_that_became_another_one_on_the_way_is_named(
    source: str, sqlite_target: str, copied: Callable[..., Result]
) -> None:
    execute(
        sqlite_target,
        "CREATE TRIGGER spoil AFTER INSERT ON letters WHEN NEW.id IN (2, 5) "
        "BEGIN UPDATE letters SET subject = 'Spoilt' WHERE id = NEW.id; DELETE FROM visits; END",
        "CREATE TRIGGER lose AFTER INSERT ON notes BEGIN DELETE FROM notes; END",
    )
    execute(source, "DELETE FROM mentions")

    result = copied(source, sqlite_target)

    assert result.exit_code == 1
    assert "notes, id 1 is missing in TO.\n" in result.output
    assert "letters, id 2 differs.\nletters, id 5 differs.\n" in result.output


def test_a_target_on_which_somebody_works_is_left_alone(
    source: str, target: str, copied: Callable[..., Result], programme_file: Path
) -> None:
    copied(source, target)
    with databases.opened(target, programme_file, migrated=False):
        databases.step(db.session.get_one(Expression, 2), "assign", focus_area="adoption")
    worked = contents(target)

    result = copied(source, target)

    assert result.exit_code == 1
    assert "has rows that no copy has brought: history, id " in result.output
    assert contents(target) == worked


def test_a_target_with_rows_of_another_origin_is_left_alone(
    source: str, target: str, copied: Callable[..., Result], tmp_path: Path, programme_file: Path
) -> None:
    with databases.opened(target, programme_file, migrated=False):
        making.expression(State.SUBMITTED)
    its_own = copied(source, target)
    execute(target, "DELETE FROM search_words", "DELETE FROM expressions", "DELETE FROM calls")
    copied(source, target)
    moved = shutil.copy(source.removeprefix("sqlite:///"), tmp_path / "moved.sqlite3")
    of_another = copied(f"sqlite:///{moved}", target)

    assert (its_own.exit_code, of_another.exit_code) == (1, 1)
    assert "has rows that no copy has brought: in calls." in its_own.output
    assert f"TO was copied from another place before: SQLite in {tmp_path / 'from.sqlite3'}." in of_another.output
    assert contents(target) == contents(source)


def test_pairs_that_cannot_be_are_refused(
    source: str, sqlite_target: str, copied: Callable[..., Result], tmp_path: Path
) -> None:
    link = tmp_path / "link.sqlite3"
    link.symlink_to(source.removeprefix("sqlite:///"))
    old = f"sqlite:///{shutil.copy(source.removeprefix('sqlite:///'), tmp_path / 'old.sqlite3')}"
    execute(old, "UPDATE alembic_version SET version_num = '0001'")
    blank = tmp_path / "blank.sqlite3"
    blank.touch()

    pairs = [
        (source, f"sqlite:///{link}", "FROM and TO are the same database"),
        (source, f"sqlite:///{blank}", "is at revision none, needed is"),
        (old, sqlite_target, "is at revision 0001, needed is"),
        (source, "sqlite:///to.sqlite3", "TO: write the whole path of the file"),
        (source, f"sqlite:///{tmp_path / 'absent.sqlite3'}", "TO: there is no file"),
        (source, "mysql://127.0.0.1/intake", "TO: expected sqlite:///FILE or postgresql://USER@HOST/NAME."),
        (source, "postgresql://a:secret@127.0.0.1:9/intake", "does not answer"),
    ]
    results = [copied(*pair[:2]) for pair in pairs]

    assert [result.exit_code for result in results] == [1] * len(pairs)
    assert [words for result, (_, _, words) in zip(results, pairs, strict=True) if words not in result.output] == []
    assert "secret" not in results[-1].output
    assert contents(sqlite_target) == {name: {} for name in contents(source)}


def test_two_names_of_one_database_and_two_copies_at_once_are_refused(
    source: str, postgres: str, copied: Callable[..., Result]
) -> None:
    copied(source, postgres)
    url = make_url(postgres)
    host, port = url.host or url.query["host"], url.port or 5432
    twice = url._replace(host=None, port=None, query={"host": f"{host},{host}", "port": f"{port},{port}"})
    spelt = twice.render_as_string(hide_password=False)

    same = copied(postgres, spelt)
    with copying.opened(source, postgres):
        second = copied(source, postgres)

    words = "TO is the same database as FROM, or another copy into it is running."
    assert (words in same.output, words in second.output) == (True, True)
    assert contents(postgres) == contents(source)


def test_rows_are_read_a_few_at_a_time_and_each_once(source: str, target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "ROWS", 5)
    letters = next(table for table in tables.tables() if table.name == "letters")

    with copying.opened(source, target) as pair:
        parts = [rows.read(pair.source, letters, within) for within in rows.ranges(pair.source, letters)]

    assert [len(part) for part in parts[:-1]] == [5] * (len(parts) - 1)
    assert [key for part in parts for key in part] == sorted(contents(source)["letters"])


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({"a": 1, "b": [1.0]}, {"b": [1], "a": 1}, True),
        ({"a": 1e300}, {"a": 10**300}, True),
        ({"a": -0.0}, {"a": 0}, True),
        ({"a": True}, {"a": 1}, False),
        ({"a": "1"}, {"a": 1}, False),
        ({"a": None}, {}, False),
        ([1, 2], [2, 1], False),
        (datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, 1, tzinfo=timezone(timedelta(hours=1))), True),
        (datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, 1, tzinfo=UTC), False),
        (b"\x00", memoryview(b"\x00"), True),
        (b"", "", False),
        (None, "", False),
        (0, False, False),
    ],
)
def test_values_are_told_apart_by_what_they_mean(one: Any, other: Any, same: bool) -> None:
    found: Any = [rows.digest({"value": one}), rows.digest({"value": other})]

    assert (found[0] == found[1]) is same
