"""A database of SQLite as a file: copied while others write, and put in the place of another; it reads no table."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from intake.backups.archive import BackupError, Tell

PAGES = 1_000
"""How many pages are copied from one look at the bar to the next."""
WAIT_SECONDS = 30
BESIDE = ("-wal", "-shm", "-journal")
"""What SQLite keeps beside a database while it is open, or after a crash."""


def pages(file: Path) -> int:
    """The size of a database, in pages."""
    with closing(_open(file)) as connection:
        return int(connection.execute("PRAGMA page_count").fetchone()[0])


def dump(source: Path, into: Path, tell: Tell) -> None:
    """Copy a database as it is at this moment; others go on writing.

    The open transaction keeps the copy from beginning anew with each page that somebody writes.
    """
    with closing(_open(source)) as reading, closing(sqlite3.connect(into)) as copy:
        reading.execute("BEGIN")
        reading.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        reading.backup(copy, pages=PAGES, progress=lambda _status, _left, _all: tell(PAGES))
        _in_one_file(copy)


def settle(file: Path) -> None:
    """Bring all of a database that nobody else has open into its file. Raises `BackupError` when somebody has."""
    try:
        with closing(sqlite3.connect(file, timeout=1)) as connection:
            _in_one_file(connection)
    except sqlite3.OperationalError as error:
        raise BackupError(
            f"{file} is in use ({error}). Stop the site and everything else that has it open, and run this again."
        ) from error


def put(new: Path, file: Path) -> None:
    """Put one settled database in the place of another, at once."""
    if file.exists():
        settle(file)
        os.chmod(new, file.stat().st_mode & 0o777)
    for ending in BESIDE:
        file.with_name(file.name + ending).unlink(missing_ok=True)
    os.replace(new, file)


def _open(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{quote(str(file))}?mode=rw", uri=True, isolation_level=None, timeout=WAIT_SECONDS)


def _in_one_file(connection: sqlite3.Connection) -> None:
    """Whoever opens it as the application gives it its write-ahead log again."""
    connection.execute("PRAGMA journal_mode=DELETE").fetchone()
