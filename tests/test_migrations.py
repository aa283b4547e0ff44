"""The migrations: they make what the models say, on each database, and can be taken back."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import inspect

from intake.extensions import db
from intake.models import Base


def tables() -> set[str]:
    """The tables of the database, without Alembic's own."""
    return set(inspect(db.engine).get_table_names()) - {"alembic_version"}


def test_the_migrations_make_what_the_models_say(app: Flask) -> None:
    with db.engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), Base.metadata)

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
