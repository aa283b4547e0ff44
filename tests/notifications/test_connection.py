"""TLS is verified, passwords are used, and what stands in their way is said in a sentence."""

import shutil
import ssl
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from flask import Flask

from intake.models import LetterStatus
from intake.notifications import deliver
from intake.notifications.connection import Line, _own_name
from intake.notifications.deliver import Delivered
from tests.notifications.conftest import Enqueue, only_letter, use
from tests.smtp import STALL, SmtpSink


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1 that nobody has signed, and its key, in one file."""
    if shutil.which("openssl") is None:
        pytest.skip("no openssl on the PATH (to enable: apt-get install -y openssl)")
    folder = tmp_path_factory.mktemp("tls")
    made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    named = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2"]
    files = ["-keyout", str(folder / "key.pem"), "-out", str(folder / "certificate.pem")]
    subprocess.run([*made, *named, *files], check=True, capture_output=True)
    return folder


@pytest.fixture
def secure_smtp(app: Flask, certificate: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SmtpSink]:
    """A server that offers STARTTLS with that certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate / "certificate.pem", certificate / "key.pem")
    with SmtpSink(tls=context) as server:
        use(app, server, monkeypatch)
        monkeypatch.setitem(app.config, "MAIL_USE_TLS", True)
        yield server


def test_a_certificate_that_nobody_vouches_for_is_refused(secure_smtp: SmtpSink, enqueue: Enqueue) -> None:
    enqueue("one@example.org")

    assert deliver.due() == Delivered(waiting=1, away=True)

    letter = only_letter()
    assert letter.status is LetterStatus.QUEUED
    assert letter.answer == (
        f"The certificate of the mail server 127.0.0.1:{secure_smtp.port} is not to be trusted: self-signed certificate"
    )
    assert secure_smtp.messages == []


def test_letters_leave_under_a_trusted_certificate(
    secure_smtp: SmtpSink, certificate: Path, enqueue: Enqueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate / "certificate.pem"))
    enqueue("one@example.org")

    assert deliver.due() == Delivered(sent=1)


def test_a_certificate_of_another_host_is_refused(
    app: Flask, secure_smtp: SmtpSink, certificate: Path, enqueue: Enqueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate / "certificate.pem"))
    monkeypatch.setitem(app.config, "MAIL_SERVER", "localhost")
    enqueue("one@example.org")

    assert deliver.due() == Delivered(waiting=1, away=True)
    assert "is not to be trusted: Hostname mismatch" in only_letter().answer


@pytest.mark.parametrize("offered", [None, "454 not now", STALL])
def test_no_letter_leaves_in_the_clear_when_tls_is_asked_for(
    app: Flask, smtp: SmtpSink, enqueue: Enqueue, monkeypatch: pytest.MonkeyPatch, offered: str | None
) -> None:
    monkeypatch.setitem(app.config, "MAIL_USE_TLS", True)
    smtp.answer_always("STARTTLS", offered)
    enqueue("one@example.org")

    assert deliver.due() == Delivered(waiting=1, away=True)
    assert smtp.messages == []


@pytest.mark.parametrize(("password", "sent"), [("right", 1), ("wrong", 0)])
def test_our_account_is_used(
    app: Flask, enqueue: Enqueue, monkeypatch: pytest.MonkeyPatch, password: str, sent: int
) -> None:
    monkeypatch.setitem(app.config, "MAIL_USERNAME", "intake")
    monkeypatch.setitem(app.config, "MAIL_PASSWORD", password)
    enqueue("one@example.org")
    with SmtpSink(password="right") as server:
        use(app, server, monkeypatch)

        done = deliver.due()

    assert done == Delivered(sent=sent, waiting=1 - sent, away=not sent)
    assert ("refuses our account (INTAKE_MAIL_USERNAME): 535" in only_letter().answer) is not sent


@pytest.mark.parametrize(
    ("setting", "value"), [("MAIL_PORT", 99_999), ("MAIL_SERVER", "no such host"), ("MAIL_SERVER", "☃." * 90)]
)
def test_wrong_settings_are_said_in_the_outbox(
    app: Flask, smtp: SmtpSink, enqueue: Enqueue, monkeypatch: pytest.MonkeyPatch, setting: str, value: object
) -> None:
    monkeypatch.setitem(app.config, setting, value)
    enqueue("one@example.org")

    assert deliver.due() == Delivered(waiting=1, away=True)
    assert "cannot be reached: " in only_letter().answer


@pytest.mark.parametrize(
    ("base_url", "name"),
    [
        ("https://intake.example.org/p2c", "intake.example.org"),
        ("http://127.0.0.1:8000", "[127.0.0.1]"),
        ("http://[::1]:8000", "[IPv6:::1]"),
        ("https://straße.example.org", "localhost"),
    ],
)
def test_we_introduce_ourselves_without_asking_name_servers(base_url: str, name: str) -> None:
    assert _own_name(base_url) == name


def test_a_line_that_was_never_used_ends_quietly(app: Flask) -> None:
    with Line(app.config):
        pass


@pytest.fixture(scope="session")
def authority(certificate: Path) -> Path:
    """A folder with an authority of our own, `authority.pem`, and certificates that it has signed."""
    folder = certificate / "authority"
    folder.mkdir()
    names = ["-subj", "/CN=An authority for tests", "-days", "2", "-addext", "keyUsage=critical,keyCertSign"]
    files = ["-keyout", str(folder / "authority.key"), "-out", str(folder / "authority.pem")]
    openssl("req", "-x509", *NEW_KEY, *names, *files)
    for name, subject, days in CERTIFICATES:
        request, key = folder / f"{name}.csr", folder / f"{name}.key"
        openssl("req", *NEW_KEY, "-subj", "/CN=mail", "-keyout", str(key), "-out", str(request))
        (folder / f"{name}.ext").write_text(f"subjectAltName={subject}\nauthorityKeyIdentifier=keyid\n")
        signed = ["-CA", str(folder / "authority.pem"), "-CAkey", str(folder / "authority.key"), "-days", days]
        shape = ["-extfile", str(folder / f"{name}.ext"), "-out", str(folder / f"{name}.pem"), "-CAcreateserial"]
        openssl("x509", "-req", "-in", str(request), *signed, *shape)
    return folder


NEW_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
CERTIFICATES = (("good", "IP:127.0.0.1", "2"), ("expired", "IP:127.0.0.1", "-1"), ("other", "DNS:example.org", "2"))


def openssl(*words: str) -> None:
    subprocess.run(["openssl", *words], check=True, capture_output=True)


@pytest.fixture
def guarded(app: Flask, authority: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str, str], SmtpSink]]:
    """Starts a server that shows one of the certificates, by STARTTLS or from the first byte."""
    monkeypatch.setenv("SSL_CERT_FILE", str(authority / "authority.pem"))
    with ExitStack() as stack:

        def start(name: str, setting: str) -> SmtpSink:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(authority / f"{name}.pem", authority / f"{name}.key")
            shown = {"tls": context} if setting == "MAIL_USE_TLS" else {"implicit": context}
            server = stack.enter_context(SmtpSink(**shown))
            use(app, server, monkeypatch)
            monkeypatch.setitem(app.config, "MAIL_TIMEOUT", 5)
            monkeypatch.setitem(app.config, setting, True)
            return server

        yield start


BOTH_WAYS = pytest.mark.parametrize("setting", ["MAIL_USE_TLS", "MAIL_USE_SSL"])


@BOTH_WAYS
def test_letters_leave_under_a_certificate_of_a_known_authority(
    guarded: Callable[[str, str], SmtpSink], enqueue: Enqueue, setting: str
) -> None:
    server = guarded("good", setting)
    enqueue("one@example.org")

    assert deliver.due() == Delivered(sent=1)
    assert server.under_tls == [True]


@BOTH_WAYS
@pytest.mark.parametrize(("name", "words"), [("expired", "certificate has expired"), ("other", "IP address mismatch")])
def test_no_letter_leaves_under_a_certificate_that_does_not_hold(
    guarded: Callable[[str, str], SmtpSink], enqueue: Enqueue, setting: str, name: str, words: str
) -> None:
    server = guarded(name, setting)
    enqueue("one@example.org")

    assert deliver.due() == Delivered(waiting=1, away=True)

    assert f"is not to be trusted: {words}" in only_letter().answer
    assert server.messages == []


@BOTH_WAYS
def test_no_letter_leaves_under_a_certificate_of_an_unknown_authority(
    guarded: Callable[[str, str], SmtpSink], enqueue: Enqueue, setting: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = guarded("good", setting)
    monkeypatch.delenv("SSL_CERT_FILE")
    enqueue("one@example.org")

    assert deliver.due() == Delivered(waiting=1, away=True)

    assert "is not to be trusted: unable to get local issuer certificate" in only_letter().answer
    assert server.messages == []
