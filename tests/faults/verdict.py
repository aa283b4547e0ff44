"""What must hold after every fault, as sentences about what does not; it reads the database, the sink and the ledger.

Who is told by a step is taken from the table; the addresses are reckoned here anew, without the product's code.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from intake import history
from intake.extensions import db
from intake.models import Expression, HistoryEntry, Letter, LetterStatus
from tests.faults.preparing import application
from tests.faults.sink import taken
from workflows.expression import TABLE
from workflows.people import Audience
from workflows.workflow import UNDO

LEAD = "lead.access@example.org"
SECRETARIAT = "secretariat@example.org"
NOT_TO_LEAVE = {LetterStatus.SUPERSEDED, LetterStatus.CANCELLED}
MARKED_IN = {
    "organisation": lambda expression: expression.organisation_name,
    "contact": lambda expression: expression.contact_email,
    "communities": lambda expression: expression.communities,
}
CRITERIA = ("commitment", "pledge", "participation", "engagement")


def write(ledger: Mapping[str, Any], sink: str, most_twice: int, prepared: int) -> None:
    """Print what does not hold, as JSON; `most_twice`: how many letters may have arrived once more than once."""
    with application().app_context():
        stored = {each.reference: each for each in db.session.scalars(select(Expression).options(*_whole()))}
        letters = db.session.scalars(select(Letter).order_by(Letter.id)).all()
        found = [
            *_of_answers(ledger, stored, prepared),
            *_of_steps(stored, letters),
            *_of_letters(letters, taken(Path(sink)), most_twice),
        ]
        print(json.dumps(found))
        db.session.remove()
        db.engine.dispose()


def _whole() -> tuple[Any, ...]:
    return (selectinload(Expression.history),)


def _of_answers(ledger: Mapping[str, Any], stored: Mapping[str, Expression], prepared: int) -> Iterator[str]:
    """Whatever was answered is stored, and nothing twice."""
    begun = {key: reference for key, reference in ledger["begun"].items() if reference}
    yield from (f"{each}: begun and gone" for each in begun.values() if each not in stored)
    made = len(stored) - prepared
    if not len(begun) <= made <= len(ledger["begun"]):
        yield f"{made} drafts for {len(ledger['begun'])} keys, {len(begun)} of them answered"
    for reference, marks in ledger["saved"].items():
        for step, mark in marks.items():
            if mark not in _kept(stored[reference], step, mark):
                yield f"{reference}, {step}: answered as saved, and not stored"
    for reference, triggers in ledger["steps"].items():
        lost = Counter(triggers) - Counter(entry.trigger for entry in stored[reference].history)
        if lost:
            yield f"{reference}: answered as taken, and not in the history: {dict(lost)}"


def _kept(expression: Expression, step: str, mark: str) -> str:
    """The text in which a step's mark stands; of a step without one, whether it was kept at all."""
    if step in CRITERIA:
        return str(expression.criteria.get(step, {}).get("statement", ""))
    if step in MARKED_IN:
        return str(MARKED_IN[step](expression))
    kept = {"focus_areas": expression.preferences, "goals": expression.sdgs}[step]
    return mark if kept else ""


def _of_steps(stored: Mapping[str, Expression], letters: Sequence[Letter]) -> Iterator[str]:
    """Every step has exactly its letters, every chain holds, and an applicant's step was taken once."""
    told = defaultdict(list)
    for letter in letters:
        told[letter.step_id].append((str(letter.audience), letter.recipient))
    for expression in stored.values():
        yield from history.faults(expression, expression.history)
        yield from _of_numbers(expression)
        for entry in expression.history:
            wanted = sorted(_wanted(expression, entry))
            if sorted(told[entry.id]) != wanted:
                yield f"{expression.reference}, {entry.trigger}: {sorted(told[entry.id])} instead of {wanted}"


def _of_numbers(expression: Expression) -> Iterator[str]:
    """No version without its entry, and no applicant heard twice."""
    numbers = [entry.number for entry in expression.history]
    triggers = Counter(entry.trigger for entry in expression.history)
    if numbers != list(range(1, len(numbers) + 1)) or triggers["submit"] > 1:
        yield f"{expression.reference}: entries {numbers}, {dict(triggers)}"


def _wanted(expression: Expression, entry: HistoryEntry) -> Iterator[tuple[str, str]]:
    if entry.trigger == UNDO:
        return
    row = next(row for row in TABLE if row.trigger == entry.trigger and entry.source in row.sources)
    for audience in row.tells:
        addresses = {
            Audience.APPLICANT: [expression.contact_email],
            Audience.SECRETARIAT: [SECRETARIAT],
            Audience.GROUP_LEAD: [LEAD] if entry.facts.get("focus_area") == "access" else [],
        }[audience]
        yield from ((audience.value, address) for address in addresses)


def _of_letters(letters: Sequence[Letter], arrived: Sequence[tuple[str, str]], most_twice: int) -> Iterator[str]:
    """Every letter that was to leave has arrived; no other has; few came twice, and no oftener than they were tried."""
    known = {letter.message_id: letter for letter in letters}
    copies = Counter(message_id for message_id, _ in arrived)
    for message_id, recipient in arrived:
        if message_id not in known:
            yield f"{message_id} to {recipient}: arrived, and of no step that was committed"
        elif known[message_id].recipient != recipient:
            yield f"{message_id}: arrived at {recipient} instead of {known[message_id].recipient}"
    for letter in letters:
        yield from _of_letter(letter, copies[letter.message_id])
    twice = sum(number - 1 for number in copies.values())
    if twice > most_twice:
        yield f"{twice} letters came again, and only {most_twice} may have left unnoticed"


def _of_letter(letter: Letter, copies: int) -> Iterator[str]:
    name = f"letter {letter.id} ({letter.kind}, {letter.status})"
    if letter.status is LetterStatus.SENT:
        if not copies:
            yield f"{name}: it never arrived"
    elif letter.status not in NOT_TO_LEAVE:
        yield f"{name}: it has not come to rest: {letter.answer}"
    elif letter.status is LetterStatus.CANCELLED and copies:
        yield f"{name}: it arrived all the same"
    if copies > max(1, letter.attempts):
        yield f"{name}: {copies} copies after {letter.attempts} attempts"
