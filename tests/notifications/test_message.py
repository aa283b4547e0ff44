"""What recipients get: the words of the outbox, one link, and nothing that applicants could smuggle in."""

from collections.abc import Callable
from datetime import timedelta
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message as Part
from typing import Any

import html5lib
import pytest
from flask import Flask
from flask_mail import Message
from sqlalchemy import select

from intake.advance import advance
from intake.extensions import db
from intake.models import LINK, AccessLink, Expression, Letter, User, now
from intake.notifications import compose, deliver, outbox
from intake.notifications.compose import Text
from intake.notifications.invitation import CALENDAR_TYPE, FILE_NAME
from intake.notifications.leases import Leased
from intake.notifications.message import QUOTED_PRINTABLE, clean, envelope, html_twin
from intake.notifications.recipients import Recipient
from tests.making import APPLICANT, SCREENER
from tests.notifications.conftest import Enqueue
from tests.smtp import Received, SmtpSink
from workflows.expression import State
from workflows.people import Role

Make = Callable[..., Expression]
LINKED = "http://intake.example.org/link/abcdefghijklmnopqrstuvwxyz0123456789"


def leased(**changes: Any) -> Leased:
    """A letter to send."""
    values: dict[str, Any] = {
        "id": 1,
        "lease": "lease",
        "attempts": 1,
        "kind": "test",
        "tried_since": now(),
        "recipient": "one@example.org",
        "recipient_name": "Programme officer",
        "language": "en",
        "subject": "A subject",
        "body": "The text.\n",
        "message_id": "<number@example.org>",
    }
    return Leased(**{**values, **changes})


def sent(letter: Leased) -> Received:
    """The letter as its recipient finds it."""
    made = envelope(letter)
    return Received(made.sender, made.recipient, [], made.content)


def whole(received: Received, header: str) -> str:
    """A header as mail programs decode it; Python's newer parser puts spaces between the parts of a long name."""
    return str(make_header(decode_header(message_from_bytes(received.content)[header])))


def hrefs(html: str) -> list[str]:
    """The addresses of every link; the page is read strictly."""
    page = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(html)
    return [str(link.get("href")) for link in page.iter("a")]


def test_a_letter_has_what_a_letter_needs(app: Flask) -> None:
    message = sent(leased()).message

    assert str(message["From"]) == "Partner2Connect secretariat <intake@example.org>"
    assert str(message["Reply-To"]) == "secretariat@example.org"
    assert str(message["To"]) == "Programme officer <one@example.org>"
    assert str(message["Subject"]) == "A subject"
    assert str(message["Message-ID"]) == "<number@example.org>"
    assert str(message["Auto-Submitted"]) == "auto-generated"
    assert message["Date"].datetime.tzinfo is not None
    assert [part.get_content_type() for part in message.walk() if not part.is_multipart()] == [
        "text/plain",
        "text/html",
    ]


def test_only_the_daily_letter_says_where_one_ends_it(app: Flask) -> None:
    ways = {kind: sent(leased(kind=kind)).message["List-Unsubscribe"] for kind in ("digest", "screen", "link", "test")}

    assert ways == {
        "digest": "<http://intake.example.org/staff/preferences>",
        "screen": None,
        "link": None,
        "test": None,
    }


def test_the_daily_letter_leaves_with_the_way_to_end_it(smtp: SmtpSink, account: Callable[[Role], User]) -> None:
    outbox.enqueue_digest(account(Role.SECRETARIAT), Text("What waits for you", "Two things.\n"))
    db.session.commit()

    deliver.everything_due()

    (received,) = smtp.messages
    assert received.message["List-Unsubscribe"] == "<http://intake.example.org/staff/preferences>"
    assert received.message["List-Unsubscribe-Post"] is None


def test_each_attempt_says_when_it_was_made(smtp: SmtpSink, enqueue: Enqueue) -> None:
    enqueue("one@example.org")
    begun = now().replace(microsecond=0)

    deliver.due()

    written = smtp.messages[0].message["Date"].datetime
    assert begun <= written <= now()
    assert written.utcoffset() == timedelta(0)


def test_a_calendar_file_goes_beside_the_words(app: Flask) -> None:
    message = sent(leased(calendar="BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", body="The text.\n")).message

    kinds = [part.get_content_type() for part in message.walk()]
    assert kinds == ["multipart/mixed", "multipart/alternative", "text/plain", "text/html", "text/calendar"]
    (attached,) = message.iter_attachments()
    assert attached.get_filename() == "roundtable.ics"
    assert attached.get_content() == "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"


@pytest.mark.parametrize("words", ["--=_alternative\n--=_alternative--\n", "=_mixed\n--=_mixed\n", "a\rb\n"])
def test_no_text_can_end_its_part(app: Flask, words: str) -> None:
    received = sent(leased(body=words))

    assert received.text == words.replace("\r", "\n")
    assert [part.get_content_type() for part in received.message.walk() if not part.is_multipart()] == [
        "text/plain",
        "text/html",
    ]


@pytest.mark.parametrize(
    "words", ["Ministère – des Réseaux", "وزارة الاتصالات", "数字联盟 " * 40, 'A, "B" <c@d.example>']
)
def test_words_of_every_script_arrive_whole(app: Flask, words: str) -> None:
    received = sent(leased(subject=words, recipient_name=words, body=f"{words}\n.\nFrom here\n"))

    assert received.message["Subject"] == words.strip()
    assert whole(received, "To") == f"{words.strip()} <one@example.org>"
    assert [each.addr_spec for each in received.message["To"].addresses] == ["one@example.org"]
    assert received.text == f"{words}\n.\nFrom here\n"


def parts(content: bytes) -> list[tuple[str, list[str], list[bytes]]]:
    """Kind, headers and words of each part of a message, whatever divides them."""
    found = message_from_bytes(content).walk()
    return [(part.get_content_type(), _headers(part), _words(part)) for part in found]


def _headers(part: Part) -> list[str]:
    names = ("Content-Transfer-Encoding", "Content-Disposition", "MIME-Version")
    return [str(part.get_param("charset")), *(str(part[name]) for name in names)]


def _words(part: Part) -> list[bytes]:
    return [] if part.is_multipart() else bytes(part.get_payload(decode=True)).splitlines()


@pytest.mark.parametrize("calendar", ["", "BEGIN:VCALENDAR\r\nSUMMARY:Réunion " + "y" * 90 + "\r\nEND:VCALENDAR\r\n"])
@pytest.mark.parametrize(
    "words",
    ["The text.\n", "=3D = ==\n--==\n\n \t \nend \n.\nFrom here\t\n", "\0\x7f\x0b\x85\xa0\u2028\n", "وزارة " * 90],
)
def test_a_letter_is_what_flask_mail_makes_of_its_words(app: Flask, words: str, calendar: str) -> None:
    twin = html_twin(words, link="", language="en")
    whole = Message(sender="one@example.org", body=words, html=twin, charset=QUOTED_PRINTABLE)  # type: ignore[arg-type]
    if calendar:
        whole.attach(FILE_NAME, CALENDAR_TYPE, calendar.encode())

    assert parts(sent(leased(body=words, calendar=calendar)).content) == parts(whole.as_bytes())


def test_a_long_paragraph_leaves_in_short_lines(app: Flask) -> None:
    content = envelope(leased(body="schools " * 2000)).content

    assert content.isascii()
    assert max(map(len, content.split(b"\r\n"))) <= 998
    assert b"\n" not in content.replace(b"\r\n", b"")


INJECTION = "Ministry\r\nBcc: everybody@example.org\r\n\r\nAnother letter"


@pytest.mark.parametrize("name", ["Ministry, Bcc: everybody@example.org; Another", "everybody@example.org, Ministry"])
def test_a_name_is_never_a_further_recipient(app: Flask, name: str) -> None:
    address = f"applicant@{'long-' * 10}name.example.org"
    received = sent(leased(recipient=address, recipient_name=name))

    assert [(each.display_name, each.addr_spec) for each in received.message["To"].addresses] == [(name, address)]
    assert b"everybody@" not in received.content.partition(b"\r\n\r\n")[0]


@pytest.mark.parametrize("field", ["subject", "recipient_name"])
def test_no_header_can_be_smuggled_in(app: Flask, field: str) -> None:
    message = sent(leased(**{field: INJECTION})).message

    assert message["Bcc"] is None
    assert list(message) == list(sent(leased()).message)
    assert "Another letter" in str(message["Subject" if field == "subject" else "To"])


def test_headers_are_one_line_without_control_characters() -> None:
    assert clean("a\r\nb\tc\0d\x1be\u2028f  g\u200dh") == "a b cde f g\u200dh"


def test_the_html_twin_says_the_same_words() -> None:
    with_app = html_twin_of("Dear colleague,\n\n1. How many?\n2. By when?\n\nGoodbye\n")

    assert "<p>Dear colleague,</p>\n<p>1. How many?<br>\n2. By when?</p>\n<p>Goodbye</p>" in with_app


@pytest.fixture(autouse=True)
def _context(app: Flask) -> None:
    """Every test here composes."""


def html_twin_of(text: str, *, language: str = "en") -> str:
    return html_twin(text, link=LINKED, language=language)


@pytest.mark.parametrize(("language", "direction"), [("en", "ltr"), ("ar", "rtl"), ("zh", "ltr"), ("ar-MA", "rtl")])
def test_the_html_twin_names_its_language_and_direction(language: str, direction: str) -> None:
    assert f'<html lang="{language}" dir="{direction}">' in html_twin_of("x", language=language)


@pytest.mark.parametrize(
    "words",
    [
        "<script>alert(1)</script>",
        "<a href='https://bad.example'>here</a>",
        "https://bad.example",
        "http://intake.example.org.bad.example/link",
        "http://intake.example.org@bad.example/",
        "http://intake.example.org/link/somebody-elses-token-0123456789",
        "http://intake.example.org/staff/expressions/P2C-AAAA-BBBB/x",
        f"{LINKED}x",
        f'{LINKED}"onclick="x',
        f"xx{LINKED}",
        "http://intake.example.org/linkage",
        "javascript:alert(1)",
    ],
)
def test_no_address_of_an_applicant_becomes_a_link(words: str) -> None:
    twin = html_twin_of(f"The reason: {words}\n\n{words}\n")

    assert hrefs(twin) == []
    assert "<script" not in twin


@pytest.mark.parametrize(
    "address", [LINKED, "http://intake.example.org/link", "http://intake.example.org/staff/expressions/P2C-AAAA-BBBB"]
)
def test_our_own_addresses_are_links(address: str) -> None:
    assert hrefs(html_twin_of(f"Here: {address}\n\n{address}\nA lost link ({address}).\n")) == [address] * 3


FORGERIES = (
    LINK,
    f"Ministry {LINK}",
    f"[[{LINK}]]",
    f"Ministry\n{LINK}\n",
    f"[[your personal {LINK}link]]",
    f"[[your\n{LINK}",
    f"{LINK}{LINK}",
)


@pytest.mark.parametrize("words", FORGERIES)
def test_nobody_can_write_the_place_of_a_link(smtp: SmtpSink, expression: Make, words: str) -> None:
    rwanda = expression(State.SUBMITTED, met=True, organisation_name=words, contact_name=words)
    advance(
        rwanda,
        "decline",
        actor=SCREENER,
        version=rwanda.version,
        criteria=["commitment"],
        reason=f"Because\n{words}\n",
        change=words,
    )

    bodies = db.session.execute(select(Letter.audience, Letter.body)).all()

    assert {audience.value: body.count(LINK) for audience, body in bodies} == {"applicant": 1, "secretariat": 0}


def test_an_applicants_letter_carries_one_link(smtp: SmtpSink, expression: Make) -> None:
    rwanda = expression(State.DRAFT, organisation_name=f"Ministry {LINK}")
    advance(rwanda, "submit", actor=APPLICANT, version=rwanda.version)

    deliver.everything_due()

    (received,) = [each for each in smtp.messages if each.recipient == rwanda.contact_email]
    link = [href for href in hrefs(received.html) if href != "http://intake.example.org/link"]
    assert len(link) == 1
    assert received.text.count("http://intake.example.org/link/") == 1
    assert db.session.query(AccessLink).count() == 1
    assert "Ministry (your personal link)" in received.text


def test_staff_read_of_an_applicant_without_a_link_that_is_not_ours(smtp: SmtpSink, expression: Make) -> None:
    rwanda = expression(State.DRAFT, organisation_name="https://bad.example <b>Ministry</b>")
    advance(rwanda, "submit", actor=APPLICANT, version=rwanda.version)

    deliver.everything_due()

    for received in smtp.messages:
        assert all(href.startswith("http://intake.example.org/") for href in hrefs(received.html))
        assert "&lt;b&gt;Ministry&lt;/b&gt;" in received.html


def test_the_link_is_no_part_of_what_is_logged_or_shown(app: Flask) -> None:
    assert LINKED not in repr(leased(link=LINKED, body=f"{LINK}\n"))
    assert LINKED not in repr(envelope(leased(link=LINKED, body=f"{LINK}\n")))


def test_only_a_line_that_is_the_placeholder_becomes_the_link(app: Flask) -> None:
    received = sent(leased(link=LINKED, body=f"Not {LINK} here\n  {LINK}\nend\n"))

    assert received.text == f"Not {LINK} here\n{LINKED}\nend\n"


def test_the_letter_with_a_new_link_is_composed(smtp: SmtpSink, expression: Make, enqueue: Enqueue) -> None:
    rwanda = expression(State.SUBMITTED)
    outbox.enqueue_link(rwanda, Recipient(rwanda.contact_email))
    db.session.commit()

    assert db.session.scalars(select(Letter.body)).one().split("\n").count(LINK) == 1
    assert compose.MARK not in db.session.scalars(select(Letter.body)).one()
