"""Whole databases for tests of copies and backups: filled through the product's own doors, and read row by row."""

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import create_engine, select, text

from intake import create_app, history, links, notes, storage, visits
from intake.advance import advance
from intake.bulk import Plan, start
from intake.extensions import db
from intake.models import (
    Assignment,
    Base,
    Conflict,
    ConflictKind,
    Expression,
    Kind,
    Letter,
    LetterAction,
    LetterEvent,
    LetterText,
    Look,
    Outcome,
    ReceivedMessage,
    Revision,
    SavedView,
    SecondOpinion,
    Settlement,
    SheetDraft,
    Shown,
    SignIn,
    User,
    Way,
    WebAuthn,
)
from tests import making
from tests.colleagues import colleague
from workflows.expression import State
from workflows.people import Audience, Role
from workflows.workflow import UNDO

NUMBERS: dict[str, Any] = {"a": 1.0, "b": 1, "c": 0.1, "d": -0.0, "e": 1e21, "f": [True, None, {"z": 1, "y": 2}]}
"""What the two kinds of database write in different ways."""
Contents = dict[str, dict[Any, dict[str, Any]]]


def settings(url: str, programme: object) -> dict[str, str]:
    """The settings of an application on a database; its documents are in a folder of their own beside the programme."""
    documents = hashlib.sha256(url.encode()).hexdigest()[:16]
    return {
        "INTAKE_SECRET_KEY": "only for tests, only for tests, only for tests",
        "INTAKE_DATABASE_URL": url,
        "INTAKE_PROGRAMME": str(programme),
        "INTAKE_RATE_LIMITS": "no",
        "INTAKE_FORM_SECONDS": "0",
        "INTAKE_SECOND_FACTOR": "none",
        "INTAKE_MAIL_EMBEDDED": "no",
        "INTAKE_DOCUMENTS": str(Path(str(programme)).resolve().with_name(documents)),
    }


@contextmanager
def opened(url: str, programme: object, *, migrated: bool = True, **more: str) -> Iterator[Flask]:
    """The application on a database, in its context; with `migrated`, its tables are made first."""
    app = create_app(settings(url, programme) | more, {"TESTING": True})
    with app.app_context():
        try:
            if migrated:
                upgrade()
            yield app
        finally:
            db.session.remove()
            db.engine.dispose()


def fill(number: int = 12) -> None:
    """At least one row in every table: expressions on their way with history and letters, and what staff left."""
    anna, ben = colleague("Anna", Role.SCREENER, language="fr"), colleague("Ben", Role.SCREENER, Role.SECRETARIAT)
    for place in range(number):
        made = submitted(communities=f"Villages ✓ 数字 {place}\r\n\t“quoted” \\N 'x'")
        step(made, "screen")
        step(made, "assign", focus_area="access")
        if place % 2:
            step(made, UNDO)
    screened = submitted(criteria={**making.ANSWERS, "commitment": {**making.ANSWERS["commitment"], **NUMBERS}})
    screened.screener_id = anna.id
    links.mint(screened.id, "applicant@example.org")
    making.colleague_of(screened, name="Überblick 数字")
    notes.add(screened, text="@Ben, please look.", author=anna)
    notes.remind(screened, user=ben, on=date(2031, 2, 28), text="Again")
    making.document(screened, name="Überblick 数字.pdf", flags=["javascript"])
    enquiry = making.enquiry()
    db.session.add_all([*_left_by_staff(screened, anna, ben), _message(enquiry.id)])
    db.session.commit()
    start(Plan("run", "screen", {}, [(screened.id, screened.version, [])]), user_id=anna.id)
    visits.note(screened, ben)
    db.session.remove()


def _left_by_staff(made: Expression, anna: User, ben: User) -> list[Base]:
    letter = db.session.scalars(select(Letter.id).limit(1)).one()
    return [
        Assignment(expression_id=made.id, screener_id=anna.id, by_id=ben.id, by_name=ben.name),
        Conflict(expression_id=made.id, user_id=ben.id, kind=ConflictKind.ADVICE, taken_back=[{"criterion": "pledge"}]),
        LetterEvent(letter_id=letter, user_id=ben.id, actor_name=ben.name, action=LetterAction.HELD),
        LetterText(
            kind="submit",
            audience=Audience.APPLICANT,
            language="ar",
            number=1,
            text="Subject: شكرا\n\nشكرا",
            english_digest="0" * 64,
            author_name=ben.name,
        ),
        Revision(expression_id=made.id, before={"communities": "\u2028 before"}, verdicts={}),
        SavedView(user_id=anna.id, name="Mine", query="state=submitted"),
        SecondOpinion(expression_id=made.id, criterion="pledge", outcome=Outcome.MET, reason="Yes."),
        Settlement(expression_id=made.id, criterion="pledge", first_outcome=Outcome.NOT_MET, user_id=ben.id),
        SheetDraft(expression_id=made.id, user_id=anna.id, typed={"pledge": {"outcome": None}}),
        Look(expression_id=made.id, user_id=ben.id, what=Shown.DOCUMENT, detail="Plan “2030”.pdf"),
        SignIn(user_id=ben.id, way=Way.CODE, came_in=True, address="192.0.2.1"),
        _passkey(anna.id),
    ]


def _passkey(user_id: int) -> WebAuthn:
    return WebAuthn(
        user_id=user_id,
        credential_id=bytes(range(256)),
        public_key=b"\x00\xff",
        transports=["usb", "nfc"],
        backup_state=False,
        device_type="single_device",
        lastuse_datetime=datetime(2026, 3, 29, 0, 59, 59),  # noqa: DTZ001 - as Flask-Security keeps it
        name="Key",
        usage="secondary",
    )


def _message(enquiry_id: int) -> ReceivedMessage:
    content = bytes(range(256)) * 10
    at = datetime(2026, 3, 29, 0, 59, 59, 999_999, tzinfo=UTC) - timedelta(days=1)
    return ReceivedMessage(
        identity="1" * 64,
        source="tests",
        kind=Kind.ENQUIRY,
        size=len(content),
        content=content,
        received_at=at,
        enquiry_id=enquiry_id,
    )


def submitted(**changes: Any) -> Expression:
    """An expression that is judged and was sent by its applicant, with a history that is whole."""
    made = making.expression(State.DRAFT, met=True, **changes)
    advance(made, "submit", actor=making.APPLICANT, version=made.version)
    return made


def step(made: Expression, trigger: str, **facts: Any) -> None:
    """One step by whose it is."""
    actor = making.SCREENER if trigger == "screen" else making.SECRETARIAT
    advance(made, trigger, actor=actor, version=made.version, **facts)


def contents(url: str) -> Contents:
    """Every row of every table by its key, as the models read it; the words of a search as a set."""
    engine = create_engine(url)
    storage.prepare(engine)
    try:
        with engine.connect() as connection:
            return {
                table.name: {
                    tuple(row[column.name] for column in table.primary_key.columns): _values(row)
                    for row in connection.execute(select(table)).mappings()
                }
                for table in Base.metadata.sorted_tables
            }
    finally:
        engine.dispose()


def _values(row: Any) -> dict[str, Any]:
    values = dict(row)
    if set(values) == {"expression_id", "words"}:
        values["words"] = set(re.findall(r"[^\s']+", values["words"]))
    return values


def execute(url: str, *statements: str) -> None:
    """Change a database behind the product's back."""
    engine = create_engine(url)
    storage.prepare(engine)
    try:
        with engine.begin() as connection:
            for statement in statements:
                connection.execute(text(statement))
    finally:
        engine.dispose()


def seal_without_salt() -> None:
    """Seal every history anew as releases before revision 0007 did, which put no salt to the words."""
    for subject, entries in history.chains():
        previous_hash = history.BEGINNING
        for entry in entries:
            entry.salt, entry.previous_hash = "", previous_hash
            entry.words_digest = history.words_digest(entry)
            entry.hash = previous_hash = history.entry_hash(entry, subject.reference)
        db.session.flush()
    db.session.commit()
