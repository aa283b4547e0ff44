"""Logs: a line for each request, an id to quote, and never a word, an address or a link of a person."""

import contextlib
import http.client
import json
import logging
import os
import re
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import waitress
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert, select, text, update

from intake import access, links, logs
from intake.extensions import db
from intake.models import Expression, Letter
from intake.notifications import deliver, outbox
from intake.notifications.compose import Text
from tests.applicants import walking
from tests.smtp import SmtpSink
from tests.test_serving import PATIENCE_SECONDS, free_port, wait_for
from tests.test_serving import environment as of_a_process
from workflows.expression import State

Make = Callable[..., Expression]
on_one_database = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""For what does not depend on the database."""
Lines = Callable[[], list[dict[str, Any]]]
ROOT = Path(__file__).parents[1]
VISITOR = "203.0.113.77"
TOKEN = "Abc-defghijklmnopqrstuvwxyz_0123456789ABCDE"
PERSON, ORGANISATION, EMAIL = "Officer Quux", "Ministry of Zyzzyva", "quux@zyzzyva.example.org"


@pytest.fixture
def written(capsys: pytest.CaptureFixture[str]) -> Iterator[Lines]:
    """What the log has gained since this was last asked, as json, configured as in a site."""
    root, ours = logging.getLogger(), logging.getLogger(logs.OURS)
    others, levels = root.handlers, (root.level, ours.level)
    root.handlers = []
    logs.configure("json", logging.DEBUG)
    [handler] = root.handlers
    root.handlers = [*others, handler]
    capsys.readouterr()
    yield lambda: [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    root.removeHandler(handler)
    root.setLevel(levels[0])
    ours.setLevel(levels[1])


def leaks(lines: list[dict[str, Any]], *secrets: str) -> list[str]:
    """What must not stand in the log and does, each word of it as well."""
    whole = "\n".join(json.dumps(line, ensure_ascii=False) for line in lines).lower()
    return [secret for secret in secrets if secret.lower() in whole]


@on_one_database
def test_a_request_leaves_one_line_with_its_id_and_nothing_of_its_address(client: FlaskClient, written: Lines) -> None:
    answer = client.get(
        f"/link/{TOKEN}?q={EMAIL}", headers={"User-Agent": "Quux"}, environ_base={"REMOTE_ADDR": VISITOR}
    )

    [line] = written()
    assert line.pop("milliseconds") > 0
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+Z", line.pop("timestamp"))
    assert line == {
        "event": "request",
        "level": "info",
        "logger": "intake.outside.following",
        "method": "GET",
        "endpoint": "applicants.show_link",
        "status": answer.status_code,
        "request_id": answer.headers["X-Request-ID"],
    }


@on_one_database
@pytest.mark.parametrize(
    ("proxies", "proposed", "taken"),
    [
        ("1", "0123456789abcdef", True),
        ("0", "0123456789abcdef", False),
        ("1", "short", False),
        ("1", "x" * 65, False),
        ("1", "quux@example.org", False),
        ("1", "a b c d e f g h", False),
    ],
)
def test_an_id_is_taken_from_a_trusted_proxy_alone_and_only_when_it_is_well_formed(
    app: Flask, another: Callable[..., Flask], proxies: str, proposed: str, taken: bool
) -> None:
    browser = another(INTAKE_TRUSTED_PROXIES=proxies).test_client()

    answers = [browser.get("/healthz", headers={"X-Request-ID": proposed}).headers["X-Request-ID"] for _ in range(2)]

    assert (answers == [proposed] * 2) is taken
    assert taken or (len(set(answers)), *{len(answer) for answer in answers}) == (2, 16)


def raising(app: Flask, error: Callable[[], object]) -> None:
    """Add a page that fails."""

    @access.public
    def fail() -> str:
        error()
        return ""

    app.add_url_rule("/fails", "fails", fail)


def render_nothing() -> None:
    """What a template says of an attribute that is not there: it quotes what it was given."""
    raise RuntimeError(f"{PERSON} <{EMAIL}> has no attribute “name”; see /link/{TOKEN}")


@on_one_database
def test_the_page_of_an_error_of_ours_says_the_id_under_which_the_log_tells_where(
    app: Flask, another: Callable[..., Flask], written: Lines
) -> None:
    broken = another()
    raising(broken, render_nothing)

    answer = broken.test_client().get("/fails")

    lines = written()
    trace, request = lines
    assert (answer.status_code, trace["event"], request["status"]) == (500, "fails failed", 500)
    assert trace["request_id"] == request["request_id"] == answer.headers["X-Request-ID"]
    assert f"<code><bdi>{trace['request_id']}</bdi></code>" in answer.text
    assert 'raise RuntimeError(f"{PERSON} <{EMAIL}> has no' in trace["exception"]
    assert trace["exception"].splitlines()[-1] == "builtins.RuntimeError"
    assert leaks(lines, PERSON, EMAIL, TOKEN) == []


@on_one_database
def test_a_page_that_is_not_there_quotes_no_id(client: FlaskClient) -> None:
    answer = client.get("/nowhere")

    assert (answer.status_code, answer.headers["X-Request-ID"] in answer.text) == (404, False)


BREAKS = {
    "unique": lambda known: (
        db.session.execute(
            update(Expression).where(Expression.id == known.id).values(creation_key="x" * 64, organisation_name=PERSON)
        )
        and db.session.execute(insert(Expression).values(reference=known.reference, **made(known)))
    ),
    "check": lambda known: db.session.execute(
        update(Expression).values(state=State.ASSIGNED, focus_area=None, criteria_met=4, contact_name=PERSON)
    ),
    "syntax": lambda known: db.session.execute(text("SELECT nothing FROM nowhere WHERE a = :a"), {"a": PERSON}),
    "type": lambda known: db.session.execute(text("SELECT CAST(:a AS jsonb)"), {"a": f"{PERSON} {EMAIL}"}),
}


def made(known: Expression) -> dict[str, Any]:
    """The columns of a second row like one that is there."""
    return {"call_id": known.call_id, "state": State.DRAFT, "criteria_count": 4, "contact_email": EMAIL}


@pytest.mark.parametrize("how", BREAKS)
def test_a_statement_that_fails_tells_what_failed_and_no_value(
    how: str, app: Flask, another: Callable[..., Flask], expression: Make, written: Lines
) -> None:
    expression(State.SUBMITTED, organisation_name=ORGANISATION, contact_name=PERSON, contact_email=EMAIL)
    broken = another()
    raising(broken, lambda: BREAKS[how](db.session.scalars(select(Expression)).one()))

    answer = broken.test_client().get("/fails")

    assert answer.status_code in ({200, 500, 503} if db.engine.dialect.name == "sqlite" else {500})
    lines = written()
    assert leaks(lines, PERSON, ORGANISATION, EMAIL, "zyzzyva") == []
    assert how != "unique" or re.search(r"IntegrityError: .*(uq_expressions_|expressions\.)reference", str(lines))


def test_a_whole_way_of_an_applicant_leaves_no_word_of_theirs(
    client: FlaskClient, app: Flask, monkeypatch: pytest.MonkeyPatch, written: Lines
) -> None:
    monkeypatch.setitem(client.environ_base, "REMOTE_ADDR", VISITOR)
    draft = walking.begin(client)
    walking.fill(client, draft)
    walking.answer(client, draft, "organisation", organisation_name=ORGANISATION)
    walking.answer(client, draft, "contact", contact_name=PERSON, contact_email=EMAIL)
    walking.hold(client, walking.by_reference(draft.reference))
    walking.send(client, draft)
    client.post("/link", data={"email": EMAIL})
    _, token = links.mint(draft.id, EMAIL)
    db.session.commit()
    client.get(f"/link/{token}")
    client.post(f"/link/{token}")
    client.post("/staff/login", data={"email": EMAIL, "password": "a wrong password"})
    client.get(f"/staff/login?next=/link/{token}")

    lines = written()
    assert len(lines) == 32
    assert {line["event"] for line in lines} == {"request"}
    assert leaks(lines, PERSON, ORGANISATION, EMAIL, token, VISITOR, draft.reference, "a wrong password") == []


@on_one_database
def test_letters_that_do_not_leave_name_no_recipient_and_no_link(
    app: Flask, expression: Make, monkeypatch: pytest.MonkeyPatch, written: Lines
) -> None:
    with SmtpSink() as smtp:
        for name, value in {"MAIL_SERVER": smtp.host, "MAIL_PORT": smtp.port}.items():
            monkeypatch.setitem(app.config, name, value)
        smtp.refused[EMAIL] = f"550 no mailbox {EMAIL} of {PERSON} here"
        for address in (EMAIL, "no address", "other@zyzzyva.example.org"):
            outbox.enqueue_test(address, Text("Test", f"Dear {PERSON}\n"))
        db.session.commit()
        smtp.answer("DOT", f"451 later, {PERSON}")
        deliver.everything_due()
    monkeypatch.setitem(app.config, "MAIL_PORT", 1)
    outbox.resend(db.session.scalars(select(Letter).order_by(Letter.id)).first())  # type: ignore[arg-type]
    db.session.commit()
    deliver.everything_due()

    lines = written()
    assert [re.sub(r"letter \d+", "letter", line["event"]).partition(":")[0] for line in lines] == [
        "letter, attempt 1",
        "letter cannot be sent",
        "letter, attempt 1",
        "1 letters wait",
    ]
    assert leaks(lines, PERSON, EMAIL, "zyzzyva") == []


def fetch(address: str) -> bytes:
    """The whole answer."""
    with urllib.request.urlopen(address, timeout=PATIENCE_SECONDS) as answer:  # noqa: S310 - our own site
        content: bytes = answer.read()
        return content


@on_one_database
def test_a_web_server_that_tells_of_a_broken_answer_names_no_link(
    app: Flask, another: Callable[..., Flask], written: Lines
) -> None:
    broken = another()

    @access.public
    def breaks(token: str) -> Iterator[bytes]:
        yield b"begun"
        raise RuntimeError(PERSON)

    broken.add_url_rule("/link/<token>/export", "breaks", breaks)
    server = waitress.create_server(broken, host="127.0.0.1", port=0, threads=1)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    with pytest.raises(http.client.IncompleteRead):
        fetch(f"http://127.0.0.1:{server.effective_port}/link/{TOKEN}/export")
    server.close()
    thread.join(PATIENCE_SECONDS)

    lines = written()
    assert [line["event"] for line in lines if line["logger"] == "waitress"] == [
        "Exception while serving /link/…/export"
    ]
    assert leaks(lines, PERSON, TOKEN) == []


def test_a_chain_of_errors_is_told_from_its_beginning(written: Lines) -> None:
    try:
        try:
            os.stat("/nowhere")
        except OSError as error:
            raise KeyError(PERSON) from error
    except KeyError:
        logging.getLogger("intake.somewhere").exception("a word %s", "more")

    [line] = written()
    endings = [text for text in line["exception"].splitlines() if not text.startswith((" ", "Traceback"))]
    assert endings == [
        "builtins.FileNotFoundError: No such file or directory",
        "which was the cause of:",
        "builtins.KeyError",
    ]


def test_a_log_that_a_process_has_already_is_left_alone() -> None:
    before = logging.getLogger().handlers[:]

    logs.configure("json")

    assert logging.getLogger().handlers == before


@contextlib.contextmanager
def gunicorn(**settings: str) -> Iterator[tuple[str, list[str]]]:
    """The address of a site under gunicorn, and what it has said once it has ended."""
    port, said = free_port(), list[str]()
    command = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--log-level", "warning", "wsgi:app"]
    process = subprocess.Popen(command, cwd=ROOT, env=of_a_process(**settings), stderr=subprocess.PIPE, text=True)
    try:
        wait_for(port)
        yield f"http://127.0.0.1:{port}", said
    finally:
        process.terminate()
        said += process.communicate(timeout=PATIENCE_SECONDS)[1].splitlines()


def test_under_gunicorn_every_line_is_json_and_names_no_link(tmp_path: Path) -> None:
    settings = {
        "INTAKE_SECRET_KEY": "only for tests, only for tests, only for tests",
        "INTAKE_DATABASE_URL": f"sqlite:///{tmp_path}/empty.sqlite3",
        "INTAKE_LOG_FORMAT": "json",
    }

    with gunicorn(**settings) as (site, said), pytest.raises(urllib.error.HTTPError) as failed:
        fetch(f"{site}/link/{TOKEN}")
    failed.value.close()

    lines = [json.loads(line) for line in said if line.startswith("{")]
    assert [line["request_id"] for line in lines] == [failed.value.headers["X-Request-ID"]] * 2
    assert TOKEN not in "".join(said)


@pytest.mark.parametrize("command", [["gunicorn", "wsgi:app"], ["intake.cli"]])
def test_a_wrong_setting_ends_a_server_with_a_sentence(command: list[str]) -> None:
    settings = {"INTAKE_SECRET_KEY": "short", "INTAKE_DATABASE_URL": "sqlite:///x"}
    program = [sys.executable, "-m", *command]
    if command == ["intake.cli"]:
        program = [sys.executable, "-c", "from intake.cli import main; main()", "mail", "status"]

    done = subprocess.run(
        program, cwd=ROOT, env=of_a_process(**settings), capture_output=True, text=True, timeout=PATIENCE_SECONDS
    )

    assert "INTAKE_SECRET_KEY: expected at least 32 random characters" in done.stderr
    assert (done.returncode != 0, "Traceback" in done.stderr) == (True, False)
