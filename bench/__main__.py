"""`make bench`: prints ratios taken in this run and leaves them in bench/latest.json."""

import contextlib
import os
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from flask_migrate import upgrade

from bench import door, exports, figures, pages, queue
from intake import create_app
from intake.extensions import db
from intake.programme import demonstration_text
from tests.environment import fresh_postgres, postgres_url


def main() -> None:
    """Measure on SQLite, and on PostgreSQL where one answers."""
    with tempfile.TemporaryDirectory() as folder:
        found = _on(f"sqlite:///{folder}/bench.sqlite3", "SQLite", Path(folder), with_pages=True)
        urls = [f"sqlite:///{folder}/{size}.sqlite3" for size in ("few", "many")]
        found += queue.measure(*(_prepared(url, Path(folder)) for url in urls), "SQLite")
        found += exports.measure(_prepared(f"sqlite:///{folder}/exports.sqlite3", Path(folder)), "SQLite")
        if postgres_url():
            with fresh_postgres("bench") as url:
                found += _on(url, "PostgreSQL", Path(folder), with_pages=False)
            with fresh_postgres("few") as few, fresh_postgres("many") as many:
                found += queue.measure(*(_prepared(url, Path(folder)) for url in (few, many)), "PostgreSQL")
            with fresh_postgres("exports") as url:
                found += exports.measure(_prepared(url, Path(folder)), "PostgreSQL")
        else:
            print("PostgreSQL does not answer here; its figures are left out.")
    figures.report(found)


def _on(url: str, name: str, folder: Path, *, with_pages: bool) -> list[figures.Figure]:
    environment = _prepared(url, folder)
    app = create_app(environment)
    found = [door.measure(app, name)]
    with app.app_context():
        db.engine.dispose()
    return found + (pages.measure(environment) if with_pages else [])


def _prepared(url: str, folder: Path) -> dict[str, str]:
    """The settings of the application on an empty database, migrated."""
    programme = folder / "programme.toml"
    programme.write_text(demonstration_text(datetime.now(UTC).date()), encoding="utf-8")
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("INTAKE_")},
        "INTAKE_SECRET_KEY": "for measuring only, for measuring only",
        "INTAKE_DATABASE_URL": url,
        "INTAKE_PROGRAMME": str(programme),
        "INTAKE_RATE_LIMITS": "no",
        "INTAKE_MAIL_EMBEDDED": "no",
    }
    app = create_app(environment)
    with app.app_context(), _quiet():
        upgrade()
    with app.app_context():
        db.engine.dispose()
    return environment


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    with open(os.devnull, "w") as nowhere, contextlib.redirect_stderr(nowhere), contextlib.redirect_stdout(nowhere):
        yield


if __name__ == "__main__":
    main()
