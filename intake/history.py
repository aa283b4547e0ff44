"""The hash chain of a history: making the next entry and checking a chain; it never changes an entry."""

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, date, datetime
from enum import Enum
from typing import Any

from intake.models import Expression, HistoryEntry

BEGINNING = "0" * 64
"""What the first entry of a chain carries as the hash of the one before."""


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
    """The digest of what a person wrote in this step, and of the name they go by."""
    return _digest([entry.actor_name, entry.facts])


def entry_hash(entry: HistoryEntry, reference: str) -> str:
    """The hash of one entry over everything but the words themselves."""
    at = entry.at.astimezone(UTC).isoformat()
    where = [reference, entry.number, entry.version, entry.trigger, entry.source, entry.target]
    return _digest([*where, entry.role, entry.user_id, at, entry.words_digest, entry.previous_hash])


def seal(entry: HistoryEntry, previous: HistoryEntry | None, reference: str) -> None:
    """Number an entry and bind it to the one before."""
    entry.number = previous.number + 1 if previous else 1
    entry.previous_hash = previous.hash if previous else BEGINNING
    entry.words_digest = words_digest(entry)
    entry.hash = entry_hash(entry, reference)


def faults(expression: Expression, history: Sequence[HistoryEntry]) -> list[str]:
    """What does not hold in the chain of one expression, as sentences; empty when it is whole.

    An entry whose words were erased (`facts` empty and no name) is whole as long as its digest stands.
    """
    found, before = [], BEGINNING
    for number, entry in enumerate(history, start=1):
        name = f"{expression.reference}, entry {entry.number}"
        if entry.number != number or entry.previous_hash != before:
            found.append(f"{name}: an entry before it was removed or changed.")
        if entry.hash != entry_hash(entry, expression.reference):
            found.append(f"{name}: the entry was changed after it was written.")
        if (entry.facts or entry.actor_name) and entry.words_digest != words_digest(entry):
            found.append(f"{name}: its words were changed after they were written.")
        before = entry.hash
    last = history[-1].target if history else expression.workflow.initial
    if expression.state != last:
        found.append(f"{expression.reference}: the state is “{expression.state}”, the history ends in “{last}”.")
    return found
