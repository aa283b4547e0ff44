"""Puts a backup in the place of a database after looking at all of it; what is there goes only when it was named."""

import hashlib
import sqlite3
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from intake import storage
from intake.backups import archive, attached, postgresql, sqlite, stored
from intake.backups.archive import PROGRAMME, Archive, BackupError, Histories, Manifest
from intake.backups.making import DUMPS, see_renamed, served_programme, workshop
from intake.backups.stored import Bar, Open
from intake.extensions import db
from intake.outside import readiness
from intake.privacy import repeating

NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
Confirm = Callable[[str, Mapping[str, int]], None]
"""Asks whether what stands at a place, in rows by table, may go; raises when it may not."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What was put back, and what there is to say of it; `histories` is None where the tables are to be upgraded.

    `erased_again`: how many erasures that the backup did not know of were repeated; `to_erase` are the references of
    those that wait until the tables are upgraded.
    """

    manifest: Manifest
    histories: Histories | None
    has_other_programme: bool
    erased_again: int = 0
    to_erase: tuple[str, ...] = ()


def restore(
    file: Path,
    url: str,
    *,
    confirm: Confirm,
    programme: Path | None,
    erased: Iterable[str] = (),
    bar: Bar,
    open_: Open,
) -> Restored:
    """Restore the database at `url` from a backup; `programme` is where its programme goes, too.

    What was erased in the database that it replaces, and what `erased` names, is erased again.

    Raises `BackupError`; before anything was changed, unless its sentence says otherwise.
    """
    try:
        with archive.opened(file) as backup:
            with bar("Checking the backup", backup.manifest.size) as tell:
                backup.check(tell)
            if programme is not None and programme.exists():
                raise BackupError(f"{programme} exists. Choose another name for the programme.")
            with stored.application(url, open_):
                known = dict.fromkeys([*erased, *_erased_here()])
                found = _erase_again(_restore(backup, confirm, bar, open_), known, bar)
            if programme is not None:
                backup.extract(PROGRAMME, programme)
            return found
    except (OSError, sqlite3.Error) as error:
        raise BackupError(f"{file} cannot be restored: {error}.") from error


def _erased_here() -> list[str]:
    """What was erased in the database that is to be replaced; none where its tables are older or there are none."""
    url = db.engine.url
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file():
        return []
    try:
        with storage.reading():
            is_of_now = readiness.stored_revision() == readiness.newest_revision()
            return list(repeating.erased()) if is_of_now else []
    except DBAPIError:
        return []
    finally:
        db.session.remove()
        db.engine.dispose()


def _erase_again(restored: Restored, known: Iterable[str], bar: Bar) -> Restored:
    references = tuple(known)
    if restored.histories is None or not references:
        return replace(restored, to_erase=references)
    with bar("Erasing again", len(references)) as tell:
        done = repeating.repeat(references, tell)
    return replace(restored, erased_again=done.erased)


def _restore(backup: Archive, confirm: Confirm, bar: Bar, open_: Open) -> Restored:
    manifest, url = backup.manifest, db.engine.url
    _refuse_other_kinds(manifest, db.engine.dialect.name)
    if not stored.is_known(manifest.revision):
        raise BackupError(
            f"The backup was made by a newer version of the program, {manifest.version}, with revision "
            f"{manifest.revision}. Restore it with that one."
        )
    has_other = _has_other_programme(manifest)
    if manifest.database == "sqlite":
        histories = _into_sqlite(backup, Path(url.database or ""), confirm, bar, open_)
    else:
        histories = _into_postgresql(backup, confirm, bar)
    attached.put_back(backup, bar)
    return Restored(manifest, histories, has_other)


def _refuse_other_kinds(manifest: Manifest, kind: str) -> None:
    if manifest.database not in DUMPS:
        raise BackupError(f"The backup is of “{manifest.database}”, which this program does not know.")
    if manifest.database != kind:
        raise BackupError(
            f"The backup is of {NAMES[manifest.database]}, the database is {NAMES[kind]}. Restore it into "
            f"{NAMES[manifest.database]}, then take it over with `intake db copy`."
        )


def _into_sqlite(backup: Archive, file: Path, confirm: Confirm, bar: Bar, open_: Open) -> Histories | None:
    """Everything is verified in a file beside the database, which then takes its name."""
    if file.exists():
        sqlite.settle(file)
        with db.engine.connect() as connection:
            _ask(confirm, stored.counts(connection))
        db.engine.dispose()
    with workshop(file) as folder:
        new = folder / file.name
        backup.extract(DUMPS["sqlite"], new)
        try:
            with stored.application(f"sqlite:///{new}", open_):
                histories = _verified(backup.manifest, bar)
        except DBAPIError as error:
            raise BackupError(f"{DUMPS['sqlite']} in the backup cannot be opened: {error.orig}.") from error
        sqlite.settle(new)
        sqlite.put(new, file)
    see_renamed(file)
    return histories


def _into_postgresql(backup: Archive, confirm: Confirm, bar: Bar) -> Histories | None:
    """All in one transaction of pg_restore; only counting and verifying come after it."""
    manifest = backup.manifest
    with db.engine.connect() as connection:
        there, revision = stored.counts(connection), stored.revision(connection)
        _ask(confirm, there)
        _refuse_tables(connection, manifest, revision if there else manifest.revision)
        connection.rollback()
        with (
            workshop(Path(tempfile.gettempdir(), "restore")) as folder,
            bar("Restoring", sum(manifest.counts.values())) as tell,
        ):
            backup.extract(DUMPS["postgresql"], folder / "dump")
            postgresql.restore(connection, folder / "dump", manifest.counts, tell)
    return _verified(manifest, bar)


def _refuse_tables(connection: Connection, manifest: Manifest, revision: str) -> None:
    if revision != manifest.revision:
        raise BackupError(
            f"The database has tables of revision {revision or 'none'}, the backup of {manifest.revision}; one cannot "
            "take the other's place. Make a new database with `createdb` and restore into that: --into URL."
        )
    if number := postgresql.others(connection):
        raise BackupError(f"{number} other connections to the database are open. Stop the site, and run this again.")


def _ask(confirm: Confirm, counts: Mapping[str, int]) -> None:
    held = {name: number for name, number in counts.items() if number}
    if held:
        confirm(storage.place(db.engine.url), held)


def _verified(manifest: Manifest, bar: Bar) -> Histories | None:
    """Compare what was restored with what was kept. Raises `BackupError`."""
    connection = db.session.connection()
    found = stored.counts(connection)
    differing = [name for name, number in manifest.counts.items() if found.get(name) != number]
    if differing or stored.revision(connection) != manifest.revision:
        raise BackupError(
            f"What was restored is not what the backup says it holds: {', '.join(differing) or 'its revision'}. "
            "Do not use it; take another backup."
        )
    return stored.verified(bar)


def _has_other_programme(manifest: Manifest) -> bool:
    """Whether the programme that is set differs from the one of the backup."""
    served = hashlib.sha256(served_programme()).hexdigest()
    return served not in {member.sha256 for member in manifest.members if member.name == PROGRAMME}
