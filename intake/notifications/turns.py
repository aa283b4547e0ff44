"""Which letters may leave now: those due, in their order, within the limit of a minute; it marks and sends nothing."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache, lru_cache
from typing import Any, NamedTuple

from flask import current_app
from sqlalchemy import ColumnElement, Select, String, and_, bindparam, cast, func, literal, or_, select, union_all
from sqlalchemy.orm import InstrumentedAttribute, aliased

from intake.current import programme
from intake.extensions import db
from intake.models import Enquiry, Expression, Letter, LetterStatus
from intake.models.base import UtcDateTime
from intake.notifications.outbox import UNSETTLED, WAITING
from workflows.people import Audience

LONGEST_PAUSE = timedelta(hours=12)
MINUTE = timedelta(minutes=1)
SHARES = 6
"""Of what may leave in a minute, one claim takes this share at most, so that a delivery that dies holds up little."""
ONE_AT_A_TIME = 0x70326C
"""The number of our lock in PostgreSQL; any would do."""

AT, FARTHEST = bindparam("at", type_=UtcDateTime()), bindparam("farthest", type_=UtcDateTime())
HAS_COME = Letter.due_at <= AT, Letter.due_at > FARTHEST
HAS_ENDED = or_(Letter.leased_until <= AT, Letter.leased_until > FARTHEST)
"""Held by a delivery that died."""
Oldest = Select[int, int | None, int | None, datetime]


class Due(NamedTuple):
    """What a delivery needs to know of a letter; to load whole ones takes longer."""

    id: int
    expression_id: int | None
    audience: Audience
    attempts: int
    kind: str
    tried_since: datetime
    recipient: str
    recipient_name: str
    language: str
    subject: str
    body: str
    message_id: str
    calendar: str


def take(at: datetime, limit: int) -> Sequence[Due]:
    """Lock letters that are due, passing over those that somebody else holds. On SQLite, the transaction is the lock.

    What they are about comes first, as in a step: it holds its expression or enquiry and then wants the letters, and
    a link that is minted holds its expression too. Letters about what is in mid-step wait for the next round.
    """
    limit = _within_the_minute(at, limit)
    times = {"at": at, "farthest": _farthest(at)}
    due = db.session.execute(_oldest_due(limit), times).all() if limit else []
    if not due:
        return []
    expressions = _quiet(Expression.id, {about for _id, about, _enquiry in due})
    enquiries = _quiet(Enquiry.id, {about for _id, _expression, about in due})
    free = [id for id, expression, enquiry in due if expression in expressions and enquiry in enquiries]
    return [Due._make(row) for row in db.session.execute(_still_due(), {**times, "free": free})]


def _quiet(key: InstrumentedAttribute[int], asked: set[int | None]) -> set[int | None]:
    """Those of the subjects asked for that are in no step, locked; None, for letters about nothing, always is."""
    ids = asked - {None}
    if not ids:
        return {None}
    free = select(key).where(key.in_(ids)).with_for_update(read=True, key_share=True, skip_locked=True)
    return {None, *db.session.scalars(free)}


def _within_the_minute(at: datetime, limit: int) -> int:
    """How many letters may be claimed by INTAKE_MAIL_PER_MINUTE, which all processes keep together.

    What has left in the last minute counts, and what is on its way; of a delivery that died, until its lease ends.
    Times ahead of us come from another clock: far ahead, from a wrong one.
    """
    most: int = current_app.config["MAIL_PER_MINUTE"]
    if not most:
        return limit
    if db.engine.dialect.name == "postgresql":
        db.session.execute(select(func.pg_advisory_xact_lock(ONE_AT_A_TIME)))
    has_left = Letter.sent_at.between(at - MINUTE, at + MINUTE)
    is_leaving = and_(
        Letter.status == LetterStatus.SENDING, Letter.leased_until > at, Letter.leased_until <= _farthest(at)
    )
    counted = [
        select(func.count()).select_from(Letter).where(each).scalar_subquery() for each in (has_left, is_leaving)
    ]
    taken: int = db.session.execute(select(counted[0] + counted[1])).scalar_one()
    return max(0, min(limit, max(1, most // SHARES), most - taken))


@lru_cache(maxsize=8)
def _oldest_due(limit: int) -> Select[int, int | None, int | None]:
    """The oldest due letters and what they are about.

    Read along the index of status and time, so that neither what was sent nor what waits makes it slower.
    """
    ways = [_oldest(LetterStatus.SENDING, HAS_ENDED, limit)]
    for status in WAITING:
        ways += [_oldest(status, and_(when, ~Letter.kept_back), limit) for when in HAS_COME]
    found = union_all(*ways).subquery()
    about = select(found.c.id, found.c.expression_id, found.c.enquiry_id)
    return about.order_by(found.c.due_at, found.c.id).limit(limit)


def _oldest(status: LetterStatus, condition: ColumnElement[bool], limit: int) -> Oldest:
    """Status and limit are part of the words, so that PostgreSQL's plan reckons with them."""
    said = literal(status, Letter.status.type, literal_execute=True)
    columns = select(Letter.id, Letter.expression_id, Letter.enquiry_id, Letter.due_at)
    first = columns.where(Letter.status == said, condition, _is_next()).order_by(Letter.due_at, Letter.id)
    return select(first.limit(literal(limit, literal_execute=True)).subquery())


@cache
def _still_due() -> Select[Any]:
    """Those of the letters `free` that are due now that nobody changes them any more."""
    status = cast(Letter.status, String)  # as a text it has no index, by which SQLite would read all that waits
    waits = and_(status.in_([each.value for each in WAITING]), ~Letter.kept_back, or_(*HAS_COME))
    may_leave = or_(waits, and_(status == LetterStatus.SENDING.value, HAS_ENDED))
    chosen = select(*(getattr(Letter, name) for name in Due._fields)).where(
        Letter.id.in_(bindparam("free", expanding=True)), may_leave, _is_next()
    )
    return chosen.order_by(Letter.due_at, Letter.id).with_for_update(skip_locked=True)


def _farthest(at: datetime) -> datetime:
    """No time that we set is further off; whatever is comes from a wrong clock."""
    return at + LONGEST_PAUSE + timedelta(minutes=programme().call.undo_minutes)


@cache
def _is_next() -> ColumnElement[bool]:
    """No earlier letter about the same subject to the same recipient waits; one that belongs to no step is always."""
    before = [_waits_before(key) for key in ("expression_id", "enquiry_id")]
    return or_(Letter.step_id.is_(None), and_(*(~each for each in before)))


def _waits_before(key: str) -> ColumnElement[bool]:
    earlier = aliased(Letter)
    return (
        select(earlier.id)
        .where(
            getattr(earlier, key) == getattr(Letter, key),
            earlier.recipient == Letter.recipient,
            earlier.id < Letter.id,
            earlier.step_id.is_not(None),
            earlier.status.in_(UNSETTLED),
        )
        .exists()
    )
