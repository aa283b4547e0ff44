"""Which letters a delivery holds, for how long, and what became of each; it opens no connection."""

import logging
import secrets
import time
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from flask import current_app
from sqlalchemy import Update, bindparam, case, update
from sqlalchemy.exc import OperationalError

from intake import links
from intake.extensions import db
from intake.models import LINK, Letter, LetterStatus, now
from intake.notifications import noting, turns
from intake.notifications.turns import LONGEST_PAUSE, Due
from workflows.people import Audience

LEASE = timedelta(minutes=10)
LAST_ATTEMPT = 18
"""The pauses before it add up to more than three days however the dice fall; no clock can shorten them."""
GIVE_UP_AFTER = timedelta(days=3)
SHORTEST_WAIT, LONGEST_WAIT = timedelta(seconds=20), timedelta(minutes=10)
"""Bounds of the wait for a server that is away: it is told by one connection, so we may ask often."""
LONGEST_ANSWER = 1000
TRIES_TO_NOTE, ASK_AGAIN_SECONDS = 4, 0.5

log = logging.getLogger(__name__)
AGAIN = case((Letter.superseded_by_id.is_not(None), LetterStatus.SUPERSEDED.value), else_=LetterStatus.QUEUED.value)

dice = secrets.SystemRandom()


@dataclass(frozen=True, slots=True)
class Leased:
    """A letter that this delivery may send until its lease ends. `link` is the applicant's own, and known only here."""

    id: int
    lease: str
    attempts: int
    kind: str
    tried_since: datetime
    recipient: str
    recipient_name: str
    language: str
    subject: str
    body: str
    message_id: str
    calendar: str = field(default="", repr=False)
    link: str = field(default="", repr=False)
    link_hash: str = ""


def claim(limit: int) -> list[Leased]:
    """Lease the oldest letters that are due, mint their links, and commit the session of this context.

    A letter waits for every earlier one about the same subject to the same recipient; one that belongs to no
    step, such as a new link that was asked for, neither waits nor is waited for.
    """
    try:
        rows = turns.take(now(), limit)
        lease = str(uuid.uuid4())
        _hold([letter.id for letter in rows], lease)
        minted = _minted(rows)
        leased = [_copy(letter, lease, minted.get(letter.id)) for letter in rows]
        db.session.commit()
    except BaseException:
        db.session.rollback()
        raise
    return leased


def _hold(ids: Sequence[int], lease: str) -> None:
    held = (
        update(Letter)
        .where(Letter.id.in_(ids))
        .values(
            status=LetterStatus.SENDING, attempts=Letter.attempts + 1, lease_token=lease, leased_until=now() + LEASE
        )
    )
    if ids:
        db.session.execute(held, execution_options={"synchronize_session": False})


def _minted(letters: Sequence[Due]) -> dict[int, links.Minted]:
    """The links of those letters that carry one."""
    carriers = [
        links.Carrier(letter.id, letter.expression_id, letter.recipient)
        for letter in letters
        if letter.expression_id is not None and _carries_link(letter)
    ]
    minted = links.mint_for_letters(carriers)
    return {letter.letter_id: link for letter, link in zip(carriers, minted, strict=True)}


def _carries_link(letter: Due) -> bool:
    lines = letter.body.split("\n") if LINK in letter.body else []
    return letter.audience is Audience.APPLICANT and LINK in map(str.strip, lines)


def _copy(letter: Due, lease: str, link: links.Minted | None) -> Leased:
    """What the row is from now on; it was held in one statement that the one read before knows nothing of."""
    return Leased(
        id=letter.id,
        lease=lease,
        attempts=letter.attempts + 1,
        kind=letter.kind,
        tried_since=letter.tried_since,
        recipient=letter.recipient,
        recipient_name=letter.recipient_name,
        language=letter.language,
        subject=letter.subject,
        body=letter.body,
        message_id=letter.message_id,
        calendar=letter.calendar,
        link=f"{current_app.config['BASE_URL']}/link/{link.token}" if link else "",
        link_hash=link.token_hash if link else "",
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
    _note(letter, {"due_at": due_at, "answer": _short(answer)}, keep_link=keep_link)
    return True


def put_off(letters: Iterable[Leased], answer: str, *, patiently: bool = False) -> int:
    """Give letters back that no server was asked about; how many of them have waited too long and have failed.

    `patiently`: none has, for the fault is ours and no server's.
    """
    failed = 0
    for letter in letters:
        if not patiently and now() - letter.tried_since >= GIVE_UP_AFTER:
            failed += 1
            note_failed(letter, f"Given up after three days. {answer}")
            continue
        due_at = now() + wait(now() - letter.tried_since)
        changes = {"due_at": due_at, "attempts": letter.attempts - 1, "answer": _short(answer)}
        _note(letter, changes, keep_link=False)
    return failed


def give_back(letters: Sequence[Leased]) -> None:
    """Let another delivery take letters that this one has not begun to send."""
    for letter in letters:
        _note(letter, {"due_at": now(), "attempts": letter.attempts - 1}, keep_link=False)


def pause(attempts: int) -> timedelta:
    """How long a letter waits after this many attempts: a minute, doubling, give or take a fifth, at most 12 hours."""
    doubled = min(timedelta(minutes=2 ** min(attempts - 1, 10)), LONGEST_PAUSE)
    return min(doubled * dice.uniform(0.8, 1.2), LONGEST_PAUSE)


def wait(age: timedelta) -> timedelta:
    """How long to wait for a server that is away, by the age of the letter; give or take a fifth."""
    return min(max(age / 8, SHORTEST_WAIT), LONGEST_WAIT) * dice.uniform(0.8, 1.2)


def _short(answer: str) -> str:
    return " ".join(answer.replace("\0", "").split())[:LONGEST_ANSWER]


def _note(letter: Leased, changes: Mapping[str, Any], *, keep_link: bool) -> None:
    """Write a letter's fate in a transaction of its own; a database that is away for a moment is asked again."""
    for remaining in reversed(range(TRIES_TO_NOTE)):
        try:
            _write(letter, changes, keep_link=keep_link)
        except OperationalError:
            if not remaining:
                raise
            time.sleep(ASK_AGAIN_SECONDS)
        else:
            return


def _write(letter: Leased, changes: Mapping[str, Any], *, keep_link: bool) -> None:
    fate = {"lease_token": None, "leased_until": None, **changes}
    new = {f"new_{name}": value for name, value in fate.items()}
    others: list[noting.Note] = []
    if letter.link_hash and not keep_link:
        others.append((links.UNUSED, {"of": letter.link_hash}))
    with noting.notes() as notes:
        known = notes.write(_fate(*fate), {"of": letter.id, "held_by": letter.lease, **new}, *others)
    if not known:
        log.warning("letter %s: another delivery holds it by now; its fate is not ours to write", letter.id)


@lru_cache(maxsize=16)
def _fate(*columns: str) -> Update:
    """The statement that writes these columns of a letter while the lease is ours; made once, for making it takes long.

    Without a status the letter waits again, unless a later step has superseded it while it was on its way.
    """
    ours = update(Letter).where(Letter.id == bindparam("of"), Letter.lease_token == bindparam("held_by"))
    kinds = Letter.__table__.c
    new = {name: bindparam(f"new_{name}", type_=kinds[name].type) for name in columns}
    return ours.values({"status": AGAIN, **new})
