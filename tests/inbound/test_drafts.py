"""Expressions of interest that come by mail: what makes one, what is read of it, and that its sender gets the link."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from intake.extensions import db
from intake.inbound import drafts, limits
from intake.inbound.reading import read
from intake.models import LINK, Expression, Kind, Letter
from intake.notifications import deliver
from tests.inbound.conftest import ENQUIRER, Send, letters, mail
from tests.notifications.conftest import use
from tests.smtp import SmtpSink
from workflows.expression import State

WHOLE = """\
Dear secretariat,

please find our expression of interest below.

Organisation: Ministry of Connectivity
Category: Ministry
Country: Côte d'Ivoire
Website: https://example.org/ministry
Contact: Head of policy
Job title: Director
E-mail: office@example.org
Telephone: +225 27 20 00 00 00
Focus areas: 1. ADOPTION, 2. access
1. Evidence of commitment:
We connected 40 schools
in two regions.

Readiness to pledge: We intend to connect 100 more.

With kind regards
"""


def draft() -> Expression:
    """The one draft, as the database has it now."""
    db.session.rollback()
    return db.session.scalars(select(Expression)).one()


def test_a_mail_with_an_expression_becomes_a_draft_and_its_sender_gets_the_link(send: Send) -> None:
    row = send(WHOLE_MAIL)

    made = draft()
    assert (row.kind, row.expression_id) == (Kind.EXPRESSION, made.id)
    assert made.state is State.DRAFT
    assert {name: getattr(made, name) for name in READ} == READ
    assert made.criteria == {
        "commitment": {"statement": "We connected 40 schools\nin two regions."},
        "pledge": {"statement": "We intend to connect 100 more."},
    }
    assert letters() == [("mailed", "applicant", ENQUIRER)]
    letter = db.session.scalars(select(Letter)).one()
    assert letter.subject == f"{made.reference}: finish your expression of interest"
    assert LINK in letter.body.split("\n")
    assert "connected 40 schools" not in letter.body


WHOLE_MAIL = mail(WHOLE, subject="Expression of Interest", Content_Type="text/plain; charset=utf-8")
READ: dict[str, Any] = {
    "organisation_name": "Ministry of Connectivity",
    "category": "member_states",
    "sub_type": "ministry",
    "country": "CIV",
    "website": "https://example.org/ministry",
    "contact_name": "Head of policy",
    "contact_title": "Director",
    "contact_email": "office@example.org",
    "second_email": ENQUIRER,
    "contact_phone": "+225 27 20 00 00 00",
    "preferences": ["adoption", "access"],
}


def test_the_link_opens_the_draft_where_it_goes_on(
    app: Flask, send: Send, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(WHOLE_MAIL)
    with SmtpSink() as smtp:
        use(app, smtp, monkeypatch)
        deliver.everything_due()
        lines = smtp.messages[0].text.split("\n")
    link = next(line for line in lines if "/link/" in line and not line.endswith("/link"))

    opened = client.post(link.removeprefix("http://intake.example.org"))
    page = client.get(f"{opened.location}/answers/organisation")

    assert "Ministry of Connectivity" in page.get_data(as_text=True)


SUBJECTS = (
    "Expression of Interest – Ministry",
    "EoI Partner2Connect",
    "Manifestation d'intérêt",
    "Manifestación de interés",
    "Выражение заинтересованности",
    "意向书",
    "التعبير عن الاهتمام",
)


@pytest.mark.parametrize("subject", SUBJECTS)
def test_a_subject_says_it_in_six_languages(app: Flask, subject: str) -> None:
    assert drafts.is_meant(read(mail("See below.\n", subject=subject)))


@pytest.mark.parametrize(
    "subject",
    [
        "When do expressions of interest close?",
        "Question about our expression of interest",
        "Partner2Connect Digital Coalition – Information Request: expression of interest",
        "Interest rates",
        "Hello",
    ],
)
def test_a_question_about_one_is_a_question(app: Flask, subject: str) -> None:
    text = "How do we send an expression of interest?\n"

    assert not drafts.is_meant(read(mail(text, subject=subject)))


def test_the_name_of_a_file_says_it_and_its_words_are_read(send: Send) -> None:
    parts = b"""--b\r\nContent-Type: text/plain\r\n\r\nSee the attached file.\r
--b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Disposition: attachment; filename="Our_EoI-2026.txt"\r\n
Organization: University of Example\r\nCategory: Academia\r\nCountry: GHA\r\n--b--\r\n"""

    send(mail(parts, subject="Partner2Connect", Content_Type="multipart/mixed; boundary=b"))

    made = draft()
    assert (made.organisation_name, made.category, made.country) == ("University of Example", "academia", "GHA")
    assert (made.contact_name, made.contact_email) == ("A person", ENQUIRER)


@pytest.mark.parametrize(
    ("line", "attribute"),
    [
        ("Country: Atlantis", "country"),
        ("Country: Ghana or Togo", "country"),
        ("Category: both", "category"),
        ("Focus areas: ACCESS and more", "preferences"),
        ("E-mail: not an address", "second_email"),
        ("Website: javascript:alert(1)", "website"),
        ("Telephone: ask me", "contact_phone"),
        ("Organisation: " + "x" * 201, "organisation_name"),
        ("Organisation: One\nOrganisation: Two", "organisation_name"),
        ("Communities: " + "x" * 5_001, "communities"),
    ],
)
def test_what_is_not_certain_is_left_out(app: Flask, line: str, attribute: str) -> None:
    assert attribute not in drafts.answers(read(mail(f"{line}\n", subject="EoI")))


def test_the_words_of_a_stranger_stay_words(send: Send) -> None:
    send(mail(f"Organisation: <script>alert(1)</script> {LINK}\nCountry: Ghana\n", subject="EoI"))

    letter = db.session.scalars(select(Letter)).one()
    assert letter.body.count(LINK) == 1


@pytest.mark.parametrize(
    ("limit", "words"), [("closed", "The call is not open."), ("used up", "Mail has made many drafts within a day")]
)
def test_where_no_draft_is_made_it_is_an_enquiry_that_says_why(
    app: Flask, send: Send, monkeypatch: pytest.MonkeyPatch, limit: str, words: str
) -> None:
    monkeypatch.setattr(limits, "MOST_DRAFTS", 0 if limit == "used up" else 1)
    call = app.extensions["programme"].call
    closes = call.closes
    if limit == "closed":
        object.__setattr__(call, "closes", call.opens)

    try:
        row = send(mail(WHOLE, subject="Expression of Interest"))
    finally:
        object.__setattr__(call, "closes", closes)

    assert row.kind is Kind.ENQUIRY
    assert words in row.reason
    assert [(kind, audience) for kind, audience, _ in letters()] == [("ask", "enquirer"), ("ask", "secretariat")]


def test_a_reply_to_the_letter_with_the_link_is_read_by_staff(
    send: Send, expression: Callable[..., Expression]
) -> None:
    send(WHOLE_MAIL)
    letter = db.session.scalars(select(Letter)).one()

    row = send(subject="Re: finish", text="I only wanted to ask.\n", In_Reply_To=letter.message_id)

    assert (row.kind, row.expression_id) == (Kind.ANSWER, letter.expression_id)
    told = db.session.scalars(select(Letter).where(Letter.kind == "received")).one()
    assert f"http://intake.example.org/staff/received/{row.id}" in told.body
