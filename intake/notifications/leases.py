"""Which letters a delivery holds, for how long, and what became of each; it opens no connection."""

import logging
import secrets
import time
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from flask import current_app
from sqlalchemy import ColumnElement, and_, case, delete, or_, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import aliased

from intake import links
from intake.current import programme
from intake.extensions import db
from intake.models import LINK, AccessLink, Expression, Letter, LetterStatus, now
from intake.notifications.outbox import UNSETTLED, WAITING
from workflows.people import Audience

LEASE = timedelta(minutes=10)
LONGEST_PAUSE = timedelta(hours=12)
LAST_ATTEMPT = 18
"""The pauses before it add up to more than three days however the dice fall; no clock can shorten them."""
GIVE_UP_AFTER = timedelta(days=3)
SHORTEST_WAIT, LONGEST_WAIT = timedelta(seconds=20), timedelta(minutes=10)
"""Bounds of the wait for a server that is away: it is told by one connection, so we may ask often."""
LONGEST_ANSWER = 1000
TRIES_TO_NOTE, ASK_AGAIN_SECONDS = 4, 0.5

log = logging.getLogger(__name__)
dice = secrets.SystemRandom()


@dataclass(frozen=True, slots=True)
class Leased:
    """A letter that this delivery may send until its lease ends. `link` is the applicant's own, and known only here."""

    id: int
    lease: str
    attempts: int
    tried_since: datetime
    recipient: str
    recipient_name: str
    language: str
    subject: str
    body: str
    message_id: str
    calendar: str = field(default="", repr=False)
    link: str = field(default="", repr=False)
    link_id: int | None = None


def claim(limit: int) -> list[Leased]:
    """Lease the oldest letters that are due, mint their links, and commit the session of this context.

    A letter waits for every earlier one about the same subject to the same recipient; one that belongs to no
    step, such as a new link that was asked for, neither waits nor is waited for.
    """
    try:
        rows = _taken(now(), limit)
        lease = str(uuid.uuid4())
        minted = [_lease(letter, lease) for letter in rows]
        db.session.flush()
        leased = [_copy(letter, *found) for letter, found in zip(rows, minted, strict=True)]
        db.session.commit()
    except BaseException:
        db.session.rollback()
        raise
    return leased


def _taken(at: datetime, limit: int) -> Sequence[Letter]:
    """Lock letters that are due, passing over those that somebody else holds. On SQLite, the transaction is the lock.

    The expressions come first, as in a step: it holds its expression and then wants the letters, and a link that is
    minted holds its expression too. Letters of an expression in mid-step wait for the next round.
    """
    oldest = select(Letter.id, Letter.expression_id).where(_may_leave(at), _is_next())
    found = db.session.execute(oldest.order_by(Letter.due_at, Letter.id).limit(limit))
    due = {id: about for id, about in found}  # noqa: C416 - dict() loses the types
    if not due:
        return []
    subjects = select(Expression.id).where(Expression.id.in_(filter(None, due.values())))
    quiet = db.session.scalars(subjects.with_for_update(read=True, key_share=True, skip_locked=True)).all()
    chosen = select(Letter).where(Letter.id.in_([id for id, about in due.items() if about is None or about in quiet]))
    still_due = chosen.where(_may_leave(at), _is_next()).order_by(Letter.due_at, Letter.id)
    locked = still_due.with_for_update(skip_locked=True).execution_options(populate_existing=True)
    return db.session.scalars(locked).all()


def _may_leave(at: datetime) -> ColumnElement[bool]:
    """Due and not kept back, or held by a delivery that died.

    Times further off than we ever set them come from a wrong clock.
    """
    farthest = at + LONGEST_PAUSE + timedelta(minutes=programme().call.undo_minutes)
    due = or_(Letter.due_at <= at, Letter.due_at > farthest)
    ended = or_(Letter.leased_until <= at, Letter.leased_until > farthest)
    waits, is_held = and_(Letter.status.in_(WAITING), ~Letter.kept_back), Letter.status == LetterStatus.SENDING
    return and_(Letter.status.in_(UNSETTLED), or_(and_(waits, due), and_(is_held, ended)))


def _is_next() -> ColumnElement[bool]:
    earlier = aliased(Letter)
    before = select(earlier.id).where(
        or_(earlier.expression_id == Letter.expression_id, earlier.enquiry_id == Letter.enquiry_id),
        earlier.recipient == Letter.recipient,
        earlier.id < Letter.id,
        earlier.step_id.is_not(None),
        earlier.status.in_(UNSETTLED),
    )
    return or_(Letter.step_id.is_(None), ~before.exists())


def _lease(letter: Letter, lease: str) -> tuple[AccessLink | None, str]:
    """Mark the letter as held; the link minted for it, if it carries one, and its address."""
    letter.status, letter.attempts = LetterStatus.SENDING, letter.attempts + 1
    letter.lease_token, letter.leased_until = lease, now() + LEASE
    carries = letter.audience is Audience.APPLICANT and LINK in (line.strip() for line in letter.body.split("\n"))
    if not carries or letter.expression_id is None:
        return None, ""
    link, token = links.mint(letter.expression_id, letter.recipient, letter_id=letter.id)
    return link, f"{current_app.config['BASE_URL']}/link/{token}"


def _copy(letter: Letter, link: AccessLink | None, address: str) -> Leased:
    return Leased(
        id=letter.id,
        lease=letter.lease_token or "",
        attempts=letter.attempts,
        tried_since=letter.tried_since,
        recipient=letter.recipient,
        recipient_name=letter.recipient_name,
        language=letter.language,
        subject=letter.subject,
        body=letter.body,
        message_id=letter.message_id,
        calendar=letter.calendar,
        link=address,
        link_id=link.id if link else None,
    )


def note_sent(letter: Leased, answer: str) -> None:
    """The server has it."""
    changes = {"status": LetterStatus.SENT, "sent_at": now(), "superseded_by_id": None, "answer": _short(answer)}
    _note(letter, changes, keep_link=True)


def note_failed(letter: Leased, answer: str) -> None:
    """It will not be tried again unless staff resend it."""
    _note(letter, {"status": LetterStatus.FAILED, "answer": _short(answer)}, keep_link=False)


def note_postponed(letter: Leased, answer: str, *, keep_link: bool) -> bool:
    """It is tried again after a pause that doubles each time; False: that was the last attempt, and it has failed.

    `keep_link`: nobody knows whether the server has the letter, so the link in it must go on working.
    """
    if letter.attempts >= LAST_ATTEMPT:
        words = f"Given up after {letter.attempts} attempts in more than three days. The last answer: {answer}"
        _note(letter, {"status": LetterStatus.FAILED, "answer": _short(words)}, keep_link=keep_link)
        return False
    due_at = now() + pause(letter.attempts)
    _note(letter, {"status": _again(), "due_at": due_at, "answer": _short(answer)}, keep_link=keep_link)
    return True


def put_off(letters: Iterable[Leased], answer: str) -> int:
    """Give letters back that no server was asked about; how many of them have waited too long and have failed."""
    failed = 0
    for letter in letters:
        if now() - letter.tried_since >= GIVE_UP_AFTER:
            failed += 1
            note_failed(letter, f"Given up after three days. {answer}")
            continue
        due_at = now() + wait(now() - letter.tried_since)
        changes = {"status": _again(), "due_at": due_at, "attempts": letter.attempts - 1, "answer": _short(answer)}
        _note(letter, changes, keep_link=False)
    return failed


def give_back(letters: Sequence[Leased]) -> None:
    """Let another delivery take letters that this one has not begun to send."""
    for letter in letters:
        _note(letter, {"status": _again(), "due_at": now(), "attempts": letter.attempts - 1}, keep_link=False)


def pause(attempts: int) -> timedelta:
    """How long a letter waits after this many attempts: a minute, doubling, give or take a fifth, at most 12 hours."""
    doubled = min(timedelta(minutes=2 ** min(attempts - 1, 10)), LONGEST_PAUSE)
    return min(doubled * dice.uniform(0.8, 1.2), LONGEST_PAUSE)


def wait(age: timedelta) -> timedelta:
    """How long to wait for a server that is away, by the age of the letter; give or take a fifth."""
    return min(max(age / 8, SHORTEST_WAIT), LONGEST_WAIT) * dice.uniform(0.8, 1.2)


def _again() -> ColumnElement[str]:
    """Waiting once more, unless a later step has superseded the letter while it was on its way."""
    superseded = Letter.superseded_by_id.is_not(None)
    return case((superseded, LetterStatus.SUPERSEDED.value), else_=LetterStatus.QUEUED.value)


def _short(answer: str) -> str:
    return " ".join(answer.replace("\0", "").split())[:LONGEST_ANSWER]


def _note(letter: Leased, changes: Mapping[str, Any], *, keep_link: bool) -> None:
    """Write a letter's fate in a transaction of its own; a database that is away for a moment is asked again."""
    for remaining in reversed(range(TRIES_TO_NOTE)):
        try:
            _write(letter, changes, keep_link=keep_link)
        except OperationalError:
            db.session.rollback()
            if not remaining:
                raise
            time.sleep(ASK_AGAIN_SECONDS)
        else:
            return


def _write(letter: Leased, changes: Mapping[str, Any], *, keep_link: bool) -> None:
    ours = update(Letter).where(Letter.id == letter.id, Letter.lease_token == letter.lease)
    fate = ours.values(lease_token=None, leased_until=None, **changes).returning(Letter.id)
    known = db.session.scalar(fate, execution_options={"synchronize_session": False})
    db.session.commit()
    if known is None:
        log.warning("letter %s: another delivery holds it by now; its fate is not ours to write", letter.id)
    if letter.link_id is not None and not keep_link:
        db.session.execute(delete(AccessLink).where(AccessLink.id == letter.link_id, AccessLink.claimed_at.is_(None)))
        db.session.commit()
