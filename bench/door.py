"""`advance()` against the same reads and writes in bare SQL, on the same database, turn by turn."""

import json
import secrets
import sqlite3
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import psycopg
from flask import Flask
from sqlalchemy import make_url, select

from bench import figures
from bench.filling import fill
from bench.place import Place
from intake import create_app
from intake.advance import advance
from intake.extensions import db
from intake.models import Expression, HistoryEntry, Letter
from workflows.expression import State
from workflows.people import Actor, Role

STEPS = 300
SECRETARIAT = Actor("Secretariat", frozenset({Role.SECRETARIAT}))
AIM = 3.0
TEXTS = (
    "SELECT audience, language, text FROM letter_texts WHERE id IN "
    "(SELECT max(id) FROM letter_texts WHERE folder = ? AND kind = ? GROUP BY folder, kind, audience, language)"
)
Execute = Callable[[str, tuple[Any, ...]], Any]


def measure(place: Place) -> list[figures.Figure]:
    """The ratio of wall time for assigning one of `STEPS` screened expressions each."""
    app = create_app(place.settings("door"))
    with app.app_context():
        ours, theirs = fill(STEPS, State.SCREENED), fill(STEPS, State.SCREENED)
        bare = _bare(app)
        times: tuple[list[float], list[float]] = ([], [])
        for our_key, their_key in zip(ours, theirs, strict=True):
            subject = db.session.get_one(Expression, our_key)
            times[0].append(_timed(lambda subject=subject: _door(subject)))
            db.session.remove()
            times[1].append(_timed(lambda key=their_key: bare(key)))
        db.engine.dispose()
    return [figures.Figure(f"advance() / bare SQL, {place.name}", figures.ratio(*times), AIM)]


def _timed(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def _door(subject: Expression) -> None:
    advance(subject, "assign", actor=SECRETARIAT, version=1, focus_area="access")


def _bare(app: Flask) -> Callable[[int], None]:
    """A step in bare SQL: what `advance()` reads and writes, with values made beforehand."""
    template = _written_by_one_step()
    url = make_url(app.config["SQLALCHEMY_DATABASE_URI"])
    if url.get_backend_name() == "sqlite":
        connection = sqlite3.connect(url.database or "", isolation_level=None)
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")
        return lambda key: _step(connection.execute, key, template, begin="BEGIN IMMEDIATE", lock="")
    server = psycopg.connect(url.set(drivername="postgresql").render_as_string(False), autocommit=True)
    cursor = server.cursor()

    def execute(statement: str, values: tuple[Any, ...] = ()) -> Any:
        return cursor.execute(statement.replace("?", "%s"), values)  # type: ignore[arg-type]

    return lambda key: _step(execute, key, template, begin="BEGIN", lock=" FOR UPDATE")


def _written_by_one_step() -> dict[str, list[dict[str, Any]]]:
    """The rows that one step writes into history and letters, column by column."""
    key = fill(1, State.SCREENED)[0]
    _door(db.session.get_one(Expression, key))
    found = {}
    for model in (HistoryEntry, Letter):
        rows = db.session.execute(select(model.__table__).where(model.expression_id == key)).mappings()
        found[model.__tablename__] = [
            {name: _value(value) for name, value in row.items() if name != "id"} for row in rows
        ]
    db.session.remove()
    return found


def _value(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, dict) else str(value) if hasattr(value, "value") else value


def _step(execute: Execute, key: int, rows: dict[str, list[dict[str, Any]]], *, begin: str, lock: str) -> None:
    execute(begin, ())
    execute("SELECT * FROM expressions WHERE id = ?" + lock, (key,)).fetchone()  # noqa: S608 - our own words
    execute("SELECT * FROM history WHERE expression_id = ? ORDER BY number DESC LIMIT 1", (key,)).fetchone()
    now = datetime.now(UTC).replace(tzinfo=None).isoformat(" ")
    changes = "state = 'assigned', focus_area = 'access', state_since = ?, updated_at = ?, version = version + 1"
    update = f"UPDATE expressions SET {changes} WHERE id = ? AND version = 1"  # noqa: S608 - our own words
    execute(update, (now, now, key))
    step = _insert(execute, "history", {**rows["history"][0], "expression_id": key})
    execute(TEXTS, ("expression", "assign")).fetchall()
    for letter in rows["letters"]:
        unique = {"expression_id": key, "step_id": step, "message_id": secrets.token_hex(16)}
        _insert(execute, "letters", {**letter, **unique})
    execute("COMMIT", ())


def _insert(execute: Execute, table: str, row: dict[str, Any]) -> int:
    names, marks = ", ".join(f'"{name}"' for name in row), ", ".join("?" for _ in row)
    statement = f"INSERT INTO {table} ({names}) VALUES ({marks}) RETURNING id"  # noqa: S608 - names of our own columns
    key: int = execute(statement, tuple(row.values())).fetchone()[0]
    return key
