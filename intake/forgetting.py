"""Erases by itself what is kept no longer, and what was asked to be erased; mail that belongs to nothing goes, too.

It changes no state itself: each erasure is a step of the system through the one door, in a transaction of its own.
"""

import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, literal, or_, select, update

from intake import retention, rounds, storage
from intake.advance import Stale, advance
from intake.erasing import LETTER, MESSAGE
from intake.extensions import db
from intake.models import SUBJECTS, Enquiry, Expression, Letter, ReceivedMessage, now
from intake.notifications.outbox import UNSETTLED
from intake.retention import Limits
from workflows.erasure import ERASED
from workflows.people import SYSTEM
from workflows.workflow import ERASE, NotPermitted, Refused

BATCH = 50
"""How many are looked up at a time; what comes due meanwhile is seen by the next sweep."""
MAIL_BATCH = 500
EVERY_SECONDS = 3_600
"""How long a process sleeps between two looks: keeping counts in days."""
Tell = Callable[[int], object]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Due:
    """A subject that is to be erased, as it was when it was looked up."""

    kind: type[Expression] | type[Enquiry]
    id: int
    version: int
    reference: str
    state: str
    is_asked: bool


@dataclass(frozen=True, slots=True)
class Forgotten:
    """How many subjects were erased, how many letters and messages were emptied, and how many were left for later."""

    erased: int = 0
    mail: int = 0
    left: int = 0


def due(at: datetime) -> Iterator[Due]:
    """Everything that is to be erased by now: expressions, then enquiries; read in batches, none of them locked."""
    until = retention.limits(at)
    yield from _due(Expression, retention.expressions_due(until), Expression.erasure_due_on.is_not(None))
    yield from _due(Enquiry, retention.enquiries_due(until), literal(False))


def _due(kind: type[Any], is_due: ColumnElement[bool], is_asked: ColumnElement[bool]) -> Iterator[Due]:
    columns = select(kind.id, kind.version, kind.reference, kind.state, is_asked).where(is_due).order_by(kind.id)
    last = 0
    while rows := _read(columns.where(kind.id > last).limit(BATCH)):
        last = rows[-1].id
        yield from (Due(kind, *row) for row in rows)


def _read(statement: Any) -> list[Any]:
    with storage.reading():
        rows = db.session.execute(statement).all()
        db.session.rollback()
    return list(rows)


def count(at: datetime) -> int:
    """How much is to be erased by now, mail included."""
    until = retention.limits(at)
    asked = ((Expression, retention.expressions_due(until)), (Enquiry, retention.enquiries_due(until)))
    found = [select(func.count()).select_from(kind).where(is_due) for kind, is_due in asked]
    found += [select(func.count()).select_from(kind).where(is_old) for kind, is_old in _old_mail(until)]
    return sum(_read(statement)[0][0] for statement in found)


def old_mail(at: datetime) -> int:
    """How many letters and messages, which belong to nothing, are to be emptied by now."""
    kinds = _old_mail(retention.limits(at))
    return sum(_read(select(func.count()).select_from(kind).where(is_old))[0][0] for kind, is_old in kinds)


def _nothing(moved: int) -> None:
    """Nobody watches."""


def sweep(at: datetime, *, stop: threading.Event | None = None, tell: Tell = _nothing) -> Forgotten:
    """Erase everything that is to be erased by now; commits one by one, and ends early when `stop` is set.

    One that is left is looked at again by the next sweep. Needs an app context.
    """
    erased = left = 0
    for each in due(at):
        if stop and stop.is_set():
            return Forgotten(erased, 0, left)
        taken = _erase(each, at)
        erased, left = erased + taken, left + (not taken)
        tell(1)
    return Forgotten(erased, _empty_mail(retention.limits(at), stop, tell), left)


def watch(stop: threading.Event, *, clock: Callable[[], datetime] = now) -> None:
    """Sweep until `stop` is set; needs an app context."""
    rounds.repeat(lambda: sweep(clock(), stop=stop), "erasures", every=EVERY_SECONDS, stop=stop)


def _erase(each: Due, at: datetime) -> bool:
    """Take the step; False when it was not to be, which the log says."""
    found = db.session.get(each.kind, each.id)
    subject = found if isinstance(found, Expression | Enquiry) else None
    if subject is None:
        return False
    try:
        advance(subject, ERASE, actor=SYSTEM, version=each.version, at=at)
    except (Refused, NotPermitted, Stale) as error:
        log.warning("%s is not erased: %s", each.reference, error)
        return False
    return True


def _old_mail(until: Limits) -> tuple[tuple[type[Any], ColumnElement[bool]], ...]:
    """Mail that belongs to no subject, with the condition that it is old and not emptied yet."""
    lone = and_(Letter.expression_id.is_(None), Letter.enquiry_id.is_(None), Letter.status.not_in(UNSETTLED))
    letters = and_(lone, Letter.created_at < until.mail, Letter.subject != ERASED)
    strange = and_(ReceivedMessage.expression_id.is_(None), ReceivedMessage.enquiry_id.is_(None))
    erased = (select(kind.id).where(kind.erased_at.is_not(None)) for kind in SUBJECTS)
    keys = (ReceivedMessage.expression_id, ReceivedMessage.enquiry_id)
    late = or_(*(key.in_(ids) for key, ids in zip(keys, erased, strict=True)))
    old = and_(or_(strange, late), ReceivedMessage.received_at < until.mail, ReceivedMessage.subject != ERASED)
    return (Letter, letters), (ReceivedMessage, old)


def _empty_mail(until: Limits, stop: threading.Event | None, tell: Tell) -> int:
    emptied = 0
    for (kind, is_old), empty in zip(_old_mail(until), (LETTER, MESSAGE), strict=True):
        while not (stop and stop.is_set()) and (rows := _read(select(kind.id).where(is_old).limit(MAIL_BATCH))):
            ids = [row.id for row in rows]
            db.session.execute(update(kind).where(kind.id.in_(ids)).values(empty))
            db.session.commit()
            emptied += len(ids)
            tell(len(ids))
    return emptied
