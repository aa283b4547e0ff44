"""The Roundtable as a calendar file for one delegate (RFC 5545); it invites nobody and stores nothing."""

from datetime import datetime, timedelta

from flask_babel import gettext as _
from icalendar import Calendar, Event

from intake.current import programme
from intake.models import Expression
from intake.wording import mode_name, titled

PRODUCT = "-//P2C Intake//Expressions of interest//EN"
CALENDAR_TYPE = "text/calendar; charset=utf-8; method=PUBLISH"
FILE_NAME = "roundtable.ics"


def calendar_file(about: Expression, *, version: int, at: datetime) -> str:
    """One event of whole days, to be put into a calendar without an answer.

    Its UID is the expression's, and `version` its SEQUENCE, so that a later file takes the place of an earlier one;
    `at` is when it is written.
    """
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add_component(_event(about, version, at))
    content: bytes = calendar.to_ical()
    return content.decode()


def _event(about: Expression, version: int, at: datetime) -> Event:
    roundtable = programme().roundtable
    event = Event()
    event.add("uid", f"{about.reference}@{programme().secretariat.sender.rpartition('@')[2]}")
    event.add("dtstamp", at)
    event.add("sequence", version)
    event.add("summary", roundtable.name)
    event.add("dtstart", roundtable.starts)
    event.add("dtend", roundtable.ends + timedelta(days=1))  # the day after: the end of an event is not part of it
    event.add("location", roundtable.place)
    event.add("description", _description(about))
    event.add("transp", "OPAQUE")
    return event


def _description(about: Expression) -> str:
    lines = (
        _("Delegate: %(delegate)s", delegate=titled(about.delegate_name, about.delegate_title)),
        _("Takes part: %(mode)s", mode=mode_name(about.seat_mode)),
        _("Reference: %(reference)s", reference=about.reference),
    )
    return "\n".join(lines)
