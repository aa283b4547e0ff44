"""What goes on by itself about documents: scans that had to wait, and files that no row names any more."""

import logging
import threading
from datetime import timedelta

from sqlalchemy import select

from intake import rounds
from intake.documents import scanning, storing
from intake.extensions import db
from intake.models import Document, now

SCANS_EVERY_SECONDS, FILES_EVERY_SECONDS = 60, 3600
YOUNG = timedelta(hours=1)
"""A file without a row is left alone for so long: somebody may be adding it at this moment."""
BATCH = 200

log = logging.getLogger(__name__)


def watch_scans(stop: threading.Event) -> None:
    """Scan what waits every minute until `stop` is set; needs an app context."""
    rounds.repeat(lambda: scanning.sweep(stop), "scans", every=SCANS_EVERY_SECONDS, stop=stop)


def watch_files(stop: threading.Event) -> None:
    """Delete orphans every hour until `stop` is set; needs an app context."""
    rounds.repeat(lambda: delete_orphans(stop), "documents", every=FILES_EVERY_SECONDS, stop=stop)


def delete_orphans(stop: threading.Event | None = None) -> int:
    """Delete every file that no row names and that has lain there for a while; gives how many.

    A storage that is away is said in the log, and asked again the next time.
    """
    deleted = 0
    try:
        for key in orphans():
            if stop is not None and stop.is_set():
                break
            at = storing.stored_at(key)
            if at is not None and at < now() - YOUNG:
                storing.remove(key)
                deleted += 1
    except storing.Away as error:
        log.warning("%s", error)
    if deleted:
        log.info("%s files that no document names were deleted", deleted)
    return deleted


def orphans() -> list[str]:
    """The keys of files that no document names: left by a crash, or by a storage that was away. Raises `Away`."""
    found, stored = list[str](), list(storing.keys())
    for start in range(0, len(stored), BATCH):
        batch = stored[start : start + BATCH]
        named = select(Document.key).where(Document.key.in_(batch), Document.removed_at.is_(None))
        known = set(db.session.scalars(named))
        db.session.rollback()
        found += [key for key in batch if key not in known]
    return found
