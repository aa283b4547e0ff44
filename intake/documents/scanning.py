"""Asks ClamAV about documents and keeps what it says; nothing leaves the quarantine but by its word."""

import logging
import threading
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import BinaryIO
from urllib.parse import urlsplit

from clamav_client.clamd import BufferTooLongError, ClamdError, ClamdNetworkSocket, ClamdUnixSocket
from flask import current_app
from sqlalchemy import ColumnElement, and_, or_, select, update

from intake.documents import storing
from intake.extensions import db
from intake.models import Document, ScanState, now

PORT = 3310
AT_ONCE, LATER = 2, 30
"""Seconds that a scanner may pause within an answer: while somebody waits, and later."""
AGAIN = timedelta(hours=1)
"""After how long a document that could not be scanned is tried again."""
BATCH = 50

log = logging.getLogger(__name__)


class Silent(Exception):
    """The scanner does not answer; documents wait for it in the quarantine."""


def is_set() -> bool:
    """Whether documents are scanned here."""
    return bool(current_app.config["CLAMAV"])


def first_state() -> ScanState:
    """What a document is before anybody has scanned it."""
    return ScanState.WAITING if is_set() else ScanState.NOT_SCANNED


def is_open(document: Document) -> bool:
    """Whether a document may be opened: found clean, or taken where nothing is scanned and kept that way."""
    unscanned = document.scan_state is ScanState.NOT_SCANNED and not is_set()
    return document.removed_at is None and (document.scan_state is ScanState.CLEAN or unscanned)


def ping() -> None:
    """Knock at the scanner. Raises `Silent`."""
    scanner = _scanner(AT_ONCE)
    try:
        scanner.ping()
    except (ClamdError, OSError) as error:
        scanner.clamd_socket.close()  # which the library leaves open when nobody answers
        raise Silent(f"{current_app.config['CLAMAV']} does not answer: {error or type(error).__name__}") from error


def ask(content: BinaryIO, *, seconds: int) -> tuple[ScanState, str]:
    """What the scanner says of bytes, with its words. Raises `Silent`."""
    try:
        said = _scanner(seconds).instream(content)
    except BufferTooLongError as error:
        return ScanState.UNSCANNABLE, str(error)[:200]
    except (ClamdError, OSError) as error:
        raise Silent(str(error) or type(error).__name__) from error
    status, words = said.get("stream", ("ERROR", ""))
    state = {"OK": ScanState.CLEAN, "FOUND": ScanState.INFECTED}.get(status, ScanState.UNSCANNABLE)
    return state, (words or "")[:200]


def _scanner(seconds: int) -> ClamdNetworkSocket:
    parts = urlsplit(current_app.config["CLAMAV"])
    if parts.scheme == "unix":
        return ClamdUnixSocket(parts.path, seconds)
    return ClamdNetworkSocket(parts.hostname or "", parts.port or PORT, seconds)


def scan(document_id: int, key: str, *, seconds: int) -> ScanState | None:
    """Scan one document and commit what was said; None when the scanner or the storage is away."""
    db.session.rollback()  # nobody waits for the database while the scanner reads
    try:
        with storing.open_to_read(key) as content:
            state, words = ask(content, seconds=seconds)
    except (Silent, storing.Away) as error:
        log.warning("document %s waits to be scanned: %s", document_id, error)
        return None
    said = update(Document).where(Document.id == document_id, Document.removed_at.is_(None))
    db.session.execute(said.values(scan_state=state, scan_words=words, scanned_at=now()))
    db.session.commit()
    if state is ScanState.INFECTED:
        log.warning("document %s is infected: %s", document_id, words)
    return state


def unscanned(at: datetime) -> ColumnElement[bool]:
    """The condition that a document is to be scanned by now."""
    failed = and_(Document.scan_state == ScanState.UNSCANNABLE, Document.scanned_at < at - AGAIN)
    never = Document.scan_state.in_((ScanState.WAITING, ScanState.NOT_SCANNED))
    return and_(Document.removed_at.is_(None), or_(never, failed))


def sweep(stop: threading.Event | None = None) -> int:
    """Scan what waits, one document after the other, until the scanner is away or `stop` is set; gives how many."""
    scanned, after, at = 0, 0, now()
    while is_set() and (batch := _batch(after, at)):
        for document_id, key in batch:
            if (stop is not None and stop.is_set()) or not _answers():
                return scanned
            scanned += scan(document_id, key, seconds=LATER) is not None
        after = batch[-1][0]
    return scanned


def _batch(after: int, at: datetime) -> Sequence[tuple[int, str]]:
    waiting = select(Document.id, Document.key).where(unscanned(at), Document.id > after)
    found = [(row.id, row.key) for row in db.session.execute(waiting.order_by(Document.id).limit(BATCH))]
    db.session.rollback()
    return found


def _answers() -> bool:
    try:
        ping()
    except Silent as error:
        log.warning("%s", error)
        return False
    return True
