"""`intake demo` and `intake serve`, run as a person would: started, visited, stopped with Ctrl-C, started again."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from intake import create_app
from intake.extensions import db
from intake.models import Letter, LetterStatus
from intake.notifications import outbox
from intake.notifications.compose import Text
from tests.smtp import SmtpSink

PATIENCE_SECONDS = 60


def free_port() -> int:
    """A port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def command(name: str) -> list[str]:
    """`intake NAME` with this interpreter."""
    return [sys.executable, "-c", "from intake.cli import main; main()", name]


def environment(**settings: str) -> dict[str, str]:
    """This process's variables without the product's, and the settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("INTAKE_")}
    return {**kept, "PYTHONPATH": str(Path(__file__).parents[1]), **settings}


@contextmanager
def running(name: str, folder: Path, end: signal.Signals = signal.SIGINT, **settings: str) -> Iterator[tuple[str, str]]:
    """The address of the running site and what it printed; Ctrl-C, or `end`, ends it with exit code 0."""
    port = free_port()
    with subprocess.Popen(
        command(name),
        cwd=folder,
        env=environment(PORT=str(port), PYTHONUNBUFFERED="1", **settings),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        printed = ""
        assert process.stdout is not None
        for line in process.stdout:
            printed += line
            if "Ctrl-C" in line:
                break
        try:
            wait_for(port)
            yield f"http://127.0.0.1:{port}", printed
        finally:
            process.send_signal(end)
            rest = process.stdout.read()
            assert (process.wait(timeout=PATIENCE_SECONDS), rest.strip()) == (0, "Ended."), printed + rest


def wait_for(port: int) -> None:
    """Wait until the port answers."""
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)


def page(address: str) -> str:
    """The HTML of a page."""
    with urllib.request.urlopen(address, timeout=PATIENCE_SECONDS) as answer:  # noqa: S310 - our own site
        text: str = answer.read().decode()
        return text


def letters(base: str) -> set[str]:
    """The addresses of the letters in the mailbox, once delivery has come to rest."""
    seen: set[str] = set()
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        now = set(re.findall(r'href="(/mailbox/[^"?]+)"', page(f"{base}/mailbox/")))
        if now and now == seen:
            return now
        seen = now
        time.sleep(1)
    return seen


def test_the_demonstration_starts_twice_and_keeps_everything(tmp_path: Path) -> None:
    with running("demo", tmp_path, INTAKE_DEMO_PASSWORD="demonstration password") as (base, printed):
        assert "with the password demonstration password" in printed
        assert [f"{role}@example.org" in printed for role in ("screener", "secretariat", "admin")] == [True] * 3
        assert "The call is open" in page(f"{base}/")
        first = letters(base)
        letter = page(base + sorted(first)[0])

    with running("demo", tmp_path, INTAKE_DEMO_PASSWORD="demonstration password") as (base, _):
        assert letters(base) == first

    assert len(first) > 100
    assert "P2C-" in letter
    assert {path.name for path in (tmp_path / "instance" / "demo").iterdir()} >= {"intake.sqlite3", "programme.toml"}


def test_the_site_alone_has_no_expressions_and_keeps_its_password(tmp_path: Path) -> None:
    with running("serve", tmp_path) as (base, printed):
        assert "No letter has arrived yet" in page(f"{base}/mailbox/")
    with running("serve", tmp_path, signal.SIGTERM) as (base, again):
        pass

    password = re.search(r"with the password (\S+)", printed)
    assert password is not None
    assert password.group() in again


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"PORT": "eighty"}, "PORT is “eighty”; expected a whole number from 1 to 65535."),
        ({"INTAKE_THREADS": "many", "PORT": "18999"}, "INTAKE_THREADS: expected a whole number."),
        ({"INTAKE_PROGRAMME": "nowhere.toml", "PORT": "18999"}, "nowhere.toml"),
    ],
)
def test_a_wrong_setting_is_said_in_a_sentence(tmp_path: Path, settings: dict[str, str], said: str) -> None:
    done = subprocess.run(
        command("serve"), cwd=tmp_path, env=environment(**settings), capture_output=True, text=True, timeout=60
    )

    assert (done.returncode, said in done.stderr, "Traceback" in done.stderr) == (2, True, False)


def test_a_taken_port_is_said_with_how_to_choose_another(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = subprocess.run(
            command("demo"), cwd=tmp_path, env=environment(PORT=port), capture_output=True, text=True, timeout=60
        )

    assert (done.returncode, f"Port {port} is taken" in done.stderr) == (2, True)


@pytest.fixture
def settings(tmp_path: Path) -> dict[str, str]:
    """Of a site on SQLite that nobody has migrated."""
    return {
        "INTAKE_SECRET_KEY": "only for tests, only for tests, only for tests",
        "INTAKE_DATABASE_URL": f"sqlite:///{tmp_path / 'intake.sqlite3'}",
    }


def done(folder: Path, settings: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    """A command that has ended."""
    line = [*command(words[0]), *words[1:]]
    return subprocess.run(
        line, cwd=folder, env=environment(**settings), capture_output=True, text=True, timeout=PATIENCE_SECONDS
    )


@contextmanager
def several(folder: Path, settings: dict[str, str]) -> Iterator[tuple[str, Path]]:
    """The address and the log of a site in two processes; SIGTERM ends it with exit code 0."""
    port, log = free_port(), folder / "web.log"
    line = [*command("web"), "--listen", f"127.0.0.1:{port}", "--processes", "2", "--threads", "2"]
    with log.open("wb") as written:
        process = subprocess.Popen(line, cwd=folder, env=environment(**settings), stdout=written, stderr=written)
    try:
        wait_for(port)
        yield f"http://127.0.0.1:{port}", log
    finally:
        process.terminate()
        assert process.wait(timeout=PATIENCE_SECONDS) == 0, log.read_text()


def test_several_processes_answer_and_deliver_each_letter_once(tmp_path: Path, settings: dict[str, str]) -> None:
    number = 60
    assert done(tmp_path, settings, "db", "upgrade").returncode == 0
    app = create_app(settings)
    with SmtpSink() as smtp, app.app_context():
        for each in range(number):
            outbox.enqueue_test(f"reader{each}@example.org", Text("A letter", "The text.\n"))
        db.session.commit()
        with several(tmp_path, {**settings, "INTAKE_MAIL_PORT": str(smtp.port)}) as (base, log):
            assert "The call" in page(f"{base}/")
            with pytest.raises(urllib.error.HTTPError):
                page(f"{base}/link/a-token-that-nobody-may-read")
            until = time.monotonic() + PATIENCE_SECONDS
            while len(smtp.messages) < number and time.monotonic() < until:
                time.sleep(0.1)
        letters = db.session.query(Letter).filter_by(status=LetterStatus.SENT).count()
        db.session.remove()
        db.engine.dispose()

    assert (letters, len(smtp.messages), len(set(smtp.recipients))) == (number, number, number)
    said = log.read_text()
    assert ("a-token-that-nobody-may-read" in said, "Traceback" in said) == (False, False), said


def test_what_serves_in_several_processes_wants_a_migrated_database(tmp_path: Path, settings: dict[str, str]) -> None:
    refused = done(tmp_path, settings, "web")

    assert (refused.returncode, "run `intake db upgrade`" in refused.stderr, "Traceback" in refused.stderr) == (
        1,
        True,
        False,
    )
