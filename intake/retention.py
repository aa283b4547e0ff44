"""For how long what names a person is kept: when it is over, asked of one subject or of all; it erases nothing."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import ColumnElement, and_, or_

from intake.current import call_row, programme
from intake.models import Enquiry, Expression, Subject
from workflows.expression import ACTIVE, ENDED, State

MONTHS_OF_A_YEAR = 12


@dataclass(frozen=True, slots=True)
class Limits:
    """What was last changed before these moments is kept no longer.

    `roundtable`: of this call, what was sent and has not ended; `earlier`: the same of other calls, whose Roundtable
    the programme does not know.
    """

    today: date
    drafts: datetime
    ended: datetime
    roundtable_is_long_over: bool
    earlier: datetime
    enquiries: datetime
    mail: datetime


def months_before(day: date, months: int) -> date:
    """The same day some months earlier, or the last of a shorter month."""
    year, month = divmod(day.year * MONTHS_OF_A_YEAR + day.month - 1 - months, MONTHS_OF_A_YEAR)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def limits(at: datetime) -> Limits:
    """The limits on the day of a moment, as the zone of the call counts days."""
    kept, zone = programme().retention, programme().call.zone
    today = at.astimezone(zone).date()
    years = months_before(today, kept.roundtable_years * MONTHS_OF_A_YEAR)

    def begin(day: date) -> datetime:
        return datetime.combine(day, time(), zone)

    return Limits(
        today=today,
        drafts=begin(today - timedelta(days=kept.draft_days)),
        ended=begin(months_before(today, kept.ended_months)),
        roundtable_is_long_over=programme().roundtable.ends < years,
        earlier=begin(years),
        enquiries=begin(months_before(today, kept.enquiry_months)),
        mail=begin(months_before(today, kept.mail_months)),
    )


def is_over(subject: Subject, at: datetime) -> bool:
    """Whether the time of one subject is over; `expressions_over` and `enquiries_over` say the same of all."""
    until = limits(at)
    if isinstance(subject, Enquiry):
        return subject.updated_at < until.enquiries
    if subject.state is State.DRAFT:
        return subject.updated_at < until.drafts
    if subject.state in ENDED:
        return subject.state_since < until.ended
    is_old = subject.updated_at < until.earlier
    if is_old is until.roundtable_is_long_over:
        return is_old
    return until.roundtable_is_long_over if subject.call_id == call_row().id else is_old


def expressions_over(until: Limits) -> ColumnElement[bool]:
    """Those whose time is over."""
    is_draft, is_active = Expression.state == State.DRAFT, Expression.state.in_(ACTIVE)
    is_ours = Expression.call_id == call_row().id
    over = [
        and_(is_draft, Expression.updated_at < until.drafts),
        and_(Expression.state.in_(ENDED), Expression.state_since < until.ended),
        and_(is_active, ~is_ours, Expression.updated_at < until.earlier),
    ]
    return or_(*over, and_(is_active, is_ours)) if until.roundtable_is_long_over else or_(*over)


def expressions_due(until: Limits) -> ColumnElement[bool]:
    """Those to erase: their time is over, or the day has come by which erasure was asked for."""
    asked = Expression.erasure_due_on <= until.today
    return and_(Expression.erased_at.is_(None), or_(expressions_over(until), asked))


def enquiries_due(until: Limits) -> ColumnElement[bool]:
    """Those to erase."""
    return and_(Enquiry.erased_at.is_(None), Enquiry.updated_at < until.enquiries)
