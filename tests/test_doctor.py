"""`intake doctor`: a sound installation is well, and each thing that is broken is named with how to mend it."""

import json
import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import delete, text, update

from intake.advance import advance
from intake.cli import main
from intake.extensions import db
from intake.inbound import limits
from intake.inbound.receiving import receive
from intake.models import Expression, HistoryEntry, Kind, Letter, LetterStatus, ReceivedMessage, SearchWords, now
from intake.outside import readiness
from tests.making import APPLICANT, SECRETARIAT
from tests.smtp import SmtpSink
from workflows.expression import State

Make = Callable[..., Expression]
on_one_database = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""For what does not depend on the database."""
Examine = Callable[..., dict[str, list[tuple[str, str]]]]


@pytest.fixture(scope="module")
def smtp() -> Iterator[SmtpSink]:
    """A mail server."""
    with SmtpSink() as server:
        yield server


@pytest.fixture
def run(
    app: Flask, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch, smtp: SmtpSink
) -> Callable[..., tuple[int, str]]:
    """Runs `intake doctor` with the settings of the application under test, others as given; its code and words."""

    def call(*arguments: str, **settings: str) -> tuple[int, str]:
        for name in [name for name in os.environ if name.startswith("INTAKE_")]:
            monkeypatch.delenv(name)
        given = {"INTAKE_RATE_LIMITS": "yes", "INTAKE_HTTPS": "yes", "INTAKE_MAIL_PORT": str(smtp.port)}
        address = {"INTAKE_BASE_URL": "https://intake.example.org"}
        for name, value in {**environment, **given, **address, **settings}.items():
            monkeypatch.setenv(name, value)
        db.session.commit()
        result = CliRunner().invoke(main, ["doctor", *arguments])
        assert result.exception is None or isinstance(result.exception, SystemExit)
        db.session.expire_all()
        return result.exit_code, result.stdout

    return call


@pytest.fixture
def examine(run: Callable[..., tuple[int, str]]) -> Examine:
    """What is not well: part to status and sentence, but that letters are not signed and documents not scanned."""

    def look(*arguments: str, **settings: str) -> dict[str, list[tuple[str, str]]]:
        code, said = run("--json", *arguments, **settings)
        report: dict[str, Any] = json.loads(said)
        usual = {"signature", "scanner"} if "INTAKE_CLAMAV" not in settings else {"signature"}
        bad = [each for each in report["findings"] if each["status"] != "ok" and each["part"] not in usual]
        assert (code, report["well"]) == ((1, False) if "fault" in {each["status"] for each in bad} else (0, True))
        assert all(each["mend"] for each in bad if each["part"] != "migrations")
        found: dict[str, list[tuple[str, str]]] = {}
        for each in bad:
            found.setdefault(each["part"], []).append((each["status"], each["text"]))
        return found

    return look


def step(expression: Make) -> Expression:
    """An expression that was submitted through the door, with its letters."""
    draft = expression(State.DRAFT)
    advance(draft, "submit", actor=APPLICANT, version=draft.version)
    return draft


def sent() -> None:
    """Every letter has left."""
    db.session.execute(update(Letter).values(status=LetterStatus.SENT, sent_at=now()))
    db.session.commit()


@pytest.mark.parametrize("arguments", [[], ["--thorough"]])
def test_a_sound_installation_is_well(
    run: Callable[..., tuple[int, str]], expression: Make, arguments: list[str]
) -> None:
    step(expression)

    code, said = run(*arguments)

    lines = said.splitlines()
    assert (code, lines[-1]) == (0, "All is well; warnings: 2.")
    assert [line for line in lines if line.startswith(("fault", "warning"))] == [
        "warning  signature: Letters are not signed by us.",
        "warning  scanner: Documents are not scanned for viruses.",
    ]
    parts = ("database", "migrations", "clock", "history", "steps", "letters", "search", "mail server", "limits")
    assert [part for part in parts if f"ok       {part}: " not in said] == []


def test_looking_changes_nothing_and_sends_nothing(examine: Examine, expression: Make, smtp: SmtpSink) -> None:
    draft = step(expression)
    before = (draft.version, draft.updated_at, len(smtp.messages))

    assert examine("--thorough") == {}

    assert (draft.version, draft.updated_at, len(smtp.messages)) == before


def test_a_history_that_was_changed_is_a_fault(examine: Examine, expression: Make) -> None:
    draft = step(expression)
    db.session.execute(update(HistoryEntry).values(actor_name="Somebody else"))

    assert examine() == {
        "history": [("fault", f"1 faults: {draft.reference}, entry 1: its words were changed after they were written.")]
    }


def test_a_step_whose_letter_is_gone_is_a_fault(examine: Examine, expression: Make) -> None:
    step(expression)
    sent()
    db.session.execute(delete(Letter).where(Letter.audience == "applicant"))

    [[(status, words)]] = examine().values()

    assert (status, words[:40]) == ("fault", "1 steps lack a letter that they should h")


def test_letters_of_an_undone_step_count_as_written(examine: Examine, expression: Make) -> None:
    ghana = step(expression)
    advance(ghana, "withdraw", actor=SECRETARIAT, version=ghana.version, reason="Asked for.")

    assert examine("--thorough") == {}


def test_letters_that_nobody_delivers_are_a_fault(examine: Examine, expression: Make) -> None:
    step(expression)
    db.session.execute(update(Letter).values(due_at=now() - timedelta(minutes=90)))

    words = "The oldest due letter has been due for 90 minutes: no delivery runs."
    assert examine() == {"letters": [("fault", words)]}


def test_letters_that_failed_came_back_or_were_left_by_a_dead_delivery_are_warnings(
    examine: Examine, expression: Make
) -> None:
    for status in (LetterStatus.FAILED, LetterStatus.BOUNCED, LetterStatus.SENDING):
        latest = step(expression)
        db.session.execute(update(Letter).where(Letter.expression_id == latest.id).values(status=status))
    ended = {"leased_until": now() - timedelta(seconds=1), "lease_token": "x"}
    held = db.session.execute(update(Letter).where(Letter.status == LetterStatus.SENDING).values(ended))

    each = held.rowcount  # type: ignore[attr-defined]
    assert examine() == {
        "letters": [
            ("warning", f"{each} have failed."),
            ("warning", f"{each} have come back."),
            ("warning", f"{each} are held by a delivery that has ended."),
        ]
    }


@pytest.mark.parametrize(("share", "status"), [(0.9, "warning"), (1, "fault")])
def test_mail_that_leaves_little_room_or_none_is_said(
    examine: Examine, expression: Make, monkeypatch: pytest.MonkeyPatch, share: float, status: str
) -> None:
    step(expression)
    sent()
    receive(b"From: a@example.org\nSubject: A question\n\nWhen?\n", source="pipe")
    sent()
    monkeypatch.setattr(limits, "MEGABYTE", limits.kept_bytes() / share)

    words = f"{share:.0f} of 1 megabytes are taken by mail that came in."
    assert examine(INTAKE_INBOX_MEGABYTES="1")["room for mail"] == [(status, words)]


def test_times_to_come_are_warnings(examine: Examine, expression: Make) -> None:
    step(expression)
    tomorrow = now() + timedelta(days=2)
    db.session.execute(update(Letter).values(due_at=tomorrow))
    entry = db.session.query(HistoryEntry).one()
    entry.at = tomorrow

    found = examine()

    number = db.session.query(Letter).count()
    assert found["clock"] == [
        ("warning", "1 steps carry a time to come."),
        ("warning", f"{number} letters are due too far ahead."),
    ]


def test_an_expression_that_no_search_finds_is_a_fault(examine: Examine, expression: Make) -> None:
    step(expression)
    db.session.execute(delete(SearchWords))

    assert examine() == {"search": [("fault", "1 were sent and 0 can be found.")]}


def test_mail_that_could_not_be_sorted_is_a_warning(examine: Examine) -> None:
    db.session.add(ReceivedMessage(identity="x", source="inbox", kind=Kind.QUARANTINED, size=1))

    assert examine() == {"received mail": [("warning", "1 messages could not be sorted.")]}


def test_a_database_of_another_version_is_a_fault_and_ends_the_look(examine: Examine) -> None:
    db.session.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    try:
        found = examine()
    finally:
        db.session.execute(text("UPDATE alembic_version SET version_num = :n"), {"n": readiness.newest_revision()})
        db.session.commit()

    assert [*found] == ["migrations"]
    assert "`intake db upgrade`" in found["migrations"][0][1]


AWAY = [
    ({"MAIL_PORT": "1"}, "mail server", "The mail server 127.0.0.1:1 cannot be reached"),
    ({"MAIL_USE_TLS": "yes"}, "mail server", "cannot be reached: STARTTLS extension not supported by server."),
    ({"MAIL_USERNAME": "u", "MAIL_PASSWORD": "geheim"}, "mail server", "cannot be reached: SMTP AUTH extension"),
    ({"RATE_LIMIT_STORAGE": "redis://:geheim@127.0.0.1:1/0"}, "limits", "redis://127.0.0.1 does not answer"),
    ({"INBOX": "imaps://user@127.0.0.1:1/INBOX", "INBOX_PASSWORD": "geheim"}, "inbox", "INTAKE_INBOX"),
    ({"INBOX": "maildir:///nowhere"}, "inbox", "INTAKE_INBOX"),
    ({"DATABASE_URL": "postgresql://user:geheim@127.0.0.1:1/x"}, "database", "PostgreSQL at 127.0.0.1:1, x) does not"),
    ({"DATABASE_URL": "sqlite:////nowhere/x.sqlite3"}, "database", "There is no file /nowhere/x.sqlite3."),
    ({"MAIL_PROT": "25"}, "settings", "INTAKE_MAIL_PROT is not a setting."),
    ({"PROGRAMME": "/nowhere.toml"}, "settings", "/nowhere.toml"),
]


@on_one_database
@pytest.mark.parametrize(("settings", "part", "said"), AWAY, ids=[str(each[0]) for each in AWAY])
def test_what_does_not_answer_is_named_with_its_setting_and_without_a_secret(
    examine: Examine, settings: dict[str, str], part: str, said: str
) -> None:
    found = examine(**{f"INTAKE_{name}": value for name, value in settings.items()})

    assert [*found] == [part]
    [(status, words)] = found[part]
    assert (status, said in words, "geheim" in words) == ("fault", True, False), words


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_broker_that_does_not_answer_is_a_fault(examine: Examine) -> None:
    found = examine(INTAKE_CELERY_BROKER_URL="amqp://user:geheim@127.0.0.1:1//")

    assert found["broker"] == [("fault", "amqp://127.0.0.1:1 does not answer (OperationalError); no letter is lost.")]


@on_one_database
@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"HTTPS": "no", "BASE_URL": "http://intake.example.org"}, "Cookies also travel by plain HTTP."),
        ({"BASE_URL": "https://127.0.0.1"}, "Letters carry links to this machine alone."),
        ({"RATE_LIMITS": "no"}, "Nobody limits how many forms an address sends."),
        ({"METRICS_TOKEN": "short"}, "The token for /metrics can be guessed."),
        ({"MAILBOX": "/tmp"}, "Everybody can read all letters."),  # noqa: S108 - nothing is written there
    ],
)
def test_a_setting_that_is_most_likely_not_meant_is_a_warning(
    examine: Examine, settings: dict[str, str], said: str
) -> None:
    found = examine(**{f"INTAKE_{name}": value for name, value in settings.items()})

    assert found == {"settings": [("warning", said)]}


@on_one_database
def test_a_key_that_cannot_sign_is_a_fault(run: Callable[..., tuple[int, str]], tmp_path: Path) -> None:
    key = tmp_path / "key.pem"
    key.write_text("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", encoding="ascii")

    code, said = run(INTAKE_DKIM_KEY=str(key), INTAKE_DKIM_SELECTOR="intake")

    assert (code, f"fault    signature: The DKIM key {key} (INTAKE_DKIM_KEY) cannot sign" in said) == (1, True)
