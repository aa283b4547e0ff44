"""Loads many expressions into PostgreSQL by COPY, with words, links, history and letters, for plans and growth.

Their texts come from a small stock, so that a million are made in minutes; what indexes tell apart differs from row to
row. Hashes of the history are of the right shape and bind nothing.
"""

import itertools
import json
import random
import secrets
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import click
import psycopg
from psycopg import sql
from sqlalchemy import Table, text

from intake import search
from intake.current import call_row, programme
from intake.extensions import db
from intake.history import BEGINNING
from intake.models import (
    AccessLink,
    Base,
    Expression,
    HistoryEntry,
    Holder,
    Letter,
    LetterStatus,
    SearchWords,
    Verdict,
)
from intake.programme import countries
from workflows.expression import JUDGED, PLACED, State
from workflows.people import Audience, Role

BATCH = 10_000
STOCK = 2_000
FIRST = datetime(2026, 1, 1, tzinfo=UTC)
STATES = [state for state in State if state is not State.DRAFT]
OFTEN = [1 + 9 * (state is State.SUBMITTED) for state in STATES]
RARE, COMMON = "lighthouse", "connect"
HOLDERS_OF_RARE = frozenset({3, 500, 700})
"""The expressions with the rare word, as many among few as among a million."""
VOCABULARY = [
    "".join(random.Random(-number).choices("bcdfglmnprstv", k=3)) + "aeiou"[number % 5] for number in range(1, 6_001)
]
WEIGHTS = list(itertools.accumulate(1 / number for number in range(1, len(VOCABULARY) + 1)))
"""Few words are frequent and many are rare, as in people's texts."""


@dataclass(frozen=True, slots=True)
class Said:
    """The texts of one expression, and their words as the full-text search keeps them."""

    statement: str
    criteria: str
    vector: str


def reference(number: int) -> str:
    """The reference of the expression with this number."""
    digits = f"{number:08d}"
    return f"P2C-{digits[:4]}-{digits[4:]}"


def load(count: int, *, label: str = "Expressions") -> None:
    """Add so many expressions to the database of this application context, which must be PostgreSQL, and analyse it."""
    begin = db.session.scalar(text("SELECT coalesce(max(id), 0) FROM expressions")) or 0
    call, stock = call_row().id, _stock()
    db.session.commit()
    with db.engine.connect() as connection:
        driver = connection.connection.driver_connection
        assert isinstance(driver, psycopg.Connection)
        driver.execute("SET synchronous_commit = off")
        with click.progressbar(length=count, label=label) as bar:
            for start in range(begin + 1, begin + count + 1, BATCH):
                numbers = range(start, min(start + BATCH, begin + count + 1))
                _load(driver, numbers, call, stock)
                bar.update(len(numbers))
    _settle()


def _load(driver: psycopg.Connection[Any], numbers: range, call: int, stock: Sequence[Said]) -> None:
    """One batch of each table, in the order of their foreign keys."""
    chances = {number: random.Random(number) for number in numbers}
    state = {number: chances[number].choices(STATES, OFTEN)[0] for number in numbers}
    said = {number: stock[number % STOCK] for number in numbers}
    _copy(driver, Expression, (_expression(n, call, state[n], said[n], chances[n]) for n in numbers))
    _copy(driver, SearchWords, ({"expression_id": n, "words": _words(n, said[n])} for n in numbers))
    _copy(driver, HistoryEntry, itertools.chain.from_iterable(_history(n, state[n]) for n in numbers))
    _copy(driver, Letter, itertools.chain.from_iterable(_letters(n) for n in numbers))
    _copy(driver, AccessLink, (_link(n) for n in numbers))
    _copy(driver, Holder, (_holder(n) for n in numbers))
    _copy(driver, Verdict, itertools.chain.from_iterable(_verdicts(n) for n in numbers if state[n] in JUDGED))
    driver.commit()


def _copy(driver: psycopg.Connection[Any], model: type[Base], rows: Iterable[dict[str, Any]]) -> None:
    """Send rows; a column that a row does not name has the model's default, the same for all of them."""
    table = model.__table__
    assert isinstance(table, Table)
    usual = {column.name: _usual(column) for column in table.columns if column.name != "id"}
    names: list[str] = []
    ready = iter(rows)
    first = next(ready, None)
    if first is None:
        return
    names = [*dict.fromkeys([*first, *usual])]
    into = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table.name), sql.SQL(", ").join(map(sql.Identifier, names))
    )
    with driver.cursor().copy(into) as copy:
        for row in itertools.chain([first], ready):
            copy.write_row([row.get(name, usual.get(name)) for name in names])


def _usual(column: Any) -> Any:
    if column.default is None:
        return None
    value = column.default.arg(None) if column.default.is_callable else column.default.arg
    return json.dumps(value) if isinstance(value, list | dict) else getattr(value, "value", value)


def _stock() -> list[Said]:
    return [_said(number) for number in range(STOCK)]


def _said(number: int) -> Said:
    chance = random.Random(number)
    spoken = chance.choices(VOCABULARY, cum_weights=WEIGHTS, k=40) + ([COMMON] if number % 2 else [])
    statement = " ".join(spoken)
    kept = {
        "reference": "",
        "organisation_name": "Ministry",
        "communities": statement,
        "preferences": ["access", "adoption"],
        "criteria": {each.id: {"statement": statement} for each in programme().criteria},
        "country": chance.choice(list(countries())),
        "category": chance.choice(programme().categories).id,
    }
    vector = " ".join(f"'{word}'" for word in sorted(search.words_of(kept).split()))
    return Said(statement, json.dumps(kept["criteria"]), vector)


def _words(number: int, said: Said) -> str:
    rare = f" '{RARE}'" if number in HOLDERS_OF_RARE else ""
    return f"{said.vector} '{number}'{rare}"


def _expression(number: int, call: int, state: State, said: Said, chance: random.Random) -> dict[str, Any]:
    sent, seated = FIRST + timedelta(seconds=number), state in {State.CONFIRMED, State.WAITLISTED}
    return {
        "id": number,
        "reference": reference(number),
        "call_id": call,
        "state": state.value,
        "state_since": sent,
        "submitted_at": sent,
        "decision_due_on": (sent + timedelta(days=20)).date(),
        "answer_due_on": (sent + timedelta(days=9)).date() if state is State.RETURNED else None,
        "organisation_name": f"Ministry {number}",
        "organisation_key": f"ministry {number}",
        "category": chance.choice(programme().categories).id,
        "country": chance.choice(("RWA", "BDI", "TUV", "NPL", "FJI")),
        "contact_name": "Programme officer",
        "contact_email": f"{number}@example.org",
        "preferences": '["access", "adoption"]',
        "criteria": said.criteria,
        "communities": said.statement,
        "participation_mode": "in_person",
        "delegate_name": "The Minister",
        "delegate_title": "Minister",
        "criteria_count": len(programme().criteria),
        "criteria_met": len(programme().criteria) if state in JUDGED else 0,
        "focus_area": "access" if state in PLACED else None,
        "seat_mode": "remote" if seated else None,
        "version": 3,
    }


def _history(number: int, state: State) -> Iterator[dict[str, Any]]:
    for place in (1, 2):
        yield {
            "id": 2 * number + place - 2,
            "expression_id": number,
            "number": place,
            "version": place,
            "trigger": "submit" if place == 1 else "resubmit",
            "source": State.DRAFT.value if place == 1 else State.RETURNED.value,
            "target": state.value if place == 2 else State.SUBMITTED.value,
            "role": Role.APPLICANT.value,
            "actor_name": "Programme officer",
            "at": FIRST + timedelta(seconds=number + place),
            "facts": "{}",
            "before": "{}",
            "words_digest": BEGINNING,
            "previous_hash": BEGINNING,
            "hash": BEGINNING,
        }


def _letters(number: int) -> Iterator[dict[str, Any]]:
    for place, audience in enumerate((Audience.APPLICANT, Audience.SECRETARIAT), start=1):
        yield {
            "id": 2 * number + place - 2,
            "expression_id": number,
            "step_id": 2 * number - 1,
            "kind": "submit",
            "audience": audience.value,
            "recipient": f"{number}@example.org" if place == 1 else "secretariat@example.org",
            "subject": f"We have received your expression of interest {reference(number)}",
            "body": "Thank you. What happens next, and when, stands on your page.\n",
            "message_id": f"<{secrets.token_hex(16)}@example.org>",
            "status": LetterStatus.SENT.value,
            "due_at": FIRST + timedelta(seconds=number),
            "sent_at": FIRST + timedelta(seconds=number),
            "attempts": 1,
        }


def _link(number: int) -> dict[str, Any]:
    return {
        "id": number,
        "expression_id": number,
        "token_hash": f"{number:064x}",
        "email": f"{number}@example.org",
        "expires_at": FIRST + timedelta(days=3_000),
    }


def _holder(number: int) -> dict[str, Any]:
    return {
        "id": number,
        "expression_id": number,
        "address": f"{number}@example.org",
        "address_key": f"{number}@example.org",
        "proven_at": FIRST,
        "proof": "link",
    }


def _verdicts(number: int) -> Iterator[dict[str, Any]]:
    for place, criterion in enumerate(programme().criteria):
        yield {"id": 4 * number + place, "expression_id": number, "criterion": criterion.id, "outcome": "met"}


def _settle() -> None:
    """Let new rows follow the loaded ones, and the planner know of them."""
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for model in (Expression, HistoryEntry, Letter, AccessLink, Holder, Verdict):
            name = model.__tablename__
            connection.execute(
                text(f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), (SELECT max(id) FROM {name}))")  # noqa: S608
            )
        connection.execute(text("VACUUM ANALYZE"))
