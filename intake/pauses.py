"""Counts wrong passwords and codes, and lets an account pause after too many; known and unknown ones cost the same.

The count stands in the database, so that all processes share it. Wrong tries during a pause make it no longer, so that
nobody can keep an owner out for ever; and a browser in which the owner signed in lately may go on trying passwords,
within the limits of `extensions.limiter`.
"""

from datetime import datetime, timedelta
from typing import Any

from flask import request, session
from sqlalchemy import case, func, insert, select, update

from intake import owners
from intake.extensions import db
from intake.models import SignIn, User, Way, now
from intake.owners import Event

FREE_TRIES = 5
"""So many wrong ones in a row are everybody's mistake; the last of them begins the first pause."""
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(minutes=15)
FORGOTTEN_AFTER = timedelta(days=1)
"""A pause that ended so long ago counts no longer: the next begins with the shortest."""
KNOWN = "known_to"
MOST_KNOWN = 5
NOBODY = 0
"""No account has this id."""

WAYS = {
    "security.login": Way.PASSWORD,
    "security.verify": Way.PASSWORD,
    "security.two_factor_token_validation": Way.CODE,
    "security.mf_recovery": Way.RECOVERY_CODE,
    "security.wan_signin_response": Way.PASSKEY,
    "security.wan_verify_response": Way.PASSKEY,
}
"""By which view somebody comes in, or is refused."""


def length(failed: int) -> timedelta:
    """How long the pause is after so many wrong tries in a row."""
    if failed < FREE_TRIES:
        return timedelta()
    doublings: int = 2 ** min(failed - FREE_TRIES, 10)
    return min(FIRST_PAUSE * doublings, LONGEST_PAUSE)


def is_paused(user: User, *, knows_browser: bool = False) -> bool:
    """Whether nobody comes in now; with `knows_browser`, somebody whose browser the account knows does."""
    waits = user.paused_until is not None and user.paused_until > now()
    return waits and not (knows_browser and user.id in session.get(KNOWN, []))


def account_of(user: Any) -> Any:
    """The account itself, where Flask-Login's proxy stands for it."""
    return user._get_current_object() if hasattr(user, "_get_current_object") else user


def _way() -> Way:
    return WAYS.get(request.endpoint or "", Way.PASSWORD)


def _line(user_id: int | None, *, came_in: bool) -> None:
    row = {
        "user_id": user_id,
        "way": _way(),
        "came_in": came_in,
        "address": (request.remote_addr or "")[:64],
        "at": now(),
    }
    db.session.execute(insert(SignIn), [row])


def refused(user: User | None) -> None:
    """Count a wrong try of somebody's account, or of nobody's, and commit; both take the same statements."""
    user_id, at = user.id if user else NOBODY, now()
    failed = db.session.execute(_counted(user_id, at)).scalar_one_or_none()
    pause = length(failed or 0)
    db.session.execute(update(User).where(User.id == (user_id if pause else NOBODY)).values(paused_until=at + pause))
    _line(user.id if user else None, came_in=False)
    if user is not None and failed == FREE_TRIES:
        owners.tell(user, Event.PAUSED)
    db.session.commit()


def _counted(user_id: int, at: datetime) -> Any:
    """One more wrong try, if the account does not pause already; the first again after a long time."""
    forgotten = func.coalesce(User.paused_until < at - FORGOTTEN_AFTER, False)
    awake = func.coalesce(User.paused_until, at) <= at
    return (
        update(User)
        .where(User.id == user_id, awake)
        .values(failed_tries=case((forgotten, 1), else_=User.failed_tries + 1))
        .returning(User.failed_tries)
        .execution_options(synchronize_session=False)
    )


def came_in(user: User) -> None:
    """Forget the wrong tries of an account that its owner has entered; the caller commits."""
    user.failed_tries, user.paused_until = 0, None
    _line(user.id, came_in=True)
    session.permanent = True
    known = [each for each in session.get(KNOWN, []) if each != user.id]
    session[KNOWN] = [*known, user.id][-MOST_KNOWN:]


def lock(user: User) -> None:
    """Let nobody else change this account until the end of the transaction, so that a code is accepted once."""
    db.session.execute(select(User.id).where(User.id == user.id).with_for_update())
    db.session.refresh(user)


def latest(user: User, number: int) -> list[SignIn]:
    """The latest tries to enter an account, newest first."""
    tries = select(SignIn).where(SignIn.user_id == user.id).order_by(SignIn.id.desc()).limit(number)
    return list(db.session.scalars(tries))
