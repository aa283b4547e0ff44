"""Whence mail is taken: nothing is marked before it is stored, and nothing that waits is lost or taken twice."""

import os
import shutil
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from intake.cli import main
from intake.extensions import db
from intake.inbound import limits, polling
from intake.inbound.parsing import HEAD_BYTES, MOST_BYTES
from intake.inbound.polling import Away, Taken
from intake.models import Kind, Letter, LetterStatus
from tests.inbound import notices
from tests.inbound.conftest import mail, received
from tests.inbound.imap import ACCOUNT, DROP, FOLDER, PASSWORD, STALL, ImapServer

QUARANTINED = "It is larger than 25 MB."


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1 that vouches for itself, and its key."""
    if shutil.which("openssl") is None:
        pytest.skip("no openssl on the PATH (to enable: apt-get install -y openssl)")
    folder = tmp_path_factory.mktemp("imap")
    made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    named = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2"]
    files = ["-keyout", str(folder / "key.pem"), "-out", str(folder / "certificate.pem")]
    subprocess.run([*made, *named, *files], check=True, capture_output=True)
    return folder


def context(authority: Path) -> ssl.SSLContext:
    """What a server needs to speak TLS."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(authority / "certificate.pem", authority / "key.pem")
    return made


def use(app: Flask, monkeypatch: pytest.MonkeyPatch, inbox: str) -> None:
    """Let the application fetch its mail there."""
    monkeypatch.setitem(app.config, "INBOX", inbox)
    monkeypatch.setitem(app.config, "INBOX_PASSWORD", PASSWORD)
    monkeypatch.setitem(app.config, "MAIL_TIMEOUT", 2)


@pytest.fixture
def imap(app: Flask, authority: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ImapServer]:
    """A server whose certificate is trusted, and which is the application's inbox."""
    monkeypatch.setenv("SSL_CERT_FILE", str(authority / "certificate.pem"))
    with ImapServer(context(authority)) as server:
        use(app, monkeypatch, address("imaps", server))
        yield server


def address(scheme: str, server: ImapServer) -> str:
    return f"{scheme}://{ACCOUNT.replace('@', '%40')}@127.0.0.1:{server.port}/{FOLDER.replace(' ', '%20')}"


def subjects() -> list[tuple[str, str]]:
    return [(row.source, row.subject) for row in received()]


def test_unseen_messages_are_taken_and_marked(imap: ImapServer) -> None:
    imap.messages = {uid: mail(subject=f"Number {uid}") for uid in range(1, 46)}
    imap.seen = {1, 45}

    assert polling.fetch() == Taken(43)

    assert imap.seen == set(range(1, 46))
    assert subjects() == [("imaps", f"Number {uid}") for uid in range(2, 45)]
    assert polling.fetch() == Taken(0)


def test_starttls_comes_before_the_password(app: Flask, authority: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(authority / "certificate.pem"))
    with ImapServer(context(authority), starttls=True) as server:
        server.messages = {7: mail()}
        use(app, monkeypatch, address("imap+starttls", server))

        assert polling.fetch() == Taken(1)

        assert server.asked.index("STARTTLS") < server.asked.index("LOGIN")


def test_a_certificate_that_nobody_vouches_for_ends_it_before_the_password(
    app: Flask, authority: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ImapServer(context(authority)) as server:
        use(app, monkeypatch, address("imaps", server))

        with pytest.raises(Away, match=r"certificate of the IMAP server is not to be trusted: self-signed"):
            polling.fetch()

        assert server.asked == []


@pytest.mark.parametrize("command", ["LOGIN", "SELECT", "SEARCH", "FETCH"])
@pytest.mark.parametrize("does", [DROP, STALL])
def test_a_server_that_is_lost_on_the_way_is_named(
    app: Flask, imap: ImapServer, monkeypatch: pytest.MonkeyPatch, command: str, does: str
) -> None:
    monkeypatch.setitem(app.config, "MAIL_TIMEOUT", 0.3)
    imap.messages, imap.scripted = {1: mail()}, {command: does}

    with pytest.raises(Away, match="INTAKE_INBOX"):
        polling.fetch()

    assert (received(), imap.seen) == ([], set())


def test_a_wrong_password_is_named_and_not_repeated(
    app: Flask, imap: ImapServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "INBOX_PASSWORD", "a wrong one")

    with pytest.raises(Away) as refused:
        polling.fetch()

    assert str(refused.value) == "The IMAP server refuses our account (INTAKE_INBOX, INTAKE_INBOX_PASSWORD)."


def test_a_message_whose_mark_was_lost_is_taken_once(imap: ImapServer) -> None:
    imap.messages, imap.scripted = {1: mail()}, {"STORE": DROP}
    with pytest.raises(Away):
        polling.fetch()
    assert (len(received()), imap.seen) == (1, set())

    imap.scripted = {}

    assert polling.fetch() == Taken(1)
    assert (len(received()), imap.seen) == (1, {1})


def test_nothing_is_marked_when_the_database_is_away(imap: ImapServer) -> None:
    imap.messages = {1: mail()}

    def fail(*_: object) -> None:
        raise OperationalError("COMMIT", {}, Exception("the database is away"))

    event.listen(db.engine, "commit", fail)
    try:
        with pytest.raises(OperationalError):
            polling.fetch()
    finally:
        event.remove(db.engine, "commit", fail)

    assert (received(), imap.seen) == ([], set())


def test_of_a_message_that_is_too_large_only_the_beginning_is_fetched(imap: ImapServer) -> None:
    imap.messages = {1: mail(b"x" * 200_000, subject="Large"), 2: mail(subject="Small")}
    imap.sizes = {1: MOST_BYTES + 1}

    assert polling.fetch() == Taken(2)

    large, small = received()
    assert (large.kind, large.reason, large.subject) == (Kind.QUARANTINED, QUARANTINED, "Large")
    assert large.size == MOST_BYTES + 1
    assert b"xxx" not in large.content
    assert small.kind is Kind.ENQUIRY
    assert imap.seen == {1, 2}


@pytest.fixture
def maildir(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty Maildir, which is the application's inbox."""
    for name in ("tmp", "new", "cur"):
        (tmp_path / name).mkdir()
    use(app, monkeypatch, f"maildir://{tmp_path}")
    return tmp_path


def test_a_maildir_is_emptied_the_poisonous_too(maildir: Path) -> None:
    deep = b"".join(b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n' % (at, at) for at in range(200))
    (maildir / "new" / "1.host").write_bytes(mail(subject="First"))
    (maildir / "new" / "2.host").write_bytes(b"From: a@example.org\n" + deep)
    (maildir / "new" / "3.host:2,").write_bytes(mail(subject="Last", sender="b@example.org"))
    (maildir / "cur" / "0.host:2,S").write_bytes(mail(subject="Read long ago"))

    assert polling.fetch() == Taken(3)

    assert list((maildir / "new").iterdir()) == []
    assert sorted(path.name for path in (maildir / "cur").iterdir()) == [
        "0.host:2,S",
        "1.host:2,S",
        "2.host:2,S",
        "3.host:2,S",
    ]
    assert [(row.kind, row.subject) for row in received()] == [
        (Kind.ENQUIRY, "First"),
        (Kind.QUARANTINED, ""),
        (Kind.ENQUIRY, "Last"),
    ]


def test_what_is_to_be_given_again_stays_and_holds_up_nothing(
    maildir: Path, sent_letter: Callable[..., Letter]
) -> None:
    letter = sent_letter(status=LetterStatus.SENDING)
    (maildir / "new" / "1.host").write_bytes(notices.exim(letter))
    (maildir / "new" / "2.host").write_bytes(mail(subject="Next"))

    assert polling.fetch() == Taken(1)

    assert [path.name for path in (maildir / "new").iterdir()] == ["1.host"]
    assert [row.subject for row in received()] == ["Next"]


def test_a_file_of_a_maildir_that_is_too_large_is_set_aside(maildir: Path) -> None:
    with (maildir / "new" / "1.host").open("wb") as file:
        file.write(mail(subject="Large"))
        file.truncate(MOST_BYTES + 1)

    assert polling.fetch() == Taken(1)

    row = received()[0]
    assert (row.kind, row.reason, row.size) == (Kind.QUARANTINED, QUARANTINED, MOST_BYTES + 1)
    assert len(row.content) <= HEAD_BYTES


def test_a_maildir_that_is_not_there_is_named(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use(app, monkeypatch, f"maildir://{tmp_path}/nowhere")

    with pytest.raises(
        Away, match=r"^The mail that comes in cannot be read \(INTAKE_INBOX\): No such file or directory$"
    ):
        polling.fetch()


def test_without_an_inbox_nothing_is_fetched(app: Flask) -> None:
    assert polling.fetch() == Taken(0)


def test_a_message_that_is_piped_in_is_stored(app: Flask, environment: dict[str, str]) -> None:
    db.session.rollback()
    command = [sys.executable, "-c", "from intake.cli import main; main()", "mail", "receive"]

    done = subprocess.run(
        command, input=mail(subject="Piped"), env={**os.environ, **environment}, capture_output=True, timeout=120
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert subjects() == [("pipe", "Piped")]


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("INTAKE_DATABASE_URL", "postgresql://nobody@127.0.0.1:9/nowhere"),
        ("INTAKE_DATABASE_URL", "sqlite:////proc/nowhere/intake.sqlite3"),
        ("INTAKE_DATABASE_URL", "sqlite:///{folder}/empty.sqlite3"),
        ("INTAKE_MAIL_PORT", "twenty-five"),
    ],
    ids=["away", "not to be opened", "without tables", "wrong setting"],
)
def test_the_mail_server_keeps_what_cannot_be_stored_now(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, setting: str, value: str
) -> None:
    usual = {"INTAKE_SECRET_KEY": "x" * 40, "INTAKE_DATABASE_URL": f"sqlite:///{tmp_path}/intake.sqlite3"}
    for name, text in {**usual, setting: value.format(folder=tmp_path)}.items():
        monkeypatch.setenv(name, text)

    said = CliRunner().invoke(main, ["mail", "receive"], input=mail(text="PRIVATE\n"))

    assert said.exit_code == 75
    assert "was not taken in and has to be given again" in said.output
    assert "PRIVATE" not in said.output


def test_the_command_says_how_many_it_fetched(
    maildir: Path, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (maildir / "new" / "1.host").write_bytes(mail())
    for name, value in {**environment, "INTAKE_INBOX": f"maildir://{maildir}"}.items():
        monkeypatch.setenv(name, value)

    said = CliRunner().invoke(main, ["mail", "fetch"])
    monkeypatch.setenv("INTAKE_INBOX", "")
    nowhere = CliRunner().invoke(main, ["mail", "fetch"])

    assert (said.exit_code, said.output) == (0, "1 taken in.\n")
    assert (nowhere.exit_code, nowhere.output) == (
        1,
        "Error: INTAKE_INBOX is not set, so there is nowhere to fetch mail from.\n",
    )


def test_where_no_room_is_left_mail_waits_at_its_source_and_nothing_kept_makes_way(
    app: Flask, maildir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = mail(subject="First"), mail(subject="Second", sender="b@example.org")
    monkeypatch.setitem(app.config, "INBOX_MEGABYTES", 1)
    monkeypatch.setattr(limits, "MEGABYTE", len(first) + len(second) - 1)
    (maildir / "new" / "1.host").write_bytes(first)
    (maildir / "new" / "2.host").write_bytes(second)

    for _ in range(2):
        with pytest.raises(polling.Away, match="INTAKE_INBOX_MEGABYTES: of 1 megabytes"):
            polling.fetch()
        assert [path.name for path in (maildir / "new").iterdir()] == ["2.host"]
        assert [row.content for row in received()] == [first]

    monkeypatch.setattr(limits, "MEGABYTE", len(first) + len(second))
    assert polling.fetch() == Taken(1)
    assert [row.content for row in received()] == [first, second]


def test_without_a_limit_all_mail_is_kept(app: Flask, maildir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "INBOX_MEGABYTES", 0)
    (maildir / "new" / "1.host").write_bytes(mail())

    assert polling.fetch() == Taken(1)


def test_a_mail_server_keeps_what_is_piped_in_where_no_room_is_left(
    app: Flask, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {**environment, "INTAKE_INBOX_MEGABYTES": "1"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(limits, "MEGABYTE", 10)

    said = CliRunner().invoke(main, ["mail", "receive"], input=mail(text="PRIVATE\n"))

    assert (said.exit_code, "INTAKE_INBOX_MEGABYTES" in said.output, "PRIVATE" in said.output) == (75, True, False)
    assert received() == []
