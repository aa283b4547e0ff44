"""What staff do to one letter by hand, with who and when; each under a lock, and refused once the letter has left.

It sends nothing and leaves the commit to its caller.
"""

import re
import secrets
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, select

from intake.current import programme
from intake.extensions import db
from intake.models import LINK, SUBJECTS, Letter, LetterAction, LetterEvent, LetterStatus, now
from intake.notifications import outbox
from intake.notifications.compose import LONGEST_SUBJECT
from intake.notifications.outbox import UNREAD, UNSETTLED, WAITING
from workflows.people import Actor
from workflows.workflow import Reason, Refused

CONTROL = re.compile(r"[\x00-\x1f\x7f]")
NOT_FAILED = Reason("not_failed", "Only a letter that has failed is sent again; this one has not, or no longer.")
NOT_ASTRAY = Reason(
    "not_astray", "Only a letter that has failed or came back is settled; this one has not, or no longer."
)
LEFT = (LetterStatus.SENT, LetterStatus.BOUNCED)
WAS_SENT = Reason("was_sent", "This letter was sent. Confirm that the recipient shall get a second copy of it.")
NOT_HELD = Reason("not_held", "Only a held letter is changed. Keep this one back first.")
IS_KEPT = Reason("is_kept", "This letter is kept back already.")
IS_ON_ITS_WAY = Reason("on_its_way", "Nobody keeps this letter back: it waits to be sent already.")
HANDLED = Reason(
    "handled",
    "Somebody has handled this letter since you opened it. Look at it as it is now, and press again if you still want "
    "to.",
)
OVER = {
    LetterStatus.SENDING: Reason(
        "sending", "This letter is being sent at this moment, so it can no longer be changed."
    ),
    LetterStatus.SENT: Reason("sent", "This letter has left, so it can no longer be changed."),
    LetterStatus.BOUNCED: Reason(
        "bounced", "This letter came back undelivered. A copy can be sent, but it stays as it is."
    ),
    LetterStatus.FAILED: Reason("failed", "This letter has failed. It can be sent again, but not changed."),
    LetterStatus.CANCELLED: Reason("cancelled", "This letter was cancelled, so it will not leave."),
    LetterStatus.SUPERSEDED: Reason("superseded", "A later letter has replaced this one, so it will not leave."),
}
UNREASONED = Reason("unreasoned", "Give a reason: whoever looks for this letter later will read it.")
UNCHANGED = Reason("unchanged", "The words are the same as before.")
NO_WORDS = Reason("no_words", "A letter needs a subject on one line, and a text.")
LINK_GONE = Reason(
    "link_gone",
    "The line “%(link)s” must stay in the text exactly once, alone on its line: the recipient's own link stands there.",
    {"link": LINK},
)
NO_LINK = Reason("no_link", "This letter brings no link, so “%(link)s” cannot stand in it.", {"link": LINK})


def locked(letter_id: int) -> Letter | None:
    """A letter that nobody else changes until this transaction ends.

    What it is about comes first, as in a step, so that the two never wait for each other.
    """
    for kind in SUBJECTS:
        key: ColumnElement[int] = getattr(Letter, kind.key_name)
        subject = select(kind.id).join(Letter, key == kind.id).where(Letter.id == letter_id)
        db.session.execute(subject.with_for_update(read=True, key_share=True, of=kind))
    return db.session.get(Letter, letter_id, with_for_update=True, populate_existing=True)


def events(letter: Letter) -> Sequence[LetterEvent]:
    """What was done to a letter by hand, newest first."""
    mine = select(LetterEvent).where(LetterEvent.letter_id == letter.id)
    return db.session.scalars(mine.order_by(LetterEvent.id.desc())).all()


def mark(letter: Letter) -> int:
    """A number that grows with each thing done by hand; it is never 0."""
    newest = select(LetterEvent.id).where(LetterEvent.letter_id == letter.id).order_by(LetterEvent.id.desc())
    return (db.session.scalar(newest.limit(1)) or 0) + 1


def in_front(letter: Letter) -> Letter | None:
    """The earlier letter about the same subject to the same recipient for which this one waits."""
    if letter.step_id is None or letter.status not in WAITING:
        return None
    of_enquiry = letter.enquiry_id is not None
    earlier = select(Letter).where(
        Letter.enquiry_id == letter.enquiry_id if of_enquiry else Letter.expression_id == letter.expression_id,
        Letter.recipient == letter.recipient,
        Letter.id < letter.id,
        Letter.step_id.is_not(None),
        Letter.status.in_(UNSETTLED),
    )
    return db.session.scalars(earlier.order_by(Letter.id).limit(1)).first()


def carries_link(body: str) -> bool:
    """Whether the recipient's own link will stand in a text."""
    return LINK in (line.strip() for line in body.split("\n"))


def hold(letter: Letter, *, by: Actor, seen: int) -> None:
    """Keep a waiting letter back until somebody releases it, whatever its time. Raises `Refused`."""
    _check(letter, seen)
    if letter.kept_back:
        raise Refused([IS_KEPT])
    letter.status, letter.kept_back = LetterStatus.HELD, True
    _note(letter, LetterAction.HELD, by)


def edit(letter: Letter, subject: str, body: str, *, by: Actor, seen: int) -> None:
    """Change the words of a held letter. Raises `Refused`."""
    _check(letter, seen)
    if letter.status is not LetterStatus.HELD:
        raise Refused([NOT_HELD])
    subject, body = subject.strip(), body.strip() + "\n"
    reasons = _faults(letter, subject, body)
    if reasons:
        raise Refused(reasons)
    _note(letter, LetterAction.EDITED, by, before={"subject": letter.subject, "body": letter.body})
    letter.subject, letter.body = subject, body


def _faults(letter: Letter, subject: str, body: str) -> list[Reason]:
    if (subject, body) == (letter.subject, letter.body):
        return [UNCHANGED]
    found = []
    is_line = len(subject.splitlines()) == 1 and not CONTROL.search(subject)
    if not is_line or len(subject) > LONGEST_SUBJECT or not body.strip():
        found.append(NO_WORDS)
    stands = [line.strip() for line in body.split("\n")].count(LINK)
    is_there = carries_link(letter.body)
    if f"{subject}\n{body}".count(LINK) != stands or stands != int(is_there):
        found.append(LINK_GONE if is_there else NO_LINK)
    return found


def release(letter: Letter, *, at_once: bool, by: Actor, seen: int) -> None:
    """Let a held letter leave: now, which ends the time in which its step can be undone, or when it is due.

    The days after which delivery gives up count from now on. Raises `Refused`.
    """
    _check(letter, seen)
    if letter.status is not LetterStatus.HELD and not letter.kept_back:
        raise Refused([IS_ON_ITS_WAY])
    letter.kept_back, letter.tried_since = False, now()
    if at_once:
        letter.status, letter.due_at = LetterStatus.QUEUED, letter.tried_since
    _note(letter, LetterAction.RELEASED, by)


def cancel(letter: Letter, reason: str, *, by: Actor, seen: int) -> None:
    """Let a waiting letter never leave. Raises `Refused`."""
    _check(letter, seen)
    if not reason.strip():
        raise Refused([UNREASONED])
    letter.status, letter.kept_back = LetterStatus.CANCELLED, False
    _note(letter, LetterAction.CANCELLED, by, reason=reason.strip())


def settle(letter: Letter, reason: str, *, by: Actor, seen: int) -> None:
    """Let a letter that failed or came back wait for nobody any more; it stays what it is. Raises `Refused`."""
    if letter.status not in UNREAD:
        raise Refused([NOT_ASTRAY])
    _check_seen(letter, seen)
    if not reason.strip():
        raise Refused([UNREASONED])
    _note(letter, LetterAction.SETTLED, by, reason=reason.strip())


def resend(letter: Letter, *, as_copy: bool, by: Actor, seen: int) -> Letter:
    """Send a failed letter again, or a copy of one that left; gives what will leave. Raises `Refused`."""
    if letter.status in LEFT:
        if not as_copy:
            raise Refused([WAS_SENT])
        _check_seen(letter, seen)
        return _copied(letter, by)
    if letter.status is not LetterStatus.FAILED:
        raise Refused([NOT_FAILED])
    outbox.resend(letter)
    _note(letter, LetterAction.RESENT, by)
    return letter


def _copied(letter: Letter, by: Actor) -> Letter:
    """A letter of the same words that belongs to no step, so that no undo and no later step takes it back."""
    same = (
        "expression_id",
        "enquiry_id",
        "kind",
        "audience",
        "recipient",
        "recipient_name",
        "language",
        "subject",
        "body",
        "calendar",
    )
    domain = programme().secretariat.sender.rpartition("@")[2]
    copy = Letter(
        **{name: getattr(letter, name) for name in same},
        message_id=f"<{secrets.token_hex(16)}@{domain}>",
        status=LetterStatus.QUEUED,
        due_at=now(),
    )
    db.session.add(copy)
    db.session.flush()
    _note(letter, LetterAction.RESENT, by, before={"copy": copy.id})
    _note(copy, LetterAction.RESENT, by, before={"original": letter.id})
    return copy


def _check(letter: Letter, seen: int) -> None:
    """Refuse what has left, and what somebody else has handled since it was seen."""
    if letter.status not in WAITING:
        raise Refused([OVER[letter.status]])
    _check_seen(letter, seen)


def _check_seen(letter: Letter, seen: int) -> None:
    if mark(letter) != seen:
        raise Refused([HANDLED])


def _note(
    letter: Letter, action: LetterAction, by: Actor, *, reason: str = "", before: dict[str, Any] | None = None
) -> None:
    db.session.add(
        LetterEvent(
            letter_id=letter.id,
            user_id=by.user_id,
            actor_name=by.name,
            action=action,
            reason=reason,
            before=before or {},
        )
    )
