"""Whether this process can serve: database, migrations, and letters that ought to have left. It mends nothing."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.exc import SQLAlchemyError

from intake.extensions import db
from intake.models import Letter, LetterStatus, now
from intake.notifications import outbox
from intake.resources import folder

LATEST_DUE = timedelta(minutes=15)
"""A letter that has been due for longer is taken up by no delivery."""
LATEST_WAITING = timedelta(hours=1)
"""A letter that waits for longer has been put off: by the mail server, or because there is none."""


class Status(StrEnum):
    """How a check ended. A warning does not take the site out of service."""

    OK = "ok"
    WARNING = "warning"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at, and how it stands in a sentence."""

    name: str
    status: Status
    text: str


@cache
def newest_revision() -> str:
    """The revision that this version of the application needs."""
    return ScriptDirectory(str(folder("migrations"))).get_current_head() or ""


def stored_revision() -> str | None:
    """The revision of the database; None: no migration has run."""
    return MigrationContext.configure(db.session.connection()).get_current_revision()


def waits() -> ColumnElement[bool]:
    """A letter waits for its time, and nobody keeps it back."""
    return and_(Letter.status.in_(outbox.WAITING), ~Letter.kept_back)


def lost() -> ColumnElement[bool]:
    """A delivery that has ended still holds the letter."""
    return and_(Letter.status == LetterStatus.SENDING, Letter.leased_until <= now())


def due_since() -> datetime | None:
    """Since when the oldest letter is due that nobody has taken up; None when there is none."""
    oldest = select(func.min(Letter.due_at)).where(or_(waits(), lost()), Letter.due_at <= now())
    return db.session.scalar(oldest.where(Letter.status.in_(outbox.UNSETTLED)))


def age(since: datetime | None) -> timedelta:
    """How long ago that was; nothing for None and for a time to come."""
    return max(now() - since, timedelta()) if since else timedelta()


def checks() -> list[Check]:
    """Look at one thing after the other; where one is at fault, what depends on it is not looked at."""
    try:
        migrated = migrations()
        found = [migrated] if migrated.status is Status.FAULT else [migrated, letters()]
    except SQLAlchemyError:
        db.session.rollback()
        return [Check("database", Status.FAULT, "The database does not answer.")]
    return [Check("database", Status.OK, "The database answers."), *found]


def migrations() -> Check:
    """Whether the database has the tables that this version needs."""
    stored, needed = stored_revision(), newest_revision()
    if stored == needed:
        return Check("migrations", Status.OK, f"The database is at revision {needed}.")
    text = f"The database is at revision {stored or 'none'}, needed is {needed}: run `intake db upgrade`."
    return Check("migrations", Status.FAULT, text)


def letters() -> Check:
    """Whether letters leave."""
    due, waiting = age(due_since()), age(outbox.oldest_waiting())
    words = (
        f"The oldest due letter has been due for {minutes(due)}, the oldest undelivered one is {minutes(waiting)} old"
    )
    if due > LATEST_DUE:
        return Check("letters", Status.WARNING, f"{words}: no delivery takes them up.")
    if waiting > LATEST_WAITING:
        return Check("letters", Status.WARNING, f"{words}: the mail server does not take them.")
    return Check("letters", Status.OK, f"{words}.")


def minutes(length: timedelta) -> str:
    """A length of time in words."""
    whole = int(length.total_seconds() // 60)
    return "1 minute" if whole == 1 else f"{whole} minutes"
