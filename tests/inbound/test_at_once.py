"""Two processes that take in the same mail, and two sites that write to each other: each mail counts once."""

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from email import message_from_bytes
from pathlib import Path

import pytest
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import select

from intake import create_app
from intake.extensions import db
from intake.inbound.receiving import receive
from intake.models import Enquiry, Kind, Letter, ReceivedMessage
from intake.notifications import deliver
from tests.inbound.conftest import ENQUIRER, Send, letters, mail, received
from tests.smtp import SmtpSink


def taken(app: Flask, content: bytes) -> int:
    """The row that a thread, standing for a process, gives for a mail."""
    with app.app_context():
        try:
            return receive(content, source="thread").id
        finally:
            db.session.remove()


def test_the_same_mail_taken_in_eight_times_at_once_is_one(app: Flask) -> None:
    content = mail(Message_ID="<one@example.org>")
    db.session.rollback()

    with ThreadPoolExecutor(8) as threads:
        rows = list(threads.map(lambda _: taken(app, content), range(8)))

    assert rows == [received()[0].id] * 8
    assert len(received()) == 1
    assert letters() == [("ask", "enquirer", ENQUIRER), ("ask", "secretariat", "secretariat@example.org")]


def test_mails_of_one_address_at_once_are_answered_once(app: Flask) -> None:
    contents = [mail(subject=f"Number {number}", Message_ID=f"<{number}@example.org>") for number in range(8)]
    db.session.rollback()

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda content: taken(app, content), contents))

    assert len(db.session.scalars(select(Enquiry)).all()) == 8
    assert [audience for _kind, audience, _ in letters()].count("enquirer") == 1


def test_a_process_that_dies_before_its_commit_leaves_nothing(
    app: Flask, environment: dict[str, str], send: Send
) -> None:
    db.session.rollback()
    content = mail(Message_ID="<one@example.org>")
    killed = (
        "import os, signal, sys\n"
        "from sqlalchemy import event\n"
        "from intake import create_app\n"
        "from intake.extensions import db\n"
        "from intake.inbound.receiving import receive\n"
        "with create_app().app_context():\n"
        "    event.listen(db.engine, 'commit', lambda _: os.kill(os.getpid(), signal.SIGKILL))\n"
        "    receive(sys.stdin.buffer.read(), source='pipe')\n"
    )
    done = subprocess.run([sys.executable, "-c", killed], input=content, env=dict(environment), timeout=120)
    assert done.returncode == -9
    assert (received(), letters()) == ([], [])

    row = send(content)

    assert (row.kind, len(letters())) == (Kind.ENQUIRY, 2)


@pytest.fixture
def sites(tmp_path: Path, programme_file: Path) -> Iterator[tuple[list[Flask], SmtpSink]]:
    """Two sites of their own, each of whose mail goes to one server; the addresses of the second are `other`."""
    with SmtpSink() as smtp:
        made = []
        for name in ("one", "other"):
            programme = tmp_path / f"{name}.toml"
            text = programme_file.read_text(encoding="utf-8")
            programme.write_text(text.replace('"intake@', f'"{name}@').replace('"secretariat@', f'"{name}@'))
            environment = {
                "INTAKE_SECRET_KEY": "only for tests, only for tests, only for tests",
                "INTAKE_DATABASE_URL": f"sqlite:///{tmp_path}/{name}.sqlite3",
                "INTAKE_PROGRAMME": str(programme),
                "INTAKE_MAIL_SERVER": smtp.host,
                "INTAKE_MAIL_PORT": str(smtp.port),
            }
            made.append(create_app(environment, {"TESTING": True}))
            with made[-1].app_context():
                upgrade()
        yield made, smtp
        for site in made:
            with site.app_context():
                db.session.remove()
                db.engine.dispose()


def test_two_of_our_own_mailboxes_exchange_at_most_one_letter(sites: tuple[list[Flask], SmtpSink]) -> None:
    (one, other), smtp = sites
    mailboxes = {"one@example.org": one, "other@example.org": other}
    letter = mail(sender="Other <other@example.org>", subject="Hello", Message_ID="<hello@example.org>")
    exchanged = _carried({"one@example.org": [letter]}, mailboxes, smtp)

    between = [each for each in exchanged if each[:2] != ("one@example.org", "one@example.org")]
    assert [each for each in between if each[1] == "other@example.org"] == [
        ("one@example.org", "other@example.org", "auto-generated")
    ]
    assert [each for each in between if each[0] == "other@example.org"] == []
    with other.app_context():
        assert [row.kind for row in db.session.scalars(select(ReceivedMessage))] == [Kind.AUTOMATIC]
        assert db.session.scalars(select(Letter)).all() == []


def _carried(
    post: dict[str, list[bytes]], mailboxes: dict[str, Flask], smtp: SmtpSink
) -> list[tuple[str, str, str | None]]:
    """Carry mail between the mailboxes until none moves any more; from whom to whom each letter of ours went."""
    found: list[tuple[str, str, str | None]] = []
    for _round in range(10):
        for address, contents in post.items():
            with mailboxes[address].app_context():
                for content in contents:
                    receive(content, source="test")
                    db.session.rollback()
                deliver.everything_due()
                db.session.remove()
        post, smtp.messages[:], sent = {}, [], list(smtp.messages)
        for each in sent:
            found.append((each.sender, each.recipient, message_from_bytes(each.content)["Auto-Submitted"]))
            post.setdefault(each.recipient, []).append(each.content)
        if not sent:
            return found
    raise AssertionError("they write to each other without end")
