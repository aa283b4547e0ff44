"""Writes letters into the outbox and changes their fate by decisions of staff; it never opens a connection."""

import secrets
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import current_app
from sqlalchemy import ColumnElement, and_, exists, func, insert, or_, select, update
from sqlalchemy.orm import aliased

from intake.current import programme
from intake.extensions import db
from intake.models import (
    Expression,
    HistoryEntry,
    Letter,
    LetterAction,
    LetterEvent,
    LetterStatus,
    Subject,
    User,
    now,
)
from intake.notifications import texts
from intake.notifications.compose import Text, letter
from intake.notifications.invitation import calendar_file
from intake.notifications.recipients import Recipient, of_staff, recipients
from intake.notifications.texts import Texts
from workflows.expression import State
from workflows.people import Audience, Role
from workflows.workflow import Move, Transition

WAITING = (LetterStatus.HELD, LetterStatus.QUEUED)
UNSETTLED = (*WAITING, LetterStatus.SENDING)
WRITTEN = insert(Letter.metadata.tables[Letter.__tablename__])
"""Past the unit of work: nobody reads the letters of a step in the session that writes them."""
UNREAD = (LetterStatus.FAILED, LetterStatus.BOUNCED)
"""Nobody has read these, and nothing more is done about them by itself."""


def _row(text: Text, *, kind: str, audience: Audience, recipient: Recipient, about: Subject | None) -> dict[str, Any]:
    """The columns of a letter that leaves at once."""
    domain = programme().secretariat.sender.rpartition("@")[2]
    return {
        **({about.key_name: about.id} if about else {}),
        "kind": kind,
        "audience": audience,
        "recipient": recipient.address,
        "recipient_name": recipient.name,
        "language": text.language,
        "subject": " ".join(text.subject.split()),
        "body": text.body,
        "message_id": f"<{secrets.token_hex(16)}@{domain}>",
        "status": LetterStatus.QUEUED,
        "due_at": now(),
    }


def enqueue(entry: HistoryEntry, row: Transition[Any], move: Move) -> tuple[datetime, ...]:
    """Write one letter for each recipient of a stored step, in its transaction; gives when each of them leaves.

    All are written in one statement. Letters of a step that can be undone are held for the programme's undo minutes.
    Raises `LetterError`.
    """
    subject: Subject = move.subject
    held_for = timedelta(minutes=programme().call.undo_minutes if row.undoable else 0)
    held = {"status": LetterStatus.HELD, "due_at": entry.at.astimezone(UTC) + held_for} if held_for else {}
    known = texts.of(subject.workflow.name, entry.trigger)
    letters = [
        {
            **_of_step(entry, audience, recipient, about=subject, known=known),
            "calendar": _calendar(entry, row, audience, subject),
            **held,
        }
        for audience in row.tells
        for recipient in recipients(audience, subject)
    ]
    if letters:
        db.session.execute(WRITTEN, letters)
    return tuple(letter["due_at"] for letter in letters)


def _of_step(
    entry: HistoryEntry, audience: Audience, recipient: Recipient, *, about: Subject, known: Texts
) -> dict[str, Any]:
    kind, facts, before = entry.trigger, entry.facts, entry.before
    text = letter(kind, audience, recipient, facts=facts, before=before, about=about, written=known)
    return {**_row(text, kind=kind, audience=audience, recipient=recipient, about=about), "step_id": entry.id}


def _calendar(entry: HistoryEntry, row: Transition[Any], audience: Audience, about: Subject) -> str:
    """The calendar file of a letter that tells an applicant of a seat; no other letter has one."""
    if not isinstance(about, Expression) or audience is not Audience.APPLICANT or row.target is not State.CONFIRMED:
        return ""
    return calendar_file(about, version=entry.version, at=entry.at)


def is_held() -> ColumnElement[bool]:
    """It has not left and will not by itself at once: until the time of an undo has passed, or somebody releases it."""
    return or_(Letter.status == LetterStatus.HELD, and_(Letter.status == LetterStatus.QUEUED, Letter.kept_back))


def is_kept_back() -> ColumnElement[bool]:
    """Kept back by somebody, and not yet cancelled or replaced."""
    return Letter.kept_back & Letter.status.in_(WAITING)


def is_astray() -> ColumnElement[bool]:
    """Whether a letter failed or came back, and nobody has settled it or sent a copy since."""
    later = aliased(LetterEvent)
    is_newest = ~exists().where(later.letter_id == LetterEvent.letter_id, later.id > LetterEvent.id)
    is_settled = LetterEvent.action == LetterAction.SETTLED
    is_copied = LetterEvent.before["copy"].as_integer().is_not(None)
    seen_to = exists().where(LetterEvent.letter_id == Letter.id, is_newest, or_(is_settled, is_copied))
    return and_(Letter.status.in_(UNREAD), ~seen_to)


def astray_counts() -> dict[LetterStatus, int]:
    """How many letters have failed, and how many came back, that somebody is still to see to."""
    counted = select(Letter.status, func.count()).where(is_astray()).group_by(Letter.status)
    found = {status: count for status, count in db.session.execute(counted)}  # noqa: C416 - dict() loses the types
    return {status: found.get(status, 0) for status in UNREAD}


def take_back(step_id: int) -> None:
    """Cancel the held letters of an undone step; letters that it had superseded wait again, held anew."""
    held = update(Letter).where(Letter.step_id == step_id, is_held())
    db.session.execute(held.values(status=LetterStatus.CANCELLED, kept_back=False))
    due_at = now() + timedelta(minutes=programme().call.undo_minutes)
    superseded = update(Letter).where(Letter.superseded_by_id == step_id, Letter.status == LetterStatus.SUPERSEDED)
    again = superseded.values(status=LetterStatus.HELD, superseded_by_id=None, due_at=due_at)
    db.session.execute(again)
    on_their_way = update(Letter).where(Letter.superseded_by_id == step_id)
    db.session.execute(on_their_way.values(superseded_by_id=None))


def about(subject: Subject) -> ColumnElement[bool]:
    """The condition that a letter is about a subject."""
    key: ColumnElement[int] = getattr(Letter, subject.key_name)
    return key == subject.id


def supersede(subject: Subject, *, by: int) -> None:
    """Letters of earlier steps that have not left will not leave: the step with the id `by` says something else.

    One that is on its way may arrive; if the server does not take it, it is not tried again.
    """
    earlier = update(Letter).where(about(subject), Letter.step_id.is_not(None))
    waiting = earlier.where(Letter.status.in_(WAITING))
    db.session.execute(waiting.values(status=LetterStatus.SUPERSEDED, superseded_by_id=by))
    on_their_way = earlier.where(Letter.status == LetterStatus.SENDING)
    db.session.execute(on_their_way.values(superseded_by_id=by))


def _waiting_for(expression: Expression, address: str) -> list[int]:
    """The letters to an address of the applicant's that have not left, in whatever case it is written."""
    waiting = select(Letter.id, Letter.recipient).where(
        about(expression), Letter.audience == Audience.APPLICANT, Letter.status.in_(WAITING)
    )
    found = db.session.execute(waiting.with_for_update())
    return [id for id, recipient in found if recipient.lower() == address.lower()]


def stop(expression: Expression, address: str) -> None:
    """What has not left for an address of the applicant's will not leave."""
    waiting = update(Letter).where(Letter.id.in_(_waiting_for(expression, address)))
    db.session.execute(waiting.values(status=LetterStatus.CANCELLED, kept_back=False))


def redirect(expression: Expression, address: str, recipient: Recipient) -> None:
    """Letters of steps that have not left for an address go to another one."""
    waiting = update(Letter).where(Letter.id.in_(_waiting_for(expression, address)), Letter.step_id.is_not(None))
    db.session.execute(waiting.values(recipient=recipient.address, recipient_name=recipient.name))


def enqueue_link(
    expression: Expression, recipient: Recipient, *, kind: str = "link", facts: Mapping[str, Any] | None = None
) -> None:
    """Write the letter that brings an applicant a new link; it belongs to no step."""
    text = letter(kind, Audience.APPLICANT, recipient, facts=facts or {}, about=expression)
    db.session.add(Letter(**_row(text, kind=kind, audience=Audience.APPLICANT, recipient=recipient, about=expression)))


def enqueue_word(text: Text, *, kind: str, audience: Audience, recipient: Recipient, about: Subject | None) -> None:
    """Write a letter that tells staff of something that is no step."""
    db.session.add(Letter(**_row(text, kind=kind, audience=audience, recipient=recipient, about=about)))


def enqueue_test(address: str, text: Text) -> None:
    """Write a letter that shows whether mail arrives."""
    db.session.add(
        Letter(**_row(text, kind="test", audience=Audience.SECRETARIAT, recipient=Recipient(address), about=None))
    )


def enqueue_digest(user: User, text: Text) -> None:
    """Write the daily digest of a member of staff; it is about no single expression."""
    screens = Role.SCREENER in user.actor.roles
    audience = Audience.SCREENER if screens else Audience.SECRETARIAT
    db.session.add(Letter(**_row(text, kind="digest", audience=audience, recipient=of_staff(user), about=None)))


def resend(original: Letter) -> None:
    """Put a failed letter back into the queue, with its own text and Message-ID."""
    original.status, original.attempts, original.answer = LetterStatus.QUEUED, 0, ""
    original.due_at = original.tried_since = now()


def nudge() -> None:
    """Let the delivery of this process, if it has one, look at the outbox now; call it after a commit."""
    wake: Callable[[], None] | None = current_app.extensions.get("nudge_delivery")
    if wake is not None:
        wake()


def status_counts() -> dict[str, int]:
    """How many letters there are of each status that occurs."""
    counted = select(Letter.status, func.count()).group_by(Letter.status)
    counts = {status: count for status, count in db.session.execute(counted)}  # noqa: C416 - dict() loses the types
    return {status.value: counts[status] for status in LetterStatus if status in counts}


def oldest_waiting() -> datetime | None:
    """When the oldest letter was written that ought to have left and has not; None when there is none.

    One that somebody keeps back ought not to have left.
    """
    overdue = and_(Letter.status == LetterStatus.HELD, Letter.due_at <= now())
    late = or_(Letter.status.in_((LetterStatus.QUEUED, LetterStatus.SENDING)), overdue)
    return db.session.scalar(select(func.min(Letter.created_at)).where(late, ~Letter.kept_back))


def undo_until(held: Letter) -> datetime | None:
    """Until when the step of a held letter can be undone, as long as that is ahead."""
    waits = held.status is LetterStatus.HELD and held.step_id is not None and held.due_at > now()
    return held.due_at if waits else None
