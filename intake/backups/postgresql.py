"""A database of PostgreSQL as a file, by pg_dump and pg_restore; no password stands in their arguments."""

import os
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from sqlalchemy import URL, Connection, text

from intake.backups.archive import BackupError, Tell

BEGINS = re.compile(r'pg_(?:dump|restore): (?:dumping contents of|processing data for) table "(?:[^".]+\.)?"?([^".]+)"')
"""What the programs say as they come to the rows of a table."""
PLAIN = ("--no-owner", "--no-privileges", "--verbose")


def export(connection: Connection) -> str:
    """The name under which pg_dump sees what this transaction sees, as long as it is open."""
    return str(connection.scalar(text("SELECT pg_export_snapshot()")))


def dump(connection: Connection, into: Path, counts: Mapping[str, int], tell: Tell) -> None:
    """Write the database as this transaction sees it. Raises `BackupError` with the words of pg_dump."""
    program = _program("pg_dump", connection)
    options = ["--format=custom", f"--snapshot={export(connection)}", f"--file={into}"]
    _run([program, *options, *PLAIN], connection.engine.url, counts, tell)


def restore(connection: Connection, file: Path, counts: Mapping[str, int], tell: Tell) -> None:
    """Make the tables of a dump in place of those that there are: all of it, or nothing. Raises `BackupError`."""
    program = _program("pg_restore", connection)
    options = ["--single-transaction", "--exit-on-error", "--clean", "--if-exists", *PLAIN]
    _run([program, *options, str(file)], connection.engine.url, counts, tell)


def others(connection: Connection) -> int:
    """How many other connections there are to this database."""
    found = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    return connection.scalar(text(found)) or 0


def _program(name: str, connection: Connection) -> str:
    """The path of a program that knows this server. Raises `BackupError` saying what to install."""
    needed = int((connection.dialect.server_version_info or (0,))[0])
    mend = f"Install PostgreSQL's client programs, version {needed} or newer: apt-get install postgresql-client."
    path = shutil.which(name)
    if path is None:
        raise BackupError(f"The program {name} is not on the PATH. {mend}")
    said = subprocess.run([path, "--version"], capture_output=True, text=True, check=False).stdout  # noqa: S603 - ours
    version = re.search(r"\d+", said.rpartition("PostgreSQL")[2])
    if version is None or int(version[0]) < needed:
        raise BackupError(f"{name} is of version {said.strip() or 'unknown'}, older than the server. {mend}")
    return path


def _run(command: Sequence[str], url: URL, counts: Mapping[str, int], tell: Tell) -> None:
    last = ""
    with subprocess.Popen(  # noqa: S603 - PostgreSQL's own programs, found on the PATH
        [*command, f"--dbname={_without_password(url)}"],
        env=_environment(url),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
    ) as running:
        for line in running.stderr or ():
            last = line.strip() or last
            if begins := BEGINS.match(line):
                tell(counts.get(begins[1], 0))
    if running.returncode < 0:
        last = f"it was ended by signal {-running.returncode}"
    if running.returncode:
        raise BackupError(f"{Path(command[0]).name} did not come to its end: {last}")


def _without_password(url: URL) -> str:
    query = {name: value for name, value in url.query.items() if name != "password"}
    return url.set(drivername="postgresql", query=query)._replace(password=None).render_as_string()


def _environment(url: URL) -> dict[str, str]:
    """What the programs may know: nothing of our settings, and the password where no other user can see it."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("INTAKE_")} | {"LC_ALL": "C"}
    password = url.password or url.query.get("password")
    return kept | ({"PGPASSWORD": str(password)} if password else {})
