"""The files of documents in a backup: copied out of the storage beside the dump, and put back from an archive."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import Connection, Select, column, inspect, select, table

from intake.backups.archive import Archive, BackupError, Member, member
from intake.backups.stored import Bar
from intake.documents import storing

FOLDER = "documents"


def keys(connection: Connection) -> list[str]:
    """The keys of the documents that a database holds, whatever its revision."""
    if not inspect(connection).has_table(FOLDER):
        return []
    kept: Select[tuple[str]] = select(column("key")).select_from(table(FOLDER)).where(column("removed_at").is_(None))
    return list(connection.scalars(kept.order_by(column("key"))))


def collect(wanted: Sequence[str], folder: Path, bar: Bar) -> list[Member]:
    """Copy files into a folder; one that was removed meanwhile, or is not there, is left out. Raises `BackupError`."""
    (folder / FOLDER).mkdir()
    found = []
    with bar("Copying documents", len(wanted)) as tell:
        for key in wanted:
            name = f"{FOLDER}/{key}"
            if _copied(key, folder / name):
                found.append(member(name, folder / name))
            tell(1)
    return found


def _copied(key: str, into: Path) -> bool:
    try:
        if storing.size(key) is None:
            return False
        with storing.open_to_read(key) as content, into.open("wb") as copy:
            while piece := content.read(storing.PIECE):
                copy.write(piece)
    except storing.Away as error:
        if isinstance(error.__cause__, FileNotFoundError):
            return False
        raise BackupError(f"{error}. Nothing is written.") from error
    return True


def put_back(backup: Archive, bar: Bar) -> int:
    """Put the files of a backup into the storage of this application; gives how many. Raises `BackupError`.

    One that is there already is left: no key ever names other bytes.
    """
    held = [each for each in backup.manifest.members if each.name.startswith(f"{FOLDER}/")]
    with tempfile.TemporaryDirectory() as folder, bar("Restoring documents", len(held)) as tell:
        for each in held:
            _put(backup, each, Path(folder, "document"))
            tell(1)
    return len(held)


def _put(backup: Archive, each: Member, by: Path) -> None:
    key = each.name.partition("/")[2]
    try:
        if storing.size(key) == each.size:
            return
        backup.extract(each.name, by)
        with by.open("rb") as content:
            storing.put(key, content)
    except storing.Away as error:
        raise BackupError(
            f"The database is restored, its documents are not: {error}. Mend that, restore again."
        ) from error
    finally:
        by.unlink(missing_ok=True)
