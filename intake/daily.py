"""The digest: one letter a working day, about what waits, to each member of staff who wants it; it changes no state.

Notes and reminders are named, never quoted: the outbox shows letters to people who may not read those. Answers that are
overdue are listed and never let lapse from here; that is a decision of the secretariat.
"""

import logging
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from flask import current_app
from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import ColumnElement, func, or_, select, update

from intake import notes, rounds
from intake.current import call_row, programme
from intake.extensions import db
from intake.models import Assignment, Enquiry, Expression, LetterStatus, User, now
from intake.notifications import outbox
from intake.notifications.compose import Text, staff_letter
from intake.wording import day, titled
from workflows import working_days
from workflows.enquiry import WAITING
from workflows.expression import JUDGEABLE, State
from workflows.people import Role

MOST_LINES = 15
"""Lines of one section; what is beyond is counted, and the page behind it shows everything."""
SOON = 2
"""Working days within which a decision is due soon."""
FIRST_HOUR = 6
"""The hour, in the zone of the call, before which nothing writes the digests of the day by itself."""
EVERY_SECONDS = 600
"""How long a process sleeps between two looks whether digests are to be written."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that waits, and the address of its page."""

    text: str
    address: str


@dataclass(frozen=True, slots=True)
class Section:
    """Things of one kind; `number` of them, of which `lines` are named."""

    title: str
    number: int
    lines: tuple[Line, ...]
    address: str = ""
    """The page that shows all of them, when there is one."""


@dataclass(frozen=True, slots=True)
class Written:
    """How many digests were written, and how many could not be."""

    letters: int = 0
    failed: int = 0


def write(at: datetime) -> Written:
    """Write today's digest of everybody who has none yet and has something to read; commits one by one.

    Nothing on Saturdays and Sundays. Whoever has nothing to read this time is not looked at again on that day. Two
    processes that do this at once write one letter: the first to mark the account writes it.
    """
    on = at.astimezone(programme().call.zone).date()
    if on.weekday() >= working_days.SATURDAY:
        return Written()
    letters = failed = 0
    for user_id in _undigested(on):
        try:
            letters += _write_one(user_id, on, at)
        except Exception:  # whatever is wrong with one digest, the others are written
            log.exception("the digest of account %s could not be written", user_id)
            failed += 1
        finally:
            db.session.rollback()
    return Written(letters, failed)


def write_when_due(at: datetime) -> Written:
    """As `write`, but nothing before the first hour of the day's work; what processes call again and again."""
    local = at.astimezone(programme().call.zone)
    return write(at) if local.hour >= FIRST_HOUR else Written()


def watch(stop: threading.Event, *, clock: Callable[[], datetime] = now) -> None:
    """Write the digests of each day when their hour has come, until `stop` is set; needs an app context."""
    rounds.repeat(lambda: write_when_due(clock()), "digests", every=EVERY_SECONDS, stop=stop)


def _is_due(on: date) -> tuple[ColumnElement[bool], ...]:
    return User.active.is_(True), User.wants_digest.is_(True), or_(User.digested_on.is_(None), User.digested_on < on)


def _undigested(on: date) -> Sequence[int]:
    """The accounts that have no digest of this day yet."""
    found = db.session.scalars(select(User.id).where(*_is_due(on)).order_by(User.id)).all()
    db.session.rollback()
    return found


def _write_one(user_id: int, on: date, at: datetime) -> bool:
    """Mark the account and write its letter in one transaction; false when there is none to write."""
    marked = update(User).where(User.id == user_id, *_is_due(on)).values(digested_on=on).returning(User.id)
    if db.session.scalar(marked) is None:
        return False
    user = db.session.get_one(User, user_id)
    with force_locale(user.language):
        found = sections(user, on)
        if found:
            outbox.enqueue_digest(user, text(user, found, on))
    told = update(Assignment).where(Assignment.screener_id == user_id, Assignment.told_at.is_(None))
    db.session.execute(told.values(told_at=at))
    db.session.commit()
    return bool(found)


def text(user: User, found: Iterable[Section], on: date) -> Text:
    """The letter as it will be read."""
    base = current_app.config["BASE_URL"]
    return staff_letter(
        "digest",
        _("What waits for you, %(day)s", day=day(on)),
        name=user.name or _("colleague"),
        sections=list(found),
        day=on,
        home=f"{base}/staff/",
        preferences=f"{base}/staff/preferences",
    )


def sections(user: User, on: date) -> list[Section]:
    """What waits for somebody by their roles; only what there is."""
    roles = user.actor.roles
    found = [_mentions(user), _reminders(user, on)]
    if Role.SCREENER in roles:
        found += _screening(user, on)
    if Role.SECRETARIAT in roles:
        found += [*_placing(on), _asked()]
    if roles & {Role.SECRETARIAT, Role.ADMINISTRATOR}:
        found += _astray()
    return [section for section in found if section.number]


def _page(about: Expression, anchor: str = "") -> str:
    return f"{current_app.config['BASE_URL']}/staff/expressions/{about.reference}{anchor}"


def _named(about: Expression) -> str:
    """An organisation on one line, whatever its applicant has typed."""
    return titled(" ".join(about.organisation_name.split()), about.reference)


def _mentions(user: User) -> Section:
    waiting = notes.mentions_of(user)
    lines = [
        Line(_("%(name)s in a note on %(about)s", name=each.by, about=_named(each.about)), _page(each.about, "#notes"))
        for each in waiting
    ]
    return Section(_("You were mentioned"), len(waiting), tuple(lines[:MOST_LINES]))


def _reminders(user: User, on: date) -> Section:
    waiting = notes.reminders_due(user, on)
    lines = [Line(_named(each.about), _page(each.about, "#reminders")) for each in waiting]
    return Section(_("You wanted to be reminded"), len(waiting), tuple(lines[:MOST_LINES]))


def _screening(user: User, on: date) -> list[Section]:
    """What a screener holds: new, overdue, due soon, with answers that nobody has read."""
    mine = Expression.screener_id == user.id
    judged = Expression.state.in_(JUDGEABLE)
    untold = select(Assignment.expression_id).where(Assignment.screener_id == user.id, Assignment.told_at.is_(None))
    due, soon = Expression.decision_due_on, working_days.after(on, SOON)
    every = "/staff/queue?mine=yes"
    return [
        _listed(_("Given to you"), every, mine, Expression.id.in_(untold)),
        _listed(_("Yours, and overdue"), f"{every}&overdue=yes", mine, judged, due < on),
        _listed(_("Yours, to be decided by %(day)s", day=day(soon)), every, mine, judged, due.between(on, soon)),
        _listed(_("Yours, with answers that you have not read"), every, mine, Expression.unread.is_(True)),
    ]


def _placing(on: date) -> list[Section]:
    """What the secretariat has to place, and whose answers are overdue."""
    late = (Expression.state == State.RETURNED, Expression.answer_due_on < on)
    return [
        _listed(_("To assign to a focus area"), "/staff/queue?state=screened", Expression.state == State.SCREENED),
        _listed(_("To confirm a seat"), "/staff/queue?state=assigned", Expression.state == State.ASSIGNED),
        _listed(_("Answers overdue: ask again, or let it lapse"), "/staff/queue?state=returned&overdue=yes", *late),
    ]


def _listed(title: str, path: str, *conditions: ColumnElement[bool]) -> Section:
    """Expressions of the call on these conditions, those that wait longest first; two statements."""
    of_call = (Expression.call_id == call_row().id, Expression.state != State.DRAFT, *conditions)
    number = db.session.scalar(select(func.count()).select_from(Expression).where(*of_call)) or 0
    oldest = select(Expression).where(*of_call).order_by(Expression.submitted_at, Expression.id).limit(MOST_LINES)
    lines = [Line(_named(each), _page(each)) for each in (db.session.scalars(oldest) if number else ())]
    return Section(title, number, tuple(lines), f"{current_app.config['BASE_URL']}{path}")


def _asked() -> Section:
    """Enquiries that wait for an answer, those that wait longest first."""
    waits = Enquiry.state.in_(WAITING)
    number = db.session.scalar(select(func.count()).select_from(Enquiry).where(waits)) or 0
    oldest = select(Enquiry).where(waits).order_by(Enquiry.state_since, Enquiry.id).limit(MOST_LINES)
    every = f"{current_app.config['BASE_URL']}/staff/enquiries"
    lines = [
        Line(
            _("%(subject)s, since %(day)s", subject=each.subject, day=day(each.state_since)),
            f"{every}/{each.reference}",
        )
        for each in (db.session.scalars(oldest) if number else ())
    ]
    return Section(_("Enquiries to answer"), number, tuple(lines), every)


def _astray() -> list[Section]:
    """Letters that nobody has read; the outbox says why, and what can be done."""
    counts = outbox.astray_counts()
    titles = {LetterStatus.FAILED: _("Failed letters"), LetterStatus.BOUNCED: _("Letters that came back")}
    every = f"{current_app.config['BASE_URL']}/staff/outbox?astray=1&status="
    return [Section(title, counts[status], (), f"{every}{status.value}") for status, title in titles.items()]
