"""Reads letters and what their texts are previewed with; it changes nothing."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import abort
from sqlalchemy import ColumnElement, func, select

from intake.extensions import db
from intake.keyset import Cursor, Order, Page
from intake.models import Expression, HistoryEntry, Letter, LetterStatus
from intake.notifications import handling
from intake.notifications.outbox import WAITING
from workflows.expression import State
from workflows.people import Audience

PAGE = 20
"""Few, because each letter stands there with its whole text."""
NEWEST_FIRST = Order(Letter.created_at, Letter.id, newest_first=True)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which letters somebody looks for; what is None or empty is not asked."""

    status: LetterStatus | None = None
    kept_back: bool = False
    audience: Audience | None = None
    recipient: str = ""

    def conditions(self) -> list[ColumnElement[bool]]:
        """The same as conditions on letters. A part of an address is found in either case of its letters."""
        found = []
        if self.status is not None:
            found.append(Letter.status == self.status)
        if self.kept_back:
            found.append(is_kept_back())
        if self.audience is not None:
            found.append(Letter.audience == self.audience)
        if self.recipient:
            found.append(func.lower(Letter.recipient).contains(self.recipient.lower(), autoescape=True))
        return found


def is_kept_back() -> ColumnElement[bool]:
    """Kept back by somebody, and not yet cancelled or replaced."""
    return Letter.kept_back & Letter.status.in_(WAITING)


def counts() -> tuple[Mapping[LetterStatus, int], int]:
    """The number of letters of each status, and of those that somebody keeps back."""
    numbers = select(Letter.status, func.count()).group_by(Letter.status)
    by_status = {status: count for status, count in db.session.execute(numbers)}  # noqa: C416 - dict() loses the types
    kept = db.session.scalar(select(func.count()).select_from(Letter).where(is_kept_back()))
    return by_status, kept or 0


def letters(wanted: Wanted, cursor: Cursor | None) -> Page[Letter]:
    """One page of the letters asked for, newest first."""
    return NEWEST_FIRST.page(select(Letter).where(*wanted.conditions()), cursor, PAGE)


def references(letters: Page[Letter]) -> Mapping[int | None, tuple[str, str]]:
    """Reference and organisation of the expressions that these letters are about."""
    return _references({letter.expression_id for letter in letters.rows if letter.expression_id})


def _references(ids: set[int]) -> Mapping[int | None, tuple[str, str]]:
    named = select(Expression.id, Expression.reference, Expression.organisation_name)
    return {id: (reference, name) for id, reference, name in db.session.execute(named.where(Expression.id.in_(ids)))}


def about(letter: Letter) -> tuple[str, str] | None:
    """Reference and organisation of the expression that a letter is about."""
    return _references({letter.expression_id}).get(letter.expression_id) if letter.expression_id else None


def letter_or_404(letter_id: int) -> Letter:
    """One letter, to look at."""
    letter = db.session.get(Letter, letter_id)
    if letter is None:
        abort(404)
    return letter


def locked_letter_or_404(letter_id: int) -> Letter:
    """One letter, locked until the request ends."""
    letter = handling.locked(letter_id)
    if letter is None:
        abort(404)
    return letter


def example(kind: str, reference: str) -> tuple[Expression | None, HistoryEntry | None]:
    """The expression with a reference, or the newest that has had a step; and its newest entry of that step."""
    of_kind = select(HistoryEntry).where(HistoryEntry.trigger == kind).order_by(HistoryEntry.id.desc()).limit(1)
    sent = select(Expression).where(Expression.state != State.DRAFT)
    if reference:
        named = db.session.scalar(sent.where(Expression.reference == reference))
        entry = db.session.scalar(of_kind.where(HistoryEntry.expression_id == named.id)) if named else None
        return named, entry
    entry = db.session.scalar(of_kind)
    if entry is not None:
        return db.session.get(Expression, entry.expression_id), entry
    return db.session.scalar(sent.order_by(Expression.id.desc()).limit(1)), None
