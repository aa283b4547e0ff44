"""The hash chain of a history: making the next entry and checking a chain; it never changes an entry."""

import hashlib
import json
import secrets
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from enum import Enum
from typing import Any

from sqlalchemy import ColumnElement, func, select, update

from intake.extensions import db
from intake.models import SUBJECTS, HistoryEntry, Subject
from workflows.workflow import ERASE

BEGINNING = "0" * 64
"""What the first entry of a chain carries as the hash of the one before."""
SALT_BYTES = 16


def of(subject: Subject) -> ColumnElement[bool]:
    """The condition that an entry belongs to a subject."""
    key: ColumnElement[int] = getattr(HistoryEntry, subject.key_name)
    return key == subject.id


def plain(value: Any) -> Any:
    """The value as JSON can hold it: times and dates as ISO 8601 text, enums as their value."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value


def _digest(content: Any) -> str:
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def words_digest(entry: HistoryEntry) -> str:
    """The digest of what a person wrote in this step, and of the name they go by.

    The salt goes with the words, so that nobody finds out erased ones by trying names. Older entries have none.
    """
    salt = [entry.salt] if entry.salt else []
    return _digest([*salt, entry.actor_name, entry.facts])


def erase_words(subject: Subject, *, before: int) -> None:
    """Empty what people wrote in the entries before the one with this number, and their names; the digests stay."""
    earlier = update(HistoryEntry).where(of(subject), HistoryEntry.number < before)
    empty: dict[str, Any] = {"actor_name": "", "salt": "", "facts": {}, "before": {}}
    db.session.execute(earlier.values(empty), execution_options={"synchronize_session": False})


def entry_hash(entry: HistoryEntry, reference: str) -> str:
    """The hash of one entry over everything but the words themselves."""
    at = entry.at.astimezone(UTC).isoformat()
    where = [reference, entry.number, entry.version, entry.trigger, entry.source, entry.target]
    return _digest([*where, entry.role, entry.user_id, at, entry.words_digest, entry.previous_hash])


def seal(entry: HistoryEntry, previous: HistoryEntry | None, reference: str) -> None:
    """Number an entry and bind it to the one before."""
    entry.number = previous.number + 1 if previous else 1
    entry.previous_hash = previous.hash if previous else BEGINNING
    entry.salt = secrets.token_hex(SALT_BYTES)
    entry.words_digest = words_digest(entry)
    entry.hash = entry_hash(entry, reference)


def faults(subject: Subject, history: Sequence[HistoryEntry]) -> list[str]:
    """What does not hold in the chain of one subject, as sentences; empty when it is whole.

    An entry before a step that erases is whole without its words, too, as long as its digest stands.
    """
    found, before = [], BEGINNING
    erased = max((number for number, entry in enumerate(history, start=1) if entry.trigger == ERASE), default=0)
    for number, entry in enumerate(history, start=1):
        name = f"{subject.reference}, entry {entry.number}"
        if entry.number != number or entry.previous_hash != before:
            found.append(f"{name}: an entry before it was removed or changed.")
        if entry.hash != entry_hash(entry, subject.reference):
            found.append(f"{name}: the entry was changed after it was written.")
        is_erased = number < erased and not (entry.facts or entry.actor_name or entry.salt)
        if not is_erased and entry.words_digest != words_digest(entry):
            found.append(f"{name}: its words were changed after they were written.")
        before = entry.hash
    last = history[-1].target if history else subject.workflow.initial
    if subject.state != last:
        found.append(f"{subject.reference}: the state is “{subject.state}”, the history ends in “{last}”.")
    return found


def chains(newest: int | None = None) -> Iterator[tuple[Subject, list[HistoryEntry]]]:
    """Every subject with its entries, read a hundred at a time; forgets what the session has loaded.

    `newest`: only about so many of each kind, the last ones.
    """
    for kind in SUBJECTS:
        last = 0 if newest is None else (db.session.scalar(select(func.max(kind.id))) or 0) - newest
        yield from _chains(kind, last)


def _chains(kind: type[Any], last: int) -> Iterator[tuple[Subject, list[HistoryEntry]]]:
    key = getattr(HistoryEntry, kind.key_name)
    ordered = select(kind).order_by(kind.id).limit(100)
    while batch := db.session.scalars(ordered.where(kind.id > last)).all():
        last = batch[-1].id
        found = select(HistoryEntry).where(key.between(batch[0].id, last)).order_by(HistoryEntry.number)
        entries = db.session.scalars(found).all()
        for subject in batch:
            yield subject, [entry for entry in entries if getattr(entry, kind.key_name) == subject.id]
        db.session.expunge_all()
