"""Letters carry a DKIM signature that holds after they have passed a mail server, or they wait and say why."""

import importlib.util
import shutil
import subprocess
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import dkim
import pytest
from flask import Flask
from sqlalchemy import update

from intake.extensions import db
from intake.models import Letter, now
from intake.notifications import deliver
from intake.notifications.deliver import Delivered
from intake.notifications.signing import Unsigned, signer
from tests.notifications.conftest import Enqueue, fates, only_letter, pauses_end
from tests.smtp import SmtpSink

GENERATED = {"rsa": ["-algorithm", "rsa", "-pkeyopt", "rsa_keygen_bits:2048"], "ed25519": ["-algorithm", "ed25519"]}
WORDS = "Ministère – 数字\nFrom here\n.\n  trailing  \n" + "A long paragraph. " * 200 + "\n"
NO_PYNACL = "no PyNaCl, which dkimpy needs for ed25519 (to enable: pip install 'dkimpy[ed25519]')"


@pytest.fixture(scope="module", params=["rsa", "ed25519"])
def key(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new private key of each kind."""
    if request.param == "ed25519" and importlib.util.find_spec("nacl") is None:
        pytest.skip(NO_PYNACL)
    return made_key(tmp_path_factory.mktemp("dkim") / "key.pem", request.param)


def made_key(path: Path, kind: str) -> Path:
    if shutil.which("openssl") is None:
        pytest.skip("no openssl on the PATH (to enable: apt-get install -y openssl)")
    subprocess.run(["openssl", "genpkey", *GENERATED[kind], "-out", path], check=True, capture_output=True)
    return path


def name_server(key: Path) -> Callable[..., bytes]:
    """A name server that has the public half of a key, and nothing else."""
    asked = ["openssl", "pkey", "-in", str(key), "-pubout", "-outform", "der"]
    public = subprocess.run(asked, check=True, capture_output=True).stdout
    kind, shown = ("ed25519", public[-32:]) if len(public) < 60 else ("rsa", public)
    record = b"v=DKIM1; k=%b; p=%b" % (kind.encode(), dkim.base64.b64encode(shown))

    def answer(name: bytes, timeout: float = 5) -> bytes:
        return record if name == b"letters._domainkey.example.org." else b""

    return answer


@pytest.fixture
def signing(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Sets a key and its selector."""

    def use(path: object, selector: str = "letters") -> None:
        monkeypatch.setitem(app.config, "DKIM_KEY", str(path))
        monkeypatch.setitem(app.config, "DKIM_SELECTOR", selector)

    return use


def test_a_signature_holds_after_the_letter_has_passed_a_server(
    smtp: SmtpSink, enqueue: Enqueue, signing: Callable[..., None], key: Path
) -> None:
    signing(key)
    enqueue("one@example.org", subject="Ministère – des Réseaux", body=WORDS)

    assert deliver.due() == Delivered(sent=1)

    (received,) = smtp.messages
    assert received.message["DKIM-Signature"].split(";")[2].strip() == "c=relaxed/relaxed"
    assert dkim.verify(received.content, dnsfunc=name_server(key))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"Subject: ", b"Subject: Re: "),
        (b"long paragraph", b"short paragraph"),
        (b"Date: ", b"Subject: Another\r\nDate: "),
        (b"Date: ", b"Reply-To: another@example.org\r\nDate: "),
        (b"MIME-Version: ", b"From: another@example.org\r\nMIME-Version: "),
        (b"Auto-Submitted: auto-generated", b"Auto-Submitted: no"),
    ],
)
def test_whatever_is_changed_or_added_breaks_the_signature(
    smtp: SmtpSink, enqueue: Enqueue, signing: Callable[..., None], tmp_path: Path, old: bytes, new: bytes
) -> None:
    key = made_key(tmp_path / "key.pem", "rsa")
    signing(key)
    enqueue("one@example.org", body=WORDS)
    deliver.due()
    content = smtp.messages[0].content
    assert dkim.verify(content, dnsfunc=name_server(key))

    changed = content.replace(old, new, 1)

    assert changed != content
    assert not dkim.verify(changed, dnsfunc=name_server(key))


def test_without_a_key_letters_are_not_signed(smtp: SmtpSink, enqueue: Enqueue) -> None:
    enqueue("one@example.org")

    deliver.due()

    assert smtp.messages[0].message["DKIM-Signature"] is None


def test_letters_wait_however_long_while_the_key_is_no_key(
    smtp: SmtpSink, enqueue: Enqueue, signing: Callable[..., None], tmp_path: Path
) -> None:
    signing(tmp_path / "gone.pem")
    enqueue("one@example.org", "two@example.org")
    db.session.execute(update(Letter).values(tried_since=now() - timedelta(days=30)))
    db.session.commit()

    assert deliver.everything_due() == Delivered(waiting=2, away=True)
    assert fates() == [("one@example.org", "queued"), ("two@example.org", "queued")]
    assert smtp.connections == 0

    signing(made_key(tmp_path / "gone.pem", "rsa"))
    pauses_end()
    assert deliver.everything_due() == Delivered(sent=2)


def test_a_letter_that_waits_for_a_signature_says_why(
    app: Flask, enqueue: Enqueue, signing: Callable[..., None], tmp_path: Path
) -> None:
    signing(tmp_path / "gone.pem")
    enqueue("one@example.org")

    deliver.due()

    assert only_letter().answer == (
        f"The DKIM key {tmp_path}/gone.pem (INTAKE_DKIM_KEY) cannot be read: No such file or directory. "
        "Let the account that delivers letters read it."
    )


ENCRYPTED = "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIB\n-----END ENCRYPTED PRIVATE KEY-----\n"
DAMAGED = "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n"


@pytest.mark.parametrize("text", ["", "no key", ENCRYPTED, *(DAMAGED.format(each) for each in ("MIIB", "=", "AAAAA"))])
def test_what_is_no_key_is_said_in_a_sentence(tmp_path: Path, text: str) -> None:
    (tmp_path / "key.pem").write_text(text)

    with pytest.raises(Unsigned, match=r"INTAKE_DKIM_KEY\).*"):
        signer({"DKIM_KEY": str(tmp_path / "key.pem"), "DKIM_SELECTOR": "letters"})


@pytest.mark.parametrize("half", [{"DKIM_KEY": "key.pem", "DKIM_SELECTOR": ""}, {"DKIM_KEY": "", "DKIM_SELECTOR": "x"}])
def test_half_of_the_settings_is_refused(half: dict[str, str]) -> None:
    with pytest.raises(Unsigned, match="belong together"):
        signer(half)


def test_a_key_that_needs_another_package_names_it(tmp_path: Path) -> None:
    if importlib.util.find_spec("nacl") is not None:
        pytest.skip("PyNaCl is installed")

    with pytest.raises(Unsigned, match=r"pip install 'dkimpy\[ed25519\]'"):
        signer({"DKIM_KEY": str(made_key(tmp_path / "key.pem", "ed25519")), "DKIM_SELECTOR": "letters"})


def test_the_key_is_shown_nowhere(tmp_path: Path) -> None:
    path = made_key(tmp_path / "key.pem", "rsa")

    made = signer({"DKIM_KEY": str(path), "DKIM_SELECTOR": "letters"})

    assert repr(made) == "Signer(selector='letters', algorithm=b'rsa-sha256')"
