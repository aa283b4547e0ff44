"""A look at what is stored: the database, its clock, histories, the letters of steps, the words of searches."""

import shutil
from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, text
from sqlalchemy.exc import OperationalError

from intake import history, storage
from intake.doctor.finding import Finding, ill, warned, well
from intake.extensions import db
from intake.models import SUBJECTS, Expression, HistoryEntry, Letter, SearchWords, now
from intake.outside import readiness
from workflows.expression import State
from workflows.people import Audience

SAMPLE = 200
"""How many of the newest are looked at when not all are."""
LEAST_ROOM, LITTLE_ROOM = 100 * 2**20, 2**30
CLOCKS_APART, FARTHEST = timedelta(seconds=30), timedelta(days=1)
"""How far clocks may differ, and how far ahead a letter may be due: no pause of a delivery is half as long."""
ALWAYS_KNOWN = (Audience.APPLICANT, Audience.SECRETARIAT)
"""Whoever is told of a step without fail; there may have been no screener or lead, and an enquirer left in peace."""
PRAGMAS = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def database(thorough: bool) -> Iterator[Finding]:
    """Whether it answers, which one it is, and whether it is as this version needs it."""
    file = db.engine.url.database if db.engine.dialect.name == "sqlite" else None
    if file and not Path(file).is_file():
        yield ill("database", f"There is no file {file}.", "Mend INTAKE_DATABASE_URL, or run `intake db upgrade`.")
        return
    try:
        version = ".".join(map(str, db.session.connection().dialect.server_version_info or ()))
    except OperationalError as error:
        db.session.rollback()
        yield ill("database", storage.fault(db.engine.url, error), "Start it, or mend INTAKE_DATABASE_URL.")
        return
    yield well("database", f"{storage.place(db.engine.url)}, version {version}, answers.")
    migrated = readiness.migrations()
    yield Finding("migrations", migrated.status, migrated.text)
    if db.engine.dialect.name == "sqlite":
        yield from _sqlite(thorough)


def _sqlite(thorough: bool) -> Iterator[Finding]:
    found = {name: db.session.scalar(text(f"PRAGMA {name}")) for name in PRAGMAS}
    wrong = ", ".join(f"{name} is {found[name]}" for name, wanted in PRAGMAS.items() if found[name] != wanted)
    if wrong:
        yield ill("database", f"It may lose what was committed: {wrong}.", "Move it to a local disk; WAL needs one.")
    if thorough and (faults := db.session.scalars(text("PRAGMA quick_check")).all()) != ["ok"]:
        yield ill("database", f"The file is damaged: {faults[0]}", "Restore a backup: `intake restore`.")
    free = shutil.disk_usage(Path(db.engine.url.database or "").resolve().parent).free
    words = f"{free // 2**20} MB are free on its disk."
    if free < LEAST_ROOM:
        yield ill("disk", words, "Make room; without it nothing can be saved.")
    elif free < LITTLE_ROOM:
        yield warned("disk", words, "Make room soon.")
    else:
        yield well("disk", words)


def clock(thorough: bool) -> Iterator[Finding]:
    """Whether this machine, the database and what is stored agree on the time."""
    if db.engine.dialect.name == "postgresql":
        apart = abs(db.session.scalars(select(func.clock_timestamp())).one() - now())
        if apart > CLOCKS_APART:
            seconds = int(apart.total_seconds())
            yield ill("clock", f"The database is {seconds} seconds apart from here.", "Let both follow a time server.")
    latest = select(HistoryEntry.at).order_by(HistoryEntry.id.desc()).limit(SAMPLE)
    ahead = sum(at > now() + CLOCKS_APART for at in db.session.scalars(latest))
    far = select(func.count()).where(readiness.waits(), Letter.due_at > now() + FARTHEST)
    if ahead:
        yield warned("clock", f"{ahead} steps carry a time to come.", "Check the clock; their order is sound.")
    if number := db.session.scalar(far):
        yield warned(
            "clock", f"{number} letters are due too far ahead.", "Nothing: delivery does not believe such times."
        )
    if not ahead and not number:
        yield well("clock", "It agrees with the database and with what is stored.")


def histories(thorough: bool) -> Iterator[Finding]:
    """Whether the chains of hashes are whole: of all, or of the newest."""
    number, faults = 0, list[str]()
    for subject, entries in history.chains(None if thorough else SAMPLE):
        number += 1
        faults += history.faults(subject, entries)
    if faults:
        text = f"{len(faults)} faults: {faults[0]}"
        yield ill("history", text, "`intake history verify` names them all; compare with a backup.")
    else:
        yield well("history", f"{number} looked at{'' if thorough else ', the newest'}; their chains are whole.")


def letters_of_steps(thorough: bool) -> Iterator[Finding]:
    """Whether each step has the letters of those who are told of it without fail, whatever became of them."""
    newest = db.session.scalar(select(func.max(HistoryEntry.id))) or 0
    since = HistoryEntry.id > (0 if thorough else newest - 10 * SAMPLE)
    lacking = select(HistoryEntry.id).where(since, or_(*_untold()))
    found = db.session.scalars(lacking.order_by(HistoryEntry.id).limit(SAMPLE)).all()
    if found:
        more = "or more " if len(found) == SAMPLE else ""
        text = f"{len(found)} {more}steps lack a letter that they should have written (history entry {found[0]} first)."
        yield ill("steps", text, "Write to those people; restore a backup if letters were deleted.")
    else:
        yield well("steps", f"Each{'' if thorough else ' of the newest'} has its letters.")


def _untold() -> Iterator[ColumnElement[bool]]:
    """For each audience that always has a recipient: a step that tells it, and no letter to it."""
    for kind in SUBJECTS:
        for audience in ALWAYS_KNOWN:
            steps = [
                and_(*_is(source, row))
                for row in kind.workflow.table
                if audience in row.tells
                for source in row.sources
            ]
            if steps:
                told = exists().where(Letter.step_id == HistoryEntry.id, Letter.audience == audience)
                yield and_(getattr(HistoryEntry, kind.key_name).is_not(None), or_(*steps), ~told)


def _is(source: Any, row: Any) -> Iterable[ColumnElement[bool]]:
    return HistoryEntry.source == source.value, HistoryEntry.trigger == row.trigger


def search_words(thorough: bool) -> Iterator[Finding]:
    """Whether every expression that was sent can be found by its words."""
    sent = db.session.scalar(select(func.count()).where(Expression.state != State.DRAFT)) or 0
    known = db.session.scalar(select(func.count()).select_from(SearchWords)) or 0
    if sent == known:
        yield well("search", f"All {sent} expressions that were sent can be found.")
    else:
        yield ill("search", f"{sent} were sent and {known} can be found.", "Run `intake search rebuild`.")
