"""The migrations: they make what the models say, on each database, and can be taken back."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import inspect

from intake.extensions import db
from intake.models import Base
from intake.models.search_words import BESIDE_THE_MODELS


def tables() -> set[str]:
    """The tables of the database, without Alembic's own and those that SQLite makes for its full-text search."""
    return set(inspect(db.engine).get_table_names()) - {"alembic_version"} - BESIDE_THE_MODELS


def is_modelled(_item: object, name: str | None, *_rest: object) -> bool:
    """Whether a table or an index is one that the models could know."""
    return name not in BESIDE_THE_MODELS


def test_the_migrations_make_what_the_models_say(app: Flask) -> None:
    with db.engine.connect() as connection:
        differences = compare_metadata(
            MigrationContext.configure(connection, opts={"include_object": is_modelled}), Base.metadata
        )

    assert differences == []


def test_the_migrations_go_down_to_nothing_and_up_again(app: Flask) -> None:
    db.session.remove()
    try:
        downgrade(revision="base")
        without = tables()
    finally:
        upgrade()

    assert without == set()
    assert tables() == set(Base.metadata.tables)
