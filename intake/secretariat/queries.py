"""Reads letters and what their texts are previewed with; it changes nothing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import abort, url_for
from flask_babel import gettext as _
from sqlalchemy import ColumnElement, func, select

from intake.extensions import db
from intake.keyset import Cursor, Order, Page
from intake.models import Enquiry, Expression, HistoryEntry, Letter, LetterStatus, Subject
from intake.notifications import handling
from intake.notifications.outbox import astray_counts, is_astray, is_kept_back, status_counts
from intake.notifications.placeholders import Purpose
from workflows.people import Audience

PAGE = 20
"""Few, because each letter stands there with its whole text."""
NEWEST_FIRST = Order(Letter.created_at, Letter.id, newest_first=True)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which letters somebody looks for; what is None or empty is not asked."""

    status: LetterStatus | None = None
    kept_back: bool = False
    astray: bool = False
    audience: Audience | None = None
    recipient: str = ""

    def conditions(self) -> list[ColumnElement[bool]]:
        """The same as conditions on letters. A part of an address is found in either case of its letters."""
        found = []
        if self.status is not None:
            found.append(Letter.status == self.status)
        if self.kept_back:
            found.append(is_kept_back())
        if self.astray:
            found.append(is_astray())
        if self.audience is not None:
            found.append(Letter.audience == self.audience)
        if self.recipient:
            found.append(func.lower(Letter.recipient).contains(self.recipient.lower(), autoescape=True))
        return found


def counts() -> tuple[Mapping[str, int], int, int]:
    """The number of letters of each status, of those that somebody keeps back, and of those to see to."""
    kept = db.session.scalar(select(func.count()).select_from(Letter).where(is_kept_back()))
    return status_counts(), kept or 0, sum(astray_counts().values())


def letters(wanted: Wanted, cursor: Cursor | None) -> Page[Letter]:
    """One page of the letters asked for, newest first."""
    return NEWEST_FIRST.page(select(Letter).where(*wanted.conditions()), cursor, PAGE)


@dataclass(frozen=True, slots=True)
class About:
    """What a letter is about: the kind of thing, its name, and the address of its page."""

    kind: str
    name: str
    page: str


def about(letters: Iterable[Letter]) -> Mapping[int, About]:
    """By the id of a letter what it is about, in one statement for expressions and one for enquiries."""
    letters = list(letters)
    expressions = _expressions({letter.expression_id for letter in letters if letter.expression_id})
    enquiries = _enquiries({letter.enquiry_id for letter in letters if letter.enquiry_id})
    found = ((each.id, expressions.get(each.expression_id) or enquiries.get(each.enquiry_id)) for each in letters)
    return {id: about for id, about in found if about is not None}


def _expressions(ids: set[int]) -> Mapping[int | None, About]:
    named = select(Expression.id, Expression.reference, Expression.organisation_name).where(Expression.id.in_(ids))
    rows = db.session.execute(named) if ids else ()
    return {id: about_expression(reference, name) for id, reference, name in rows}


def _enquiries(ids: set[int]) -> Mapping[int | None, About]:
    named = select(Enquiry.id, Enquiry.reference, Enquiry.subject).where(Enquiry.id.in_(ids))
    return {id: about_enquiry(reference, name) for id, reference, name in (db.session.execute(named) if ids else ())}


def about_expression(reference: str, organisation: str) -> About:
    """What stands for an expression."""
    return About(str(_("Expression")), organisation or reference, url_for("screening.show", reference=reference))


def about_enquiry(number: str, subject: str) -> About:
    """What stands for an enquiry."""
    return About(str(_("Enquiry")), subject, url_for("enquiries.show", number=number))


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


def example(purpose: Purpose, reference: str) -> tuple[Subject | None, HistoryEntry | None]:
    """What a text is previewed with: the expression or the enquiry with a reference, and its newest entry of the step.

    Without a reference it is the newest that has had the step, else the newest of all.
    """
    kind: Any = Enquiry if purpose.folder == Enquiry.workflow.name else Expression
    key = getattr(HistoryEntry, kind.key_name)
    of_kind = select(HistoryEntry).where(HistoryEntry.trigger == purpose.kind, key.is_not(None))
    newest = of_kind.order_by(HistoryEntry.id.desc()).limit(1)
    sent = select(kind).where(kind.state != kind.workflow.initial)
    if reference:
        named = db.session.scalar(sent.where(kind.reference == reference))
        return named, db.session.scalar(newest.where(key == named.id)) if named else None
    entry = db.session.scalar(newest)
    if entry is not None:
        return db.session.get(kind, getattr(entry, kind.key_name)), entry
    return db.session.scalar(sent.order_by(kind.id.desc()).limit(1)), None
