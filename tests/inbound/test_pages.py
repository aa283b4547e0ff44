"""The pages of received mail: what staff see of it, as plain words, and its bytes as a file and nothing else."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event

from intake.extensions import db
from intake.inbound import shelf
from intake.models import Conflict, ConflictKind, Expression, Kind, User
from tests.inbound.conftest import Send, mail
from workflows.expression import State
from workflows.people import Role

SignIn = Callable[[Role], FlaskClient]
EVIL = "<script>alert(1)</script> & “more”"


def test_what_a_stranger_wrote_is_shown_as_plain_words(send: Send, sign_in: SignIn) -> None:
    row = send(mail(f"{EVIL}\n", sender='"<b>Bold</b>" <a@example.org>', subject=EVIL))
    browser = sign_in(Role.SECRETARIAT)

    listed = browser.get("/staff/received").get_data(as_text=True)
    page = browser.get(f"/staff/received/{row.id}").get_data(as_text=True)

    for text in (listed, page):
        assert "<script>alert" not in text
        assert "<b>Bold" not in text
        assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; “more”" in text
        assert "It asks something, or is about nothing else that is known." in text
    assert "/staff/enquiries/ENQ-" in page


def test_the_bytes_are_only_to_be_kept(send: Send, sign_in: SignIn) -> None:
    content = mail(b"<script>alert(1)</script>\xff\0", Content_Type="text/html")
    row = send(content)

    answer = sign_in(Role.SECRETARIAT).get(f"/staff/received/{row.id}/raw")

    assert answer.data == content
    headers = ("Content-Type", "Content-Disposition", "X-Content-Type-Options", "Content-Security-Policy")
    assert [answer.headers[name].strip() for name in headers] == [
        "application/octet-stream",
        f'attachment; filename="message-{row.id}.eml"',
        "nosniff",
        "default-src 'none'; sandbox",
    ]


def test_the_list_shows_one_kind_page_by_page(send: Send, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shelf, "PAGE", 2)
    for number in range(5):
        send(subject=f"Number {number}", sender=f"a{number}@example.org")
    send(subject="Away", Auto_Submitted="auto-replied")
    browser = sign_in(Role.ADMINISTRATOR)

    first = shelf.messages([Kind.ENQUIRY], None)
    second = shelf.messages([Kind.ENQUIRY], first.next)
    everything = shelf.messages(list(Kind), None)

    assert [row.subject for row in first.rows] == ["Number 4", "Number 3"]
    assert [row.subject for row in second.rows] == ["Number 2", "Number 1"]
    assert [row.subject for row in everything.rows] == ["Away", "Number 4"]
    page = browser.get(f"/staff/received?kind=enquiry&from={first.next}").get_data(as_text=True)
    assert ("Number 2" in page, "Number 4" in page, "Away" in page) == (True, False, False)
    assert "“nonsense” is not known here" in browser.get("/staff/received?kind=nonsense").get_data(as_text=True)


def test_a_longer_list_asks_no_more_of_the_database(send: Send, sign_in: SignIn) -> None:
    browser = sign_in(Role.SECRETARIAT)
    asked: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    counts = []
    for number in range(3):
        send(subject=f"Number {number}", sender=f"a{number}@example.org")
        db.session.rollback()
        asked.clear()
        browser.get("/staff/received")
        counts.append(len(asked))

    assert counts[0] == counts[1] == counts[2]


def test_the_page_of_an_expression_shows_its_mail(
    send: Send, sign_in: SignIn, expression: Callable[..., Expression]
) -> None:
    ours = expression(State.SUBMITTED)
    send(mail(f"{EVIL}\n", sender="stranger@example.org", subject=f"About {ours.reference}"))

    page = sign_in(Role.SCREENER).get(f"/staff/expressions/{ours.reference}").get_data(as_text=True)

    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; “more”" in page
    assert "Its subject names the reference, from an address that is not of this expression." in page


def test_an_applicant_sees_none_of_it(send: Send, client: FlaskClient, expression: Callable[..., Expression]) -> None:
    row = send(subject="Hello")

    assert [client.get(f"/staff/received{path}").status_code for path in ("", f"/{row.id}", f"/{row.id}/raw")] == [
        303
    ] * 3


def test_who_has_a_conflict_of_interest_reads_none_of_it(
    send: Send, sign_in: SignIn, account: Callable[[Role], User], expression: Callable[..., Expression]
) -> None:
    ours = expression(State.SUBMITTED)
    row = send(mail("SECRET WORDS\n", sender="stranger@example.org", subject=f"About {ours.reference}"))
    browser, person = sign_in(Role.SECRETARIAT), account(Role.SECRETARIAT)
    tie = Conflict(expression_id=ours.id, user_id=person.id, kind=ConflictKind.PERSONAL, reason="A cousin.")
    db.session.add(tie)
    db.session.commit()

    one, raw = browser.get(f"/staff/received/{row.id}"), browser.get(f"/staff/received/{row.id}/raw")
    page = browser.get(f"/staff/expressions/{ours.reference}")

    assert raw.status_code == 403
    assert b"You have a conflict of interest" in one.data
    assert not [answer for answer in (one, raw, page) if b"SECRET WORDS" in answer.data]


def test_a_message_that_is_not_there_is_no_page(sign_in: SignIn) -> None:
    browser = sign_in(Role.SECRETARIAT)

    assert [browser.get(f"/staff/received/7{path}").status_code for path in ("", "/raw")] == [404, 404]


def test_of_a_message_that_was_too_large_the_page_says_so(send: Send, sign_in: SignIn) -> None:
    row = send(mail(b"x" * 25_000_000, subject="Large"))

    page = sign_in(Role.SECRETARIAT).get(f"/staff/received/{row.id}").get_data(as_text=True)

    assert row.kind is Kind.QUARANTINED
    assert "It is larger than 25 MB." in page
    assert "Only its first lines were kept." in page
