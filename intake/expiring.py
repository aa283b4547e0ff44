"""Ends applicants' links whose time is over, for good: a clock that is put back wakes none of them; it sends nothing.

Nobody who opens a link does this, so that an expired one takes no longer to refuse than an unknown one, and a GET
writes nothing. A clock that runs ahead ends links before their time; whoever holds one asks for another.
"""

import threading
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import select, update

from intake import batches, rounds
from intake.models import AccessLink, now

BATCH = 500
"""How many links are ended in one transaction, so that nobody waits long for it."""
EVERY_SECONDS = 600
"""How long a process sleeps between two looks; until the next, a link is as dead as the clock is right."""


def sweep(at: datetime, *, stop: threading.Event | None = None) -> int:
    """End every link that has expired by now: how many; commits in batches, and needs an app context."""
    expired = select(AccessLink.id).where(AccessLink.revoked_at.is_(None), AccessLink.expires_at <= at).limit(BATCH)
    return batches.change_all(
        expired, lambda ids: update(AccessLink).where(AccessLink.id.in_(ids)).values(revoked_at=at), stop=stop
    )


def watch(stop: threading.Event, *, clock: Callable[[], datetime] = now) -> None:
    """Sweep until `stop` is set; needs an app context."""
    rounds.repeat(lambda: sweep(clock(), stop=stop), "links", every=EVERY_SECONDS, stop=stop)
