"""Runs the whole site in one process on this machine: migrations, sink, delivery, web server; Ctrl-C ends it all."""

import contextlib
import logging
import os
import secrets
import signal
import socket
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import click
import waitress
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy.exc import OperationalError

from intake import create_app, demonstration, logs, people, storage, threads
from intake.config import SettingError
from intake.documents.limits import MOST_REQUEST
from intake.extensions import db
from intake.models import now
from intake.programme import ProgrammeError, demonstration_text
from intake.sink import Sink

HOST = "127.0.0.1"
LOG_FORMAT = "INTAKE_LOG_FORMAT"
"""Whoever sets it wants the log of every request; on a terminal, warnings are enough."""
STAFF = {
    "screener@example.org": ("Screener", ["screener"]),
    "secretariat@example.org": ("Secretariat", ["secretariat"]),
    "admin@example.org": ("Administrator", ["administrator"]),
}
Say = Callable[[str], None]


def run(folder: Path, environment: Mapping[str, str], *, filled: bool, say: Say) -> None:
    """Serve until interrupted, keeping everything in `folder`; variables that are set win over what is chosen here.
    `filled`: with the demonstration's programme and expressions.

    Raises `click.ClickException` with a sentence when the port is taken or a setting is wrong.
    """
    folder.mkdir(parents=True, exist_ok=True)
    port = _port(environment)
    with contextlib.ExitStack() as stack:
        settings = {**_local(folder, port, filled=filled), **environment}
        if "INTAKE_MAIL_SERVER" not in environment:
            settings.update(_with_sink(stack, folder))
        try:
            app = create_app(settings)
        except (SettingError, ProgrammeError) as error:
            raise click.UsageError(str(error)) from error
        logs.configure(app.config["LOG_FORMAT"], logging.INFO if LOG_FORMAT in environment else logging.WARNING)
        _prepare(app, folder, environment, filled=filled, say=say)
        stack.enter_context(threads.running(app))
        _serve(app, port, say)


def _port(environment: Mapping[str, str]) -> int:
    text = environment.get("PORT", "8000")
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 65536:
        raise click.UsageError(f"PORT is “{text}”; expected a whole number from 1 to 65535.")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, int(text)))
        except OSError as error:
            message = f"Port {text} is taken ({error.strerror}). Choose another: PORT=8001 make demo"
            raise click.UsageError(message) from error
    return int(text)


def _local(folder: Path, port: int, *, filled: bool) -> dict[str, str]:
    settings = {
        "INTAKE_SECRET_KEY": _kept(folder / "secret-key", secrets.token_hex(32)),
        "INTAKE_DATABASE_URL": f"sqlite:///{(folder / 'intake.sqlite3').resolve()}",
        "INTAKE_BASE_URL": f"http://{HOST}:{port}",
    }
    if filled:
        settings["INTAKE_SECOND_FACTOR"] = "none"
        programme = folder / "programme.toml"
        _kept(programme, demonstration_text(datetime.now(UTC).date()))
        settings["INTAKE_PROGRAMME"] = str(programme.resolve())
    return settings


def _kept(file: Path, text: str) -> str:
    """The content of a file that only its owner may read, written with `text` when it is not there yet."""
    if not file.exists():
        with open(os.open(file, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600), "w", encoding="utf-8") as new:
            new.write(text)
    return file.read_text(encoding="utf-8")


def _with_sink(stack: contextlib.ExitStack, folder: Path) -> dict[str, str]:
    mailbox = (folder / "mailbox").resolve()
    sink = stack.enter_context(Sink(mailbox))
    return {"INTAKE_MAIL_SERVER": HOST, "INTAKE_MAIL_PORT": str(sink.port), "INTAKE_MAILBOX": str(mailbox)}


def _prepare(app: Flask, folder: Path, environment: Mapping[str, str], *, filled: bool, say: Say) -> None:
    with app.app_context():
        _migrate()
        password = _accounts(folder, environment.get("INTAKE_DEMO_PASSWORD"))
        if filled:
            _fill()
        _print(app, password, say)


def _migrate() -> None:
    try:
        with _quiet():
            upgrade()
    except OperationalError as error:
        raise click.ClickException(storage.fault(db.engine.url, error)) from error


def _accounts(folder: Path, wanted: str | None) -> str:
    """Make the staff accounts that are not there yet; a wanted password replaces the one they have."""
    password = wanted or _kept(folder / "staff-password", secrets.token_urlsafe(12))
    for email, (name, roles) in STAFF.items():
        if wanted or not people.known(email):
            people.put(email, name=name, roles=roles, password=password)
    return password


def _fill() -> None:
    with click.progressbar(demonstration.plans(), label="Demonstration expressions", file=sys.stderr) as plans:
        for plan in plans:
            demonstration.make(plan, now())
    for question in demonstration.QUESTIONS:
        demonstration.ask(question)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep the migration's own lines off the terminal."""
    with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere), contextlib.redirect_stderr(nowhere):
        yield


def _print(app: Flask, password: str, say: Say) -> None:
    base = app.config["BASE_URL"]
    say(f"\nApplicants   {base}/")
    say(f"Staff        {base}/staff/   with the password {password}")
    for email, (_, roles) in STAFF.items():
        say(f"             {email} ({', '.join(roles)})")
    if app.config["MAILBOX"]:
        say(f"Mailbox      {base}/mailbox/   what the local SMTP server received")
    say("Ctrl-C ends everything; nothing is lost.\n")


def _interrupt(number: int, frame: object) -> None:
    raise KeyboardInterrupt


def _serve(app: Flask, port: int, say: Say) -> None:
    """Serve until Ctrl-C or a supervisor's SIGTERM, also where the shell that started us ignores the first."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)
    with contextlib.suppress(KeyboardInterrupt):
        waitress.serve(
            app,
            host=HOST,
            port=port,
            threads=app.config["THREADS"],
            ident=None,
            channel_timeout=60,
            connection_limit=500,
            max_request_body_size=2 * MOST_REQUEST,
            max_request_header_size=65_536,
            _quiet=True,
        )
    say("Ended.")
