"""Where a part of the bench measures: one kind of database, on which it may have as many empty ones as it needs."""

import contextlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from flask_migrate import upgrade

from intake import create_app
from intake.extensions import db
from intake.programme import demonstration_text
from tests.environment import fresh_postgres, postgres_url


@dataclass(frozen=True, slots=True)
class Place:
    """A kind of database by its name, and a folder for files; all is gone when its `left` is closed."""

    name: str
    folder: Path
    left: ExitStack

    def settings(self, label: str) -> dict[str, str]:
        """The settings of the application on an empty, migrated database; each label once."""
        if self.name == "SQLite":
            return _migrated(f"sqlite:///{self.folder}/{label}.sqlite3", self.folder)
        return _migrated(self.left.enter_context(fresh_postgres(label)), self.folder)


@contextlib.contextmanager
def places() -> Iterator[list[Place]]:
    """SQLite, and PostgreSQL where one answers."""
    with ExitStack() as left:
        folder = Path(left.enter_context(tempfile.TemporaryDirectory()))
        names = ["SQLite", "PostgreSQL"] if postgres_url() else ["SQLite"]
        yield [Place(name, folder, left) for name in names]


def _migrated(url: str, folder: Path) -> dict[str, str]:
    programme = folder / "programme.toml"
    programme.write_text(demonstration_text(datetime.now(UTC).date()), encoding="utf-8")
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("INTAKE_")},
        "INTAKE_SECRET_KEY": "for measuring only, for measuring only",
        "INTAKE_DATABASE_URL": url,
        "INTAKE_PROGRAMME": str(programme),
        "INTAKE_RATE_LIMITS": "no",
        "INTAKE_FORM_SECONDS": "0",
        "INTAKE_SECOND_FACTOR": "none",
        "INTAKE_MAIL_EMBEDDED": "no",
    }
    with create_app(environment).app_context():
        with _quiet():
            upgrade()
        db.engine.dispose()
    return environment


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    with open(os.devnull, "w") as nowhere, contextlib.redirect_stderr(nowhere), contextlib.redirect_stdout(nowhere):
        yield
