"""Makes a backup of the application's database and programme while people work; it stops and locks nobody."""

import os
import sqlite3
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from flask import current_app
from sqlalchemy import Connection

from intake import config
from intake.backups import archive, attached, postgresql, sqlite, stored
from intake.backups.archive import PROGRAMME, BackupError, Histories, Manifest
from intake.backups.stored import Bar, Open
from intake.extensions import db
from intake.models import now
from intake.programme.loading import SHIPPED, shipped_text

DUMPS = {"sqlite": "database.sqlite3", "postgresql": "database.dump"}


@dataclass(frozen=True, slots=True)
class Taken:
    """What a dump holds."""

    revision: str
    counts: Mapping[str, int]
    histories: Histories | None
    documents: Sequence[str]


def make(file: Path, *, force: bool, bar: Bar, open_: Open) -> Manifest:
    """Write a backup to `file`, whole or not at all. Raises `BackupError`."""
    if file.exists() and not force:
        raise BackupError(f"{file} exists. Choose another name, or --force to replace it.")
    try:
        with workshop(file) as folder:
            return _make(file, folder, bar, open_)
    except (OSError, sqlite3.Error) as error:
        raise BackupError(f"{file} cannot be written: {error}. Nothing of it is left.") from error


def served_programme() -> bytes:
    """The programme file as it is served."""
    path = config.programme_path(current_app.config)
    return path.read_bytes() if path else shipped_text(SHIPPED).encode()


@contextmanager
def workshop(beside: Path) -> Iterator[Path]:
    """A folder beside a file, on the same disk, that only we may read and that is gone at the end."""
    with tempfile.TemporaryDirectory(prefix=f".{beside.name}.", dir=beside.parent) as folder:
        yield Path(folder)


def see_renamed(file: Path) -> None:
    """Make sure that a file has its new name after a loss of power, too."""
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _make(file: Path, folder: Path, bar: Bar, open_: Open) -> Manifest:
    kind, at = db.engine.dialect.name, now()
    dump = folder / DUMPS[kind]
    taken = _of_sqlite(dump, bar, open_) if kind == "sqlite" else _of_postgresql(dump, bar)
    (folder / PROGRAMME).write_bytes(served_programme())
    documents = attached.collect(taken.documents, folder, bar)
    manifest = Manifest(
        version=version("p2c-intake"),
        created_at=at.isoformat(timespec="seconds"),
        revision=taken.revision,
        database=kind,
        counts=taken.counts,
        histories=taken.histories,
        members=[*(archive.member(name, folder / name) for name in (DUMPS[kind], PROGRAMME)), *documents],
        lacking=len(taken.documents) - len(documents),
    )
    with bar(f"Writing {file.name}", manifest.size) as tell:
        archive.write(folder / "whole", manifest, folder, tell)
    os.replace(folder / "whole", file)
    see_renamed(file)
    return manifest


def _of_sqlite(dump: Path, bar: Bar, open_: Open) -> Taken:
    """Verified in the copy, so that nobody who writes has to wait for it."""
    source = Path(db.engine.url.database or "")
    if not source.is_file():
        raise BackupError(f"There is no file {source}. Mend INTAKE_DATABASE_URL.")
    with bar("Copying the database", sqlite.pages(source)) as tell:
        sqlite.dump(source, dump, tell)
    with stored.application(f"sqlite:///{dump}", open_):
        taken = _taken(db.session.connection(), stored.verified(bar))
    sqlite.settle(dump)
    return taken


def _of_postgresql(dump: Path, bar: Bar) -> Taken:
    """Dumped, counted and verified in one transaction, which sees what was there as it began."""
    db.session.remove()
    options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    connection = db.session.connection(execution_options=options)
    counts = stored.counts(connection)
    with bar("Copying the database", sum(counts.values())) as tell:
        postgresql.dump(connection, dump, counts, tell)
    return _taken(connection, stored.verified(bar))


def _taken(connection: Connection, histories: Histories | None) -> Taken:
    documents = attached.keys(connection)
    found = Taken(stored.revision(connection), stored.counts(connection), histories, documents)
    if not found.revision:
        raise BackupError("The database has no tables yet, so there is nothing to keep. Run `intake db upgrade`.")
    return found
