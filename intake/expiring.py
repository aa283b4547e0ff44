"""Ends applicants' links whose time is over, for good: a clock that is put back wakes none of them; it sends nothing.

Nobody who opens a link does this, so that an expired one takes no longer to refuse than an unknown one, and a GET
writes nothing. A clock that runs ahead ends links before their time; whoever holds one asks for another.
"""

import threading
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import select, update

from intake import rounds, storage
from intake.extensions import db
from intake.models import AccessLink, now

BATCH = 500
"""How many links are ended in one transaction, so that nobody waits long for it."""
EVERY_SECONDS = 600
"""How long a process sleeps between two looks; until the next, a link is as dead as the clock is right."""


def sweep(at: datetime, *, stop: threading.Event | None = None) -> int:
    """End every link that has expired by now: how many; commits in batches, and needs an app context."""
    ended = 0
    while not (stop and stop.is_set()):
        found = _expired(at)
        if not found:
            break
        db.session.execute(update(AccessLink).where(AccessLink.id.in_(found)).values(revoked_at=at))
        db.session.commit()
        ended += len(found)
    return ended


def _expired(at: datetime) -> list[int]:
    """Some links that have expired and are not ended; to look for them keeps no writer waiting."""
    over = select(AccessLink.id).where(AccessLink.revoked_at.is_(None), AccessLink.expires_at <= at)
    with storage.reading():
        found = db.session.scalars(over.limit(BATCH)).all()
        db.session.rollback()
    return list(found)


def watch(stop: threading.Event, *, clock: Callable[[], datetime] = now) -> None:
    """Sweep until `stop` is set; needs an app context."""
    rounds.repeat(lambda: sweep(clock(), stop=stop), "links", every=EVERY_SECONDS, stop=stop)
