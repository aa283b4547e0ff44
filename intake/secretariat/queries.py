"""Reads the outbox page by page; it changes nothing."""

from collections.abc import Mapping

from flask import abort
from sqlalchemy import func, select

from intake.extensions import db
from intake.keyset import Cursor, Order, Page
from intake.models import Expression, Letter, LetterStatus

PAGE = 20
"""Few, because each letter stands there with its whole text."""
NEWEST_FIRST = Order(Letter.created_at, Letter.id, newest_first=True)


def letters(status: LetterStatus | None, cursor: Cursor | None) -> tuple[Mapping[LetterStatus, int], Page[Letter]]:
    """The number of letters of each status, and one page of those asked for, newest first."""
    numbers = select(Letter.status, func.count()).group_by(Letter.status)
    counts = {status: count for status, count in db.session.execute(numbers)}  # noqa: C416 - dict() loses the types
    asked = select(Letter) if status is None else select(Letter).where(Letter.status == status)
    return counts, NEWEST_FIRST.page(asked, cursor, PAGE)


def references(letters: Page[Letter]) -> Mapping[int | None, tuple[str, str]]:
    """Reference and organisation of the expressions that these letters are about."""
    ids = {letter.expression_id for letter in letters.rows if letter.expression_id}
    named = select(Expression.id, Expression.reference, Expression.organisation_name)
    return {id: (reference, name) for id, reference, name in db.session.execute(named.where(Expression.id.in_(ids)))}


def letter_or_404(letter_id: int) -> Letter:
    """One letter, locked until the request ends."""
    letter = db.session.get(Letter, letter_id, with_for_update=True)
    if letter is None:
        abort(404)
    return letter
