"""How long a member of staff stays signed in: a time without a page, a time in all; and how all of it ends at once."""

import time

from flask import current_app, session

from intake.extensions import accounts
from intake.models import User

SINCE, SEEN = "staff_since", "staff_seen"
NOTED_ONCE_IN = 60
"""Seconds within which a further page does not write the cookie anew."""
HOUR, MINUTE = 3600, 60


def begin() -> None:
    """Somebody has just come in."""
    session[SINCE] = session[SEEN] = int(time.time())


def is_over() -> bool:
    """Whether the person of this request has been away, or signed in, for too long."""
    since, seen, at = session.get(SINCE, 0), session.get(SEEN, 0), time.time()
    idle = current_app.config["STAFF_IDLE_MINUTES"] * MINUTE
    return bool(at - seen > idle or at - since > current_app.config["STAFF_SESSION_HOURS"] * HOUR)


def go_on() -> None:
    """Somebody looks at a page."""
    at = int(time.time())
    if at - session.get(SEEN, 0) > NOTED_ONCE_IN:
        session[SEEN] = at


def end_everywhere(user: User) -> None:
    """End every session of an account, in whatever browser, copies of its cookie too; the caller commits."""
    accounts.set_uniquifier(user)
