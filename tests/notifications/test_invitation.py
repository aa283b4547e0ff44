"""The calendar file of a confirmed seat: what is in it, which letters carry it, and how it reaches the delegate."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from icalendar import Calendar

from intake.advance import advance
from intake.current import programme
from intake.extensions import db
from intake.models import Expression
from intake.notifications import deliver
from intake.notifications.invitation import calendar_file
from tests.making import SECRETARIAT
from tests.notifications.conftest import pauses_end
from tests.smtp import SmtpSink
from workflows.expression import State

Make = Callable[..., Expression]
AT = datetime(2026, 11, 24, 6, 30, tzinfo=UTC)


def event(text: str) -> dict[str, Any]:
    """The properties of the one event of a calendar file."""
    calendar = Calendar.from_ical(text)
    assert (str(calendar["version"]), str(calendar["method"])) == ("2.0", "PUBLISH")
    (found,) = calendar.walk("VEVENT")
    return {name.lower(): getattr(value, "dt", None) or str(value) for name, value in found.items()}


def test_the_event_is_the_roundtable_in_whole_days_with_its_delegate(expression: Make) -> None:
    ghana = expression(State.CONFIRMED, delegate_name="Doe; Ama, Minister\nof all", delegate_title="Minister")
    roundtable = programme().roundtable

    found = event(calendar_file(ghana, version=7, at=AT))

    assert found == {
        "uid": f"{ghana.reference}@{programme().secretariat.sender.rpartition('@')[2]}",
        "dtstamp": AT,
        "sequence": "7",
        "summary": roundtable.name,
        "dtstart": roundtable.starts,
        "dtend": roundtable.ends + timedelta(days=1),
        "location": roundtable.place,
        "description": (
            f"Delegate: Doe; Ama, Minister\nof all, Minister\nTakes part: in person\nReference: {ghana.reference}"
        ),
        "transp": "OPAQUE",
    }
    assert isinstance(found["dtstart"], date)
    assert not isinstance(found["dtstart"], datetime)


def test_its_lines_are_folded_and_end_as_the_standard_asks(expression: Make) -> None:
    ghana = expression(State.CONFIRMED, delegate_name="Åse " * 45)

    content = calendar_file(ghana, version=2, at=AT).encode()

    assert content.endswith(b"END:VCALENDAR\r\n")
    assert max(len(line) for line in content.split(b"\r\n")) <= 75
    assert b"\n" not in content.replace(b"\r\n", b"")


def test_only_the_letter_that_seats_the_applicant_carries_it(expression: Make) -> None:
    ghana = expression(State.ASSIGNED)
    advance(ghana, "confirm", actor=SECRETARIAT, version=ghana.version, seat_mode="remote")
    advance(
        ghana, "reassign", actor=SECRETARIAT, version=ghana.version, focus_area="adoption", reason="For the balance."
    )
    db.session.expire_all()

    carriers = [(letter.kind, letter.audience, bool(letter.calendar)) for letter in ghana.letters]

    assert carriers == [
        ("confirm", "applicant", True),
        ("confirm", "secretariat", False),
        ("reassign", "applicant", False),
        ("reassign", "secretariat", False),
    ]
    assert event(ghana.letters[0].calendar)["sequence"] == str(ghana.history[0].version)


def test_it_reaches_the_applicant_as_a_file_beside_text_and_html(expression: Make, smtp: SmtpSink) -> None:
    ghana = expression(State.ASSIGNED)
    advance(ghana, "confirm", actor=SECRETARIAT, version=ghana.version, seat_mode="in_person")
    stored = ghana.letters[0].calendar
    pauses_end()

    deliver.everything_due()

    received = next(each for each in smtp.messages if each.recipient == ghana.contact_email)
    parts = [(part.get_content_type(), part.get_filename()) for part in received.message.walk()]
    assert parts == [
        ("multipart/mixed", None),
        ("multipart/alternative", None),
        ("text/plain", None),
        ("text/html", None),
        ("text/calendar", "roundtable.ics"),
    ]
    (file,) = (part for part in received.message.walk() if part.get_content_type() == "text/calendar")
    assert (file.get_param("method"), file.get_param("charset")) == ("PUBLISH", "utf-8")
    assert file.get_payload(decode=True) == stored.encode()
