"""Reads enquiries, in a number of statements that does not grow with their rows; it changes nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import abort
from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import selectinload

from intake.extensions import db
from intake.keyset import Cursor, Order, Page
from intake.models import Enquiry, Expression, ReceivedMessage
from workflows.enquiry import STORED, WAITING, State

PAGE = 25
MOST_SHOWN = 50
OLDEST_FIRST = Order(Enquiry.state_since, Enquiry.id)
NEWEST_FIRST = Order(Enquiry.state_since, Enquiry.id, newest_first=True)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which enquiries somebody looks for; nothing found wrong in it is asked twice."""

    states: frozenset[State] = WAITING
    words: str = ""

    @property
    def order(self) -> Order:
        """Those that wait: the longest wait first. Others: what happened last first."""
        return OLDEST_FIRST if self.states == WAITING else NEWEST_FIRST

    def conditions(self) -> list[ColumnElement[bool]]:
        """The words as conditions; a part of an address, a name, a subject or a reference is found in either case."""
        if not self.words:
            return []
        columns = (Enquiry.email, Enquiry.name, Enquiry.subject, Enquiry.reference)
        return [or_(*(func.lower(each).contains(self.words.lower(), autoescape=True) for each in columns))]


def enquiries(wanted: Wanted, cursor: Cursor | None) -> Page[Enquiry]:
    """One page, from the index of each state."""
    order, conditions = wanted.order, wanted.conditions()
    keys = select(Enquiry.state_since, Enquiry.id).where(*conditions)
    lists: list[Any] = [keys.where(Enquiry.state == state) for state in State if state in wanted.states]
    ids = [row.id for row in db.session.execute(order.merged(lists, cursor, PAGE + 1))]
    found = {each.id: each for each in db.session.scalars(select(Enquiry).where(Enquiry.id.in_(ids)))}
    return order.paged([found[id] for id in ids if id in found], cursor, PAGE)


def counts() -> Mapping[State, int]:
    """How many enquiries there are in each state."""
    numbers = select(Enquiry.state, func.count()).group_by(Enquiry.state)
    by_state = {state: number for state, number in db.session.execute(numbers)}  # noqa: C416 - dict() loses the types
    return {state: by_state.get(state, 0) for state in State if state in STORED}


def enquiry_or_404(reference: str) -> Enquiry:
    """One enquiry with its history and its letters, read anew."""
    whole = select(Enquiry).options(selectinload(Enquiry.history), selectinload(Enquiry.letters))
    found = whole.where(Enquiry.reference == reference)
    enquiry = db.session.scalar(found.execution_options(populate_existing=True))
    if enquiry is None:
        abort(404)
    return enquiry


def expression_of(enquiry: Enquiry) -> tuple[str, str] | None:
    """Reference and organisation of the expression that it is about."""
    named = select(Expression.reference, Expression.organisation_name).where(Expression.id == enquiry.expression_id)
    row = db.session.execute(named).one_or_none() if enquiry.expression_id else None
    return None if row is None else (row.reference, row.organisation_name)


def mail_of(enquiry: Enquiry) -> Sequence[ReceivedMessage]:
    """The newest messages that belong to it, newest first, without their bytes."""
    mine = select(ReceivedMessage).where(ReceivedMessage.enquiry_id == enquiry.id)
    return db.session.scalars(mine.order_by(ReceivedMessage.id.desc()).limit(MOST_SHOWN)).all()
