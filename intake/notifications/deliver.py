"""Sends the letters that are due and writes down what became of each; it composes nothing and decides nothing."""

import logging
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

from flask import current_app
from sqlalchemy.exc import OperationalError

from intake.notifications import leases, noting, signing
from intake.notifications.connection import Away, Line
from intake.notifications.leases import Leased
from intake.notifications.message import Envelope, Unsendable, envelope
from intake.notifications.signing import Signer, Unsigned

BATCH = 100
EVERY_SECONDS = 5
"""How long a delivery sleeps when nothing wakes it."""
MOST_SECONDS = leases.LEASE.total_seconds() / 2
"""No letter of a batch is begun later than this after its lease, so that it ends before the lease does."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Delivered:
    """How many letters left, failed, and wait again; `away`: no server could be talked to, or nothing signed."""

    sent: int = 0
    failed: int = 0
    waiting: int = 0
    away: bool = False

    def __add__(self, other: "Delivered") -> "Delivered":
        return Delivered(
            self.sent + other.sent, self.failed + other.failed, self.waiting + other.waiting, self.away or other.away
        )

    @property
    def handled(self) -> int:
        """How many letters were looked at."""
        return self.sent + self.failed + self.waiting


SENT, FAILED, WAITS = Delivered(sent=1), Delivered(failed=1), Delivered(waiting=1)


def everything_due(stop: threading.Event | None = None) -> Delivered:
    """Send batch after batch until nothing is due, the server is away, or `stop` is set; needs an app context."""
    total = batch = due(stop=stop)
    while batch.handled and not batch.away and not (stop and stop.is_set()):
        batch = due(stop=stop)
        total += batch
    return total


def due(limit: int = BATCH, *, stop: threading.Event | None = None) -> Delivered:
    """Send at most `limit` letters that are due over one connection; commits the session of this app context.

    While the server is talked to, no transaction is open. `stop` ends the batch before its next letter.
    """
    letters = leases.claim(limit)
    if not letters:
        return Delivered()
    try:
        signer = signing.signer(current_app.config)
    except Unsigned as reason:
        return _wait_for_a_signature(letters, reason)
    with Line(current_app.config) as line, noting.notes():
        return _over(line, letters, signer, stop)


class _Ahead:
    """What a batch does while the server prepares its answers: the note of the letter before, the bytes of the next.

    A letter is noted before any of the next leaves, so that a delivery that is killed leaves one in doubt at most.
    """

    def __init__(self, letters: Sequence[Leased], signer: Signer | None) -> None:
        self._letters, self._signer = letters, signer
        self._made: dict[int, Envelope | Unsendable] = {}
        self._sent: tuple[Leased, str] | None = None

    def make(self, number: int) -> None:
        """The bytes of a letter of the batch, unless they are made or there is none."""
        if number < len(self._letters) and number not in self._made:
            try:
                self._made[number] = envelope(self._letters[number], self._signer)
            except Unsendable as reason:
                self._made[number] = reason

    def made(self, number: int) -> Envelope:
        """Raises `Unsendable`."""
        self.make(number)
        made = self._made.pop(number)
        if isinstance(made, Unsendable):
            raise made
        return made

    def note_soon(self, letter: Leased, answer: str) -> None:
        """The server has it."""
        self._sent = letter, answer

    def note(self) -> None:
        """Write what is still to be noted."""
        sent, self._sent = self._sent, None
        if sent is not None:
            leases.note_sent(*sent)


def _over(line: Line, letters: Sequence[Leased], signer: Signer | None, stop: threading.Event | None) -> Delivered:
    done, latest = Delivered(), time.monotonic() + MOST_SECONDS
    ahead = _Ahead(letters, signer)
    for number, letter in enumerate(letters):
        if time.monotonic() > latest or (stop and stop.is_set()):
            ahead.note()
            leases.give_back(letters[number:])
            return done
        try:
            done += _deliver(line, letter, number, ahead)
        except Away as away:
            return done + _put_off(letters[number:], away)
        except BaseException:
            leases.give_back(letters[number + 1 :])
            raise
    ahead.note()
    return done


def _deliver(line: Line, letter: Leased, number: int, ahead: _Ahead) -> Delivered:
    try:
        answer = line.send(ahead.made(number), first=ahead.note, then=lambda: ahead.make(number + 1))
    except Unsendable as reason:
        log.error("letter %s cannot be sent: %s", letter.id, reason)
        leases.note_failed(letter, str(reason))
        return FAILED
    finally:
        ahead.note()
    if answer.accepted:
        ahead.note_soon(letter, str(answer))
        return SENT
    log.warning("letter %s, attempt %s: answer %s", letter.id, letter.attempts, answer.code or "lost")
    if answer.refused:
        leases.note_failed(letter, str(answer))
        return FAILED
    return WAITS if leases.note_postponed(letter, str(answer), keep_link=answer.in_doubt) else FAILED


def _wait_for_a_signature(letters: Sequence[Leased], reason: Unsigned) -> Delivered:
    """Letters that we ourselves cannot sign wait, however long, until somebody mends it."""
    log.error("%s letters wait: %s", len(letters), reason)
    with noting.notes():
        leases.put_off(letters, str(reason), patiently=True)
    return Delivered(waiting=len(letters), away=True)


def _put_off(letters: Sequence[Leased], away: Away) -> Delivered:
    """No server was asked about these letters, so none of them counts an attempt."""
    log.warning("%s letters wait: %s", len(letters), away)
    if away.for_good:
        for letter in letters:
            leases.note_failed(letter, str(away))
        return Delivered(failed=len(letters), away=True)
    failed = leases.put_off(letters, str(away))
    return Delivered(failed=failed, waiting=len(letters) - failed, away=True)


def watch(stop: threading.Event | None = None, *, nudged: threading.Event | None = None) -> None:
    """Deliver until `stop` is set, whenever `nudged` is set and every few seconds; needs an app context.

    Whatever fails is logged, and the next round begins as if nothing had been.
    """
    stop, nudged = stop or threading.Event(), nudged or threading.Event()
    application = current_app._get_current_object()  # type: ignore[attr-defined]
    while not stop.is_set():
        nudged.clear()
        try:
            with application.app_context():
                everything_due(stop)
        except OperationalError as error:
            log.warning("the database does not answer: %s", error.orig)
        except Exception:
            log.exception("a round of delivery failed")
        nudged.wait(EVERY_SECONDS)
