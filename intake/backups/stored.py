"""What is stored in a database, counted and verified, whatever its revision; it changes nothing."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from alembic.script import ScriptDirectory
from alembic.util import CommandError
from flask import Flask
from sqlalchemy import Connection, column, func, inspect, select, table

from intake import history
from intake.backups.archive import Histories, Tell
from intake.extensions import db
from intake.models import SUBJECTS
from intake.models.search_words import BESIDE_THE_MODELS
from intake.outside import readiness
from intake.resources import folder

REVISION = "alembic_version"
NAMED = 100
"""How many faults of histories are named; the others are counted."""
Bar = Callable[[str, int], AbstractContextManager[Tell]]
"""Shows how far something is: given what it is and how much there is, gives the function that is told what is done."""
Open = Callable[[str], Flask]
"""Makes the application on a database."""


@contextmanager
def application(url: str, make: Open) -> Iterator[None]:
    """Inside, the application works on the database at `url`."""
    with make(url).app_context():
        try:
            yield
        finally:
            db.session.remove()
            db.engine.dispose()


def counts(connection: Connection) -> dict[str, int]:
    """The rows of each table, without those that the database keeps for itself."""
    names = set(inspect(connection).get_table_names()) - BESIDE_THE_MODELS - {REVISION}
    return {name: connection.scalar(select(func.count()).select_from(table(name))) or 0 for name in sorted(names)}


def revision(connection: Connection) -> str:
    """The revision of the tables; empty where no migration has run."""
    if not inspect(connection).has_table(REVISION):
        return ""
    return connection.scalar(select(column("version_num")).select_from(table(REVISION))) or ""


def is_known(stored: str) -> bool:
    """Whether this program has the migration that made a revision; one of a newer program it has not."""
    try:
        return ScriptDirectory(str(folder("migrations"))).get_revision(stored) is not None
    except CommandError:
        return False


def verified(bar: Bar) -> Histories | None:
    """Check the chain of every history of this application's database; None where its tables are of another version."""
    if readiness.stored_revision() != readiness.newest_revision():
        return None
    total = sum(db.session.scalar(select(func.count()).select_from(kind)) or 0 for kind in SUBJECTS)
    faults: list[str] = []
    with bar("Checking histories", total) as tell:
        for subject, entries in history.chains():
            faults += history.faults(subject, entries)
            tell(1)
    more = [f"… and {len(faults) - NAMED} more."] if len(faults) > NAMED else []
    return Histories(total, [*faults[:NAMED], *more])
