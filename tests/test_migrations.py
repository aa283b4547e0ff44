"""The migrations: they make what the models say, on each database, and can be taken back."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import inspect, text

from intake.advance import advance
from intake.extensions import db
from intake.models import Base
from intake.models.search_words import BESIDE_THE_MODELS
from tests import making
from workflows.expression import State


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


def test_a_migration_that_makes_tables_anew_loses_no_row(app: Flask) -> None:
    screened = making.expression(State.SCREENED)
    advance(screened, "assign", actor=making.SECRETARIAT, version=screened.version, focus_area="access")
    before = rows("history", "letters")
    db.session.remove()

    try:
        downgrade(revision="0003")
        between = rows("history", "letters")
    finally:
        upgrade()

    assert len(before["history"]) == 1
    assert len(before["letters"]) > 1
    assert between == before
    assert rows("history", "letters") == before


def rows(*names: str) -> dict[str, list[tuple[object, object]]]:
    """The ids of tables with what ties them to their expression."""
    with db.engine.connect() as connection:
        return {
            name: [tuple(row) for row in connection.execute(text(f"SELECT id, expression_id FROM {name} ORDER BY id"))]  # noqa: S608
            for name in names
        }
