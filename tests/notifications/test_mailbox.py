"""The demonstration's mailbox: the local sink and the page that shows what it received."""

import smtplib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from intake import create_app, mailbox
from intake.extensions import db
from intake.models import Expression
from intake.notifications import deliver, outbox
from intake.notifications.recipients import Recipient
from intake.sink import Sink
from tests.conftest import StrictClient
from workflows.expression import State

Make = Callable[..., Expression]


@pytest.fixture
def sink(tmp_path: Path) -> Iterator[Sink]:
    """A sink on a free port."""
    with Sink(tmp_path / "mailbox") as running:
        yield running


@pytest.fixture
def browser(environment: dict[str, str], tmp_path: Path) -> FlaskClient:
    """A browser on an application that has a mailbox."""
    site = create_app({**environment, "INTAKE_MAILBOX": str(tmp_path / "mailbox")}, {"TESTING": True})
    site.test_client_class = StrictClient
    return site.test_client()


def post(sink: Sink, *, subject: str = "Hello", body: str = "Text", recipient: str = "one@example.org") -> None:
    """Hand the sink a letter."""
    with smtplib.SMTP(sink.host, sink.port, local_hostname="localhost", timeout=5) as client:
        words = f"Subject: {subject}\r\nTo: {recipient}\r\nDate: Tue, 24 Nov 2026 04:13:08 +0000\r\n\r\n{body}\r\n"
        client.sendmail("intake@example.org", [recipient], words.encode())


def test_a_newcomer_follows_the_link_of_a_letter(
    app: Flask, sink: Sink, browser: FlaskClient, expression: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "MAIL_PORT", sink.port)
    rwanda = expression(State.SUBMITTED)
    outbox.enqueue_link(rwanda, Recipient(rwanda.contact_email))
    db.session.commit()
    deliver.everything_due()

    listed = browser.get("/mailbox/").get_data(as_text=True)
    (name,) = [part.partition('"')[0] for part in listed.split('href="/mailbox/')[1:] if part[0].isdigit()]
    shown = browser.get(f"/mailbox/{name}").get_data(as_text=True)

    assert rwanda.contact_email in listed
    assert f"{rwanda.reference}: your link" in listed
    assert '<a href="http://intake.example.org/link/' in shown
    assert "Only a demonstration has this page" in listed
    assert "Only a demonstration has this page" in shown


def test_the_newest_letter_stands_first(sink: Sink, browser: FlaskClient) -> None:
    for number in range(3):
        post(sink, subject=f"Number {number}")

    page = browser.get("/mailbox/").get_data(as_text=True)

    assert sorted(range(3), key=lambda number: page.index(f"Number {number}")) == [2, 1, 0]


def test_the_list_is_limited(sink: Sink, browser: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailbox, "MOST_SHOWN", 2)
    for number in range(3):
        post(sink, subject=f"Number {number}")

    page = browser.get("/mailbox/").get_data(as_text=True)

    assert "Number 0" not in page
    assert "2 of 3" in page


def test_an_empty_mailbox_says_what_fills_it(sink: Sink, browser: FlaskClient) -> None:
    assert "No letter has arrived yet" in browser.get("/mailbox/").get_data(as_text=True)


def test_what_a_letter_says_is_text(sink: Sink, browser: FlaskClient, tmp_path: Path) -> None:
    post(
        sink, subject="<script>1</script>", body="<script>2</script> https://bad.example http://intake.example.org.bad/"
    )

    (file,) = (tmp_path / "mailbox" / "new").iterdir()
    shown = browser.get(f"/mailbox/{file.name}").get_data(as_text=True)

    assert "<script" not in shown
    assert 'href="https://bad.example' not in shown
    assert 'href="http://intake.example.org.bad' not in shown


@pytest.mark.parametrize("name", ["..%2F..%2Fsecret", "..", "%2e%2e", "new", "new%2F", "nothing", "%00"])
def test_only_letters_can_be_opened(sink: Sink, browser: FlaskClient, tmp_path: Path, name: str) -> None:
    (tmp_path / "secret").write_text("the secret")

    answer = browser.get(f"/mailbox/{name}", follow_redirects=True)

    assert answer.status_code == 404 or "Mailbox of the demonstration" in answer.get_data(as_text=True)
    assert "the secret" not in answer.get_data(as_text=True)


def test_without_the_setting_there_is_no_mailbox(client: FlaskClient, app: Flask) -> None:
    assert client.get("/mailbox/").status_code == 404
    assert [rule.endpoint for rule in app.url_map.iter_rules() if rule.endpoint.startswith("mailbox")] == []


def test_a_folder_that_is_no_mailbox_is_no_page(browser: FlaskClient) -> None:
    assert browser.get("/mailbox/").status_code == 404


def test_a_taken_port_is_said_at_once(sink: Sink, tmp_path: Path) -> None:
    with pytest.raises(OSError, match="in use"), Sink(tmp_path / "other", port=sink.port):
        pass
