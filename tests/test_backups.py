"""Backups: one file of one moment, taken while people work; restored whole, or refused with the reason."""

import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from flask_migrate import downgrade
from sqlalchemy import create_engine, select

from intake.backups import archive, sqlite
from intake.cli import main
from intake.extensions import db
from intake.models import Expression, Letter, LetterStatus
from intake.notifications import deliver
from intake.privacy import repeating
from tests import databases, making
from tests.databases import contents, execute
from tests.environment import DATABASES, fresh_postgres
from tests.smtp import SmtpSink

ROOT = Path(__file__).parents[1]
ENABLE = "to enable: apt-get install -y postgresql-client"
Run = Callable[..., Result]
ON_POSTGRESQL = pytest.mark.parametrize("filled", ["postgresql"], indirect=True)
INTAKE = f"{sys.executable} -c 'from intake.cli import main; main()'"


@pytest.fixture(scope="module", params=DATABASES)
def filled(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, worker_id: str, programme_file: Path
) -> Iterator[str]:
    """A database of each kind with rows in every table; tests may add some."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('filled') / 'intake.sqlite3'}"
        _fill(url, programme_file)
        yield url
        return
    need_postgres_programs()
    with fresh_postgres(f"backup_{worker_id}") as url:
        _fill(url, programme_file)
        yield url


def _fill(url: str, programme_file: Path) -> None:
    with databases.opened(url, programme_file):
        databases.fill()


def need_postgres_programs() -> None:
    """Without PostgreSQL's client programs, the test ends here."""
    if not (shutil.which("pg_dump") and shutil.which("pg_restore")):
        pytest.skip(f"no pg_dump on the PATH ({ENABLE})")


@pytest.fixture
def elsewhere(filled: str, tmp_path: Path, worker_id: str) -> Iterator[str]:
    """A place of the same kind where nothing is."""
    if filled.startswith("sqlite"):
        yield f"sqlite:///{tmp_path / 'restored.sqlite3'}"
        return
    with fresh_postgres(f"restore_{worker_id}") as url:
        yield url


@pytest.fixture
def intake(monkeypatch: pytest.MonkeyPatch, programme_file: Path) -> Run:
    """Runs `intake ...` on the database at `url`."""

    def run(url: str, *arguments: object, typed: str | None = None, **more: str) -> Result:
        for name in [name for name in os.environ if name.startswith("INTAKE_")]:
            monkeypatch.delenv(name)
        for name, value in (databases.settings(url, programme_file) | more).items():
            monkeypatch.setenv(name, value)
        return CliRunner().invoke(main, [str(argument) for argument in arguments], input=typed)

    return run


@pytest.fixture
def small(tmp_path: Path, programme_file: Path) -> str:
    """An SQLite database with one expression, which a test may change."""
    url = f"sqlite:///{tmp_path / 'small.sqlite3'}"
    with databases.opened(url, programme_file):
        databases.submitted()
    return url


@pytest.fixture
def backup(small: str, tmp_path: Path, intake: Run) -> Path:
    """A backup of the small database."""
    file = tmp_path / "backup.tar"
    assert intake(small, "backup", file).exit_code == 0
    return file


def held(folder: Path) -> list[str]:
    """The names in a folder, without those of the databases that lie there."""
    return sorted(path.name for path in folder.iterdir() if ".sqlite3" not in path.name)


def manifest(file: Path) -> dict[str, Any]:
    """What a backup says of itself."""
    with tarfile.open(file) as tar:
        content = tar.extractfile("manifest.json")
        assert content is not None
        found: dict[str, Any] = json.load(content)
    return found


def erased(url: str, programme_file: Path, *, erase: bool = False) -> list[tuple[str, str]]:
    """The contact and the organisation of each expression; with `erase`, after the first was erased."""
    with databases.opened(url, programme_file, migrated=False):
        if erase:
            first = db.session.scalars(select(Expression).order_by(Expression.id).limit(1)).one()
            repeating.erase(first, making.SECRETARIAT)
        columns = select(Expression.contact_email, Expression.organisation_name)
        return [tuple(row) for row in db.session.execute(columns.order_by(Expression.id))]


def test_a_restore_repeats_the_erasures_that_the_database_knew_which_it_replaces(
    filled: str, tmp_path: Path, intake: Run, programme_file: Path
) -> None:
    file = tmp_path / "backup.tar"
    assert intake(filled, "backup", file).exit_code == 0
    kept = erased(filled, programme_file, erase=True)

    said = intake(filled, "restore", file, "--replace", typed="y\n")

    assert (said.exit_code, "1 erasures that the backup did not know of were repeated." in said.output) == (0, True)
    assert (kept[0], erased(filled, programme_file)) == (("", "(erased)"), kept)
    assert intake(filled, "history", "verify").exit_code == 0


def test_a_restore_into_an_empty_place_repeats_the_erasures_of_a_list(
    small: str, backup: Path, tmp_path: Path, intake: Run, programme_file: Path
) -> None:
    erased(small, programme_file, erase=True)
    listed = tmp_path / "erased.txt"
    listed.write_text(intake(small, "erasures").output)
    url = f"sqlite:///{tmp_path / 'new.sqlite3'}"

    said = intake(url, "restore", backup, "--erased", listed)
    again = intake(url, "erasures", "--repeat", listed)

    assert (said.exit_code, erased(url, programme_file)) == (0, [("", "(erased)")])
    assert "0 erased again, 1 were erased already, 0 are not known here." in again.output


def test_a_restored_backup_holds_every_row(filled: str, elsewhere: str, tmp_path: Path, intake: Run) -> None:
    file = tmp_path / "backup.tar"

    made = intake(filled, "backup", file)
    restored = intake(elsewhere, "restore", file)

    before = contents(filled)
    said, number = manifest(file), len(before["expressions"]) + len(before["enquiries"])
    assert (made.exit_code, restored.exit_code) == (0, 0), made.output + restored.output
    assert contents(elsewhere) == before
    assert said["counts"] == {name: len(found) for name, found in before.items()}
    assert said["histories"] == {"number": number, "faults": []}
    assert f"{number} histories are whole." in restored.output
    assert file.stat().st_mode & 0o777 == 0o600
    assert held(tmp_path) == ["backup.tar"]


def test_a_backup_holds_no_key_and_no_setting(filled: str, tmp_path: Path, intake: Run) -> None:
    file = tmp_path / "backup.tar"

    intake(filled, "backup", file, INTAKE_METRICS_TOKEN="the token of the measures")

    with tarfile.open(file) as tar:
        names = tar.getnames()
    assert names[:2] + names[3:4] == ["manifest.json", "manifest.sha256", "programme.toml"]
    assert [name.partition("/")[0] for name in names[4:]] == ["documents"]
    assert [word for word in (b"only for tests, only", b"token of the measures") if word in file.read_bytes()] == []


def test_a_backup_made_while_others_write_is_of_one_moment(
    filled: str, elsewhere: str, tmp_path: Path, intake: Run, programme_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "PAGES", 5)
    file, source = tmp_path / "backup.tar", filled
    variables = {**os.environ, **databases.settings(source, programme_file), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "tests.hammering"]

    with subprocess.Popen(command, env=variables, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        begun = writer.stdout.readline()
        made = intake(source, "backup", file)
        taken = int(writer.communicate("stop\n", timeout=60)[0])
    restored = intake(elsewhere, "restore", file)

    then, later = contents(elsewhere), contents(source)
    assert (begun, writer.returncode) == ("begun\n", 0)
    assert (made.exit_code, restored.exit_code) == (0, 0), made.output + restored.output
    assert then["history"].items() <= later["history"].items()
    assert {key for entry in then["history"].values() if (key := entry["expression_id"])} <= {
        key for (key,) in then["expressions"]
    }
    assert taken > 3
    assert 0 < len(later["history"]) - len(then["history"]) < taken


def test_letters_that_waited_leave_from_the_restored_database_as_the_same_letters(
    filled: str, elsewhere: str, tmp_path: Path, intake: Run, programme_file: Path
) -> None:
    file = tmp_path / "backup.tar"
    intake(filled, "backup", file)
    intake(elsewhere, "restore", file)

    with SmtpSink() as smtp:
        more = {"INTAKE_MAIL_SERVER": smtp.host, "INTAKE_MAIL_PORT": str(smtp.port)}
        with databases.opened(elsewhere, programme_file, migrated=False, **more):
            waiting = db.session.scalars(select(Letter.message_id).where(Letter.status == LetterStatus.QUEUED)).all()
            deliver.everything_due()
        sent = [received.message["Message-ID"] for received in smtp.messages]

    known = {letter["message_id"] for letter in contents(filled)["letters"].values()}
    assert len(waiting) > 10
    assert sorted(sent) == sorted(waiting)
    assert set(sent) <= known


@pytest.mark.parametrize("name", ["manifest.json", "manifest.sha256", "database.sqlite3", "programme.toml"])
def test_a_changed_byte_is_refused_with_the_name_of_what_it_is_in(
    name: str, small: str, backup: Path, tmp_path: Path, intake: Run
) -> None:
    with tarfile.open(backup) as tar:
        place = tar.getmember(name).offset_data + min(tar.getmember(name).size // 2, 40)
    content = bytearray(backup.read_bytes())
    content[place] ^= 1
    backup.write_bytes(content)

    result = intake(f"sqlite:///{tmp_path / 'new.sqlite3'}", "restore", backup)

    assert result.exit_code == 1
    blamed = "manifest.json" if name == "manifest.sha256" else name
    assert f"Error: {blamed}" in result.output
    assert "is not as it was written. Use another backup." in result.output
    assert not (tmp_path / "new.sqlite3").exists()


@pytest.mark.parametrize("left", [0, 300, 1_000, 2_000, 100_000])
def test_a_file_that_was_cut_short_is_refused(left: int, backup: Path, tmp_path: Path, intake: Run) -> None:
    os.truncate(backup, left)

    result = intake(f"sqlite:///{tmp_path / 'new.sqlite3'}", "restore", backup)

    assert (result.exit_code, "Error: " in result.output) == (1, True), result.output
    assert not (tmp_path / "new.sqlite3").exists()


def _header(name: str, **attributes: Any) -> tarfile.TarInfo:
    header = tarfile.TarInfo(name)
    for attribute, value in attributes.items():
        setattr(header, attribute, value)
    return header


FOREIGN = {
    "a path out of the folder": _header("../outside"),
    "a whole path": _header("/outside"),
    "a link": _header("programme.toml", type=tarfile.SYMTYPE, linkname="/etc/passwd"),
    "a hard link": _header("extra", type=tarfile.LNKTYPE, linkname="manifest.json"),
    "a device": _header("extra", type=tarfile.CHRTYPE),
    "a folder": _header("extra", type=tarfile.DIRTYPE),
    "one too many": _header("extra"),
    "one twice": _header("manifest.json"),
}


@pytest.mark.parametrize("what", FOREIGN)
def test_a_tar_with_anything_else_in_it_is_refused(what: str, backup: Path, tmp_path: Path, intake: Run) -> None:
    with tarfile.open(backup, "a") as tar:
        tar.addfile(FOREIGN[what])
    before = held(tmp_path.parent)

    result = intake(f"sqlite:///{tmp_path / 'new.sqlite3'}", "restore", backup)

    assert result.exit_code == 1
    assert FOREIGN[what].name in result.output
    assert not (tmp_path / "new.sqlite3").exists()
    assert held(tmp_path.parent) == before


def test_a_file_of_something_else_is_refused(tmp_path: Path, intake: Run) -> None:
    other, words = tmp_path / "other.tar", tmp_path / "words.txt"
    with tarfile.open(other, "w") as tar:
        tar.addfile(_header("readme", size=2), io.BytesIO(b"hi"))
    words.write_text("no tar at all " * 200, encoding="utf-8")
    target = f"sqlite:///{tmp_path / 'new.sqlite3'}"

    results = [intake(target, "restore", file) for file in (other, words)]

    assert [result.exit_code for result in results] == [1, 1]
    assert "is no backup of this product" in results[0].output
    assert "is no backup, or was cut short" in results[1].output


def rewritten(file: Path, **changes: Any) -> Path:
    """A backup whose hashes are right and whose manifest says something else; `content` is its database."""
    folder = file.parent / "parts"
    (folder / "documents").mkdir(parents=True)
    with archive.opened(file) as whole:
        said = whole.manifest
        for member in said.members:
            whole.extract(member.name, folder / member.name)
    if content := changes.pop("content", None):
        (folder / said.members[0].name).write_bytes(content)
    members = [archive.member(member.name, folder / member.name) for member in said.members]
    values = {name: getattr(said, name) for name in said.__slots__} | {"members": members} | changes
    archive.write(file.with_name("rewritten.tar"), archive.Manifest(**values), folder, lambda _number: None)
    shutil.rmtree(folder)
    return file.with_name("rewritten.tar")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"revision": "9999"}, "The backup was made by a newer version of the program, 0.1.0, with revision 9999."),
        ({"database": "postgresql"}, "then take it over with `intake db copy`."),
        ({"database": "oracle"}, "The backup is of “oracle”, which this program does not know."),
        ({"counts": {"letters": 7}}, "What was restored is not what the backup says it holds: letters."),
        ({"content": b"no database " * 999}, "cannot be opened: file is not a database"),
    ],
)
def test_a_backup_that_does_not_hold_what_it_says_changes_nothing(
    changes: dict[str, Any], words: str, small: str, backup: Path, intake: Run
) -> None:
    file, before = rewritten(backup, **changes), contents(small)

    result = intake(small, "restore", file, "--replace", typed="y\n")

    assert result.exit_code == 1
    assert words in result.output
    assert contents(small) == before
    assert held(backup.parent) == ["backup.tar", "rewritten.tar"]


@ON_POSTGRESQL
def test_pg_restore_that_fails_leaves_what_was_there(filled: str, elsewhere: str, tmp_path: Path, intake: Run) -> None:
    intake(filled, "backup", tmp_path / "backup.tar")
    intake(elsewhere, "restore", tmp_path / "backup.tar")
    with archive.opened(tmp_path / "backup.tar") as whole:
        whole.extract("database.dump", tmp_path / "dump")
    content = (tmp_path / "dump").read_bytes()
    file, before = rewritten(tmp_path / "backup.tar", content=content[: len(content) * 4 // 5]), contents(elsewhere)

    result = intake(elsewhere, "restore", file, "--replace", typed="y\n")

    assert result.exit_code == 1
    assert "pg_restore did not come to its end: " in result.output
    assert contents(elsewhere) == before


def test_what_is_there_goes_only_after_it_was_named_and_the_answer_is_yes(
    filled: str, elsewhere: str, tmp_path: Path, intake: Run
) -> None:
    file = tmp_path / "backup.tar"
    intake(filled, "backup", file)
    intake(elsewhere, "restore", file)
    execute(elsewhere, "DELETE FROM notes", "UPDATE expressions SET communities = 'Elsewhere'")
    changed = contents(elsewhere)

    plain = intake(elsewhere, "restore", file)
    declined = intake(elsewhere, "restore", file, "--replace", typed="n\n")
    between = contents(elsewhere)
    accepted = intake(elsewhere, "restore", file, "--replace", typed="y\n")

    assert (plain.exit_code, declined.exit_code, accepted.exit_code) == (1, 1, 0), accepted.output
    named = f"expressions ({len(changed['expressions'])})"
    assert all(named in result.output for result in (plain, declined, accepted))
    assert "--replace removes all of it, after asking." in plain.output
    assert between == changed
    assert contents(elsewhere) == contents(filled)


def test_a_database_that_somebody_has_open_is_not_replaced(
    filled: str, elsewhere: str, tmp_path: Path, intake: Run
) -> None:
    file = tmp_path / "backup.tar"
    intake(filled, "backup", file)
    intake(elsewhere, "restore", file)
    engine = create_engine(elsewhere)

    with engine.connect() as connection:
        connection.execute(select(Letter.id)).all()
        connection.rollback()
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA journal_mode=WAL")
            connection.exec_driver_sql("SELECT 1 FROM letters")
        result = intake(elsewhere, "restore", file, "--replace", typed="y\n")
    engine.dispose()

    assert result.exit_code == 1
    assert "Stop the site" in result.output
    assert contents(elsewhere) == contents(filled)


def test_an_older_database_is_kept_and_restored_as_it_is(
    small: str, tmp_path: Path, intake: Run, programme_file: Path
) -> None:
    file, target = tmp_path / "old.tar", f"sqlite:///{tmp_path / 'new.sqlite3'}"
    with databases.opened(small, programme_file, migrated=False):
        databases.seal_without_salt()
        downgrade(revision="0003")

    made = intake(small, "backup", file)
    restored = intake(target, "restore", file)
    upgraded = intake(target, "db", "upgrade")
    verified = intake(target, "history", "verify")

    assert [result.exit_code for result in (made, restored, upgraded, verified)] == [0, 0, 0, 0]
    assert (manifest(file)["revision"], manifest(file)["histories"]) == ("0003", None)
    assert "The tables are of revision 0003: run `intake db upgrade`." in restored.output
    assert len(contents(target)["expressions"]) == 1


def test_a_history_that_was_changed_is_kept_and_told(small: str, tmp_path: Path, intake: Run) -> None:
    execute(small, "UPDATE history SET role = 'administrator'")

    made = intake(small, "backup", tmp_path / "backup.tar")
    restored = intake(f"sqlite:///{tmp_path / 'new.sqlite3'}", "restore", tmp_path / "backup.tar")

    reference = next(iter(contents(small)["expressions"].values()))["reference"]
    fault = f"{reference}, entry 1: the entry was changed after it was written."
    assert (made.exit_code, restored.exit_code) == (1, 1)
    assert manifest(tmp_path / "backup.tar")["histories"] == {"number": 1, "faults": [fault]}
    assert all(fault in result.output for result in (made, restored))
    assert contents(f"sqlite:///{tmp_path / 'new.sqlite3'}") == contents(small)


def test_a_backup_is_replaced_only_by_force(small: str, backup: Path, intake: Run) -> None:
    before = backup.read_bytes()
    refused = intake(small, "backup", backup)
    kept = backup.read_bytes()
    execute(small, "DELETE FROM letters")

    forced = intake(small, "backup", backup, "--force")

    assert (refused.exit_code, forced.exit_code) == (1, 0)
    assert "exists. Choose another name, or --force to replace it." in refused.output
    assert kept == before
    assert manifest(backup)["counts"]["letters"] == 0


@pytest.mark.parametrize("what", ["the dump", "the file"])
def test_a_full_disk_leaves_the_earlier_backup_and_nothing_else(
    what: str, filled: str, tmp_path: Path, intake: Run, programme_file: Path
) -> None:
    file = tmp_path / "backup.tar"
    intake(filled, "backup", file)
    earlier, dump = file.read_bytes(), next(each for each in manifest(file)["members"] if "database" in each["name"])
    kilobytes = dump["size"] // 1024 + (2 if what == "the file" else -8)
    variables = {**os.environ, **databases.settings(filled, programme_file), "PYTHONPATH": str(ROOT)}
    limited = f"ulimit -f {kilobytes}; exec {INTAKE} backup {file} --force"

    done = subprocess.run(["bash", "-c", limited], env=variables, capture_output=True, text=True, timeout=60)

    assert done.returncode == 1, done.stderr
    assert ("Error: " in done.stderr, "Traceback" in done.stderr) == (True, False)
    assert ("Writing backup.tar" in done.stderr) is (what == "the file")
    assert file.read_bytes() == earlier
    assert held(tmp_path) == ["backup.tar"]


def test_the_programme_of_a_backup_is_written_where_it_is_wanted(
    backup: Path, tmp_path: Path, intake: Run, programme_file: Path
) -> None:
    target = f"sqlite:///{tmp_path / 'new.sqlite3'}"

    told = intake(target, "restore", backup, INTAKE_PROGRAMME="")
    written = intake(target, "restore", backup, "--replace", "--programme", tmp_path / "kept.toml", typed="y\n")
    again = intake(target, "restore", backup, "--replace", "--programme", tmp_path / "kept.toml", typed="y\n")

    assert (told.exit_code, written.exit_code, again.exit_code) == (0, 0, 1)
    assert "The programme that is set is not the one of the backup" in told.output
    assert (tmp_path / "kept.toml").read_bytes() == programme_file.read_bytes()
    assert "kept.toml exists." in again.output


def test_a_place_that_holds_no_site_gives_no_backup(tmp_path: Path, intake: Run) -> None:
    blank = tmp_path / "blank.sqlite3"
    blank.touch()

    absent = intake(f"sqlite:///{tmp_path / 'absent.sqlite3'}", "backup", tmp_path / "backup.tar")
    empty = intake(f"sqlite:///{blank}", "backup", tmp_path / "backup.tar")
    nowhere = intake(f"sqlite:///{blank}", "backup", tmp_path / "no folder" / "backup.tar")

    assert (absent.exit_code, empty.exit_code, nowhere.exit_code) == (1, 1, 1)
    assert "There is no file" in absent.output
    assert "The database has no tables yet" in empty.output
    assert "cannot be written: " in nowhere.output
    assert held(tmp_path) == []


PRETENDER = """#!/bin/sh
if [ "$1" = --version ]; then echo "pg_dump (PostgreSQL) {version}"; exit 0; fi
echo "$@" > "{folder}/arguments"; env > "{folder}/environment"
echo "pg_dump: error: it did not work" >&2; exit 1
"""


@ON_POSTGRESQL
def test_a_password_is_not_among_the_arguments_of_pg_dump_nor_in_what_is_said(
    filled: str, tmp_path: Path, intake: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend(tmp_path, "99.1")
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    head, _, tail = filled.partition("@")

    result = intake(f"{head}:hunter2@{tail}", "backup", tmp_path / "backup.tar")

    assert (result.exit_code, "pg_dump did not come to its end: pg_dump: error: it did not work" in result.output) == (
        1,
        True,
    )
    assert "hunter2" not in (tmp_path / "arguments").read_text(encoding="utf-8") + result.output
    environment = (tmp_path / "environment").read_text(encoding="utf-8")
    assert "PGPASSWORD=hunter2\n" in environment
    assert "INTAKE_" not in environment


def pretend(folder: Path, version: str) -> None:
    """A program that calls itself pg_dump."""
    program = folder / "pg_dump"
    program.write_text(PRETENDER.format(version=version, folder=folder), encoding="utf-8")
    program.chmod(0o755)


@ON_POSTGRESQL
def test_a_pg_dump_that_is_too_old_or_absent_is_named_with_what_to_install(
    filled: str, tmp_path: Path, intake: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend(tmp_path, "9.6")
    monkeypatch.setenv("PATH", str(tmp_path))
    old = intake(filled, "backup", tmp_path / "backup.tar")
    (tmp_path / "pg_dump").unlink()

    absent = intake(filled, "backup", tmp_path / "backup.tar")

    assert (old.exit_code, absent.exit_code) == (1, 1)
    assert "older than the server. Install PostgreSQL's client programs" in old.output
    assert "The program pg_dump is not on the PATH. Install PostgreSQL's client programs" in absent.output
    assert held(tmp_path) == []
