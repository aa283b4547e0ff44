"""Runs the migrations on the database that the application is set to; it holds no change itself."""

import contextlib
from collections.abc import Iterator
from typing import Any

from alembic import context
from flask import current_app
from sqlalchemy import Connection

from intake.models import Base
from intake.models.search_words import BESIDE_THE_MODELS


def _portable(kind: str, item: Any, _context: object) -> str | bool:
    """Write our column types as SQLAlchemy's own, so that a migration does not depend on the models of its day."""
    if kind != "type":
        return False
    return {
        "UtcDateTime": "sa.DateTime(timezone=True)",
        "AsaList": "sa.UnicodeText()",
        "JSON": "sa.JSON().with_variant(postgresql.JSONB(), 'postgresql')",
        "Enum": "sa.String(32)",
    }.get(type(item).__name__, False)


def _is_modelled(_item: Any, name: str | None, *_rest: object) -> bool:
    return name not in BESIDE_THE_MODELS


@contextlib.contextmanager
def _without_foreign_keys(connection: Connection) -> Iterator[None]:
    """SQLite changes a table by making it anew and dropping the old one, which would delete what points at its rows."""
    driver = connection.connection.driver_connection if connection.dialect.name == "sqlite" else None
    if driver is None:
        yield
        return
    driver.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        driver.execute("PRAGMA foreign_keys=ON")


def run() -> None:
    """Bring the database from its revision to the wanted one, in one transaction."""
    engine = current_app.extensions["migrate"].db.engine
    with engine.connect() as connection, _without_foreign_keys(connection):
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_as_batch=True,
            render_item=_portable,
            include_object=_is_modelled,
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()


run()
