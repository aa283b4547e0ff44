"""Rows and files of documents stay together: under faults, in races, with staff, in backups, and as all of them go."""

import gc
import io
import json
import os
import resource
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask, has_app_context
from flask.testing import FlaskClient

from intake import documents
from intake.cli import main
from intake.documents import storing, sweeping
from intake.extensions import db
from intake.models import Conflict, ConflictKind, Expression, ScanState, User
from tests import databases, making
from tests.applicants.walking import address, hold
from tests.documents import files
from tests.documents.conftest import free_port
from tests.documents.test_adding import add, rows
from workflows.expression import State
from workflows.people import Role

Make = Callable[..., Expression]
Run = Callable[..., Any]


@pytest.fixture
def sent(client: FlaskClient, expression: Make) -> Expression:
    """An expression that was sent, whose applicant may still change it."""
    made = expression(State.SUBMITTED)
    hold(client, made)
    return made


@contextmanager
def room_for(most: int) -> Iterator[None]:
    """No file of this process may grow beyond so many bytes, as on a disk that is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def long_pdf(size: int) -> bytes:
    """A sound PDF with so many bytes in it that cannot be packed."""
    content = os.urandom(size)
    return files.pdf(lambda made: made.pages[0].__setattr__("Contents", made.make_stream(content)))


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("size", [300_000, 3_000_000])
def test_a_full_disk_is_a_refusal_that_leaves_nothing_and_then_work_goes_on(
    client: FlaskClient, sent: Expression, size: int
) -> None:
    content = long_pdf(size)  # the larger one goes to a file of Werkzeug's, which leaves it to the collector then

    with room_for(200_000):
        refused = add(client, sent, "letter.pdf", content)

    gc.collect()
    assert (refused.status_code, "There is no room left on our side" in refused.text) == (507, True)
    assert (rows(), list(storing.keys())) == ([], [])
    assert (add(client, sent, "letter.pdf", content).status_code, len(rows())) == (303, 1)


def test_a_storage_that_is_away_is_a_refusal(
    client: FlaskClient, sent: Expression, app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = making.document(sent, files.pdf())
    (tmp_path / "file").write_bytes(b"")
    for place in (tmp_path / "file" / "documents", "no-such-scheme://somewhere"):
        monkeypatch.setitem(app.config, "DOCUMENTS", str(place))

        added = add(client, sent, "map.png", files.picture("PNG"))
        opened = client.get(address(sent, f"/documents/{held.id}"))

        assert (added.status_code, opened.status_code, len(rows())) == (503, 503, 1)
        assert "Documents cannot be reached at the moment" in added.text


def test_a_file_that_no_row_names_is_deleted_once_it_is_an_hour_old(sent: Expression, app: Flask) -> None:
    kept = making.document(sent, files.pdf())
    old, young = storing.new_key(), storing.new_key()
    for key in (old, young):
        storing.put(key, io.BytesIO(b"x"))
    file = Path(app.config["DOCUMENTS"], old[:2], old)
    os.utime(file, (0, 0))
    os.utime(Path(app.config["DOCUMENTS"], kept.key[:2], kept.key), (0, 0))

    assert sweeping.delete_orphans() == 1

    assert sorted(storing.keys()) == sorted([kept.key, young])


def test_all_documents_of_an_expression_go_with_the_commit_and_not_before(sent: Expression, expression: Make) -> None:
    made = [making.document(sent) for _ in range(2)]
    keys, other = [each.key for each in made], making.document(expression(State.SUBMITTED)).key

    assert documents.remove_all(sent) == 2
    db.session.rollback()
    assert sorted(storing.keys()) == sorted([*keys, other])

    with db.session.begin_nested():
        documents.remove_all(sent)
    assert sorted(storing.keys()) == sorted([*keys, other])
    db.session.commit()

    assert ([row.key for row in rows()], list(storing.keys())) == ([other], [other])


def test_the_same_form_five_times_at_once_is_one_document(app: Flask, client: FlaskClient, sent: Expression) -> None:
    page, content, codes = address(sent, "/documents"), files.pdf(), list[int]()
    with client.session_transaction() as session:
        links = session["links"]
    db.session.remove()

    def send() -> None:
        browser = app.test_client()
        with browser.session_transaction() as session:
            session["links"] = links
        codes.append(browser.post(page, data={"document": (io.BytesIO(content), "letter.pdf")}).status_code)

    threads = [threading.Thread(target=send) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    [row] = rows()
    assert (codes, list(storing.keys())) == ([303] * 5, [row.key])


def test_staff_see_documents_with_their_flags_and_open_them(sent: Expression, sign_in: Run) -> None:
    held = making.document(sent, files.pdf(), name="<b>letter</b>.pdf", flags=["javascript", "launch"])
    for role in (Role.SCREENER, Role.SECRETARIAT, Role.ADMINISTRATOR):
        browser = sign_in(role)
        page = browser.get(f"/staff{address(sent)}").text
        assert "&lt;b&gt;letter&lt;/b&gt;.pdf" in page
        assert "it holds JavaScript and a command that starts programs." in page
        with browser.get(f"/staff{address(sent, f'/documents/{held.id}')}") as answer:
            assert (answer.status_code, answer.data[:5]) == (200, b"%PDF-")
            assert answer.headers["Content-Security-Policy"].strip() == "default-src 'none'; sandbox"
        browser.post("/staff/logout")


def test_whoever_has_a_conflict_of_interest_sees_no_document(
    sent: Expression, sign_in: Run, account: Callable[[Role], User]
) -> None:
    held = making.document(sent, name="letter.pdf")
    db.session.add(
        Conflict(expression_id=sent.id, user_id=account(Role.SCREENER).id, kind=ConflictKind.ADVICE, reason="A.")
    )
    db.session.commit()
    browser = sign_in(Role.SCREENER)

    page = browser.get(f"/staff{address(sent)}").text

    assert ("letter.pdf" in page, "because you have a conflict of interest" in page) == (False, True)
    assert browser.get(f"/staff{address(sent, f'/documents/{held.id}')}").status_code == 403


def test_documents_of_drafts_and_of_other_expressions_are_no_page_to_staff(expression: Make, sign_in: Run) -> None:
    draft, other = expression(State.DRAFT), expression(State.SUBMITTED)
    held = making.document(draft)
    browser = sign_in(Role.SCREENER)

    for subject in (draft, other):
        assert browser.get(f"/staff{address(subject, f'/documents/{held.id}')}").status_code == 404


def test_the_export_counts_what_is_kept(sent: Expression, sign_in: Run) -> None:
    making.document(sent)
    gone = making.document(sent)
    gone.removed_at = sent.submitted_at
    db.session.commit()

    lines = sign_in(Role.SECRETARIAT).get("/staff/queue/export.csv").text.splitlines()

    assert (lines[0].rpartition(",")[2], lines[1].rpartition(",")[2]) == ("Documents", "1")


@pytest.fixture
def intake(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs `intake ...` with the settings of the application under test, others as given."""

    def run(*arguments: object, typed: str | None = None, **more: str) -> Any:
        for name in [name for name in os.environ if name.startswith("INTAKE_")]:
            monkeypatch.delenv(name)
        for name, value in {**environment, **more}.items():
            monkeypatch.setenv(name, value)
        if has_app_context():
            db.session.commit()
        return CliRunner().invoke(main, [str(argument) for argument in arguments], input=typed)

    return run


def found(result: Any) -> list[tuple[str, str]]:
    """What the doctor says of documents and their scanner that is not well."""
    findings = json.loads(result.stdout)["findings"]
    parts = [each for each in findings if each["part"] in {"documents", "scanner"} and each["status"] != "ok"]
    return [(each["status"], each["text"]) for each in parts]


def test_the_doctor_names_what_is_wrong_with_documents(sent: Expression, intake: Run) -> None:
    lost, infected, waiting = (making.document(sent) for _ in range(3))
    infected.scan_state, waiting.scan_state = ScanState.INFECTED, ScanState.WAITING
    storing.remove(lost.key)
    storing.put(storing.new_key(), io.BytesIO(b"x"))
    port = free_port()

    said = found(intake("doctor", "--json", INTAKE_CLAMAV=f"tcp://127.0.0.1:{port}"))

    assert said[0][0] == "fault"
    assert said[0][1].startswith(f"tcp://127.0.0.1:{port} does not answer")
    assert said[1:] == [
        ("fault", f"1 documents have no file, or another one than they had (id {lost.id} first)."),
        ("warning", "1 files belong to no document."),
        ("warning", "1 are infected and lie in the quarantine."),
        ("warning", "1 wait to be scanned."),
    ]


def test_the_doctor_names_a_storage_that_is_away(sent: Expression, intake: Run, tmp_path: Path) -> None:
    making.document(sent)
    (tmp_path / "file").write_bytes(b"")

    said = found(intake("doctor", "--json", INTAKE_DOCUMENTS=str(tmp_path / "file" / "x")))

    assert [status for status, _ in said] == ["warning", "fault"]


def test_a_backup_holds_documents_and_gives_them_back(tmp_path: Path, programme_file: Path, intake: Run) -> None:
    source, target = (f"sqlite:///{tmp_path / name / 'intake.sqlite3'}" for name in ("source", "target"))
    content = files.pdf()
    for name in ("source", "target"):
        (tmp_path / name).mkdir()
    with databases.opened(source, programme_file, INTAKE_DOCUMENTS=""):
        made = databases.submitted()
        kept, lost, gone = (making.document(made, content) for _ in range(3))
        gone.removed_at = made.submitted_at
        db.session.commit()
        key = kept.key
        storing.remove(lost.key)
    settings = {**databases.settings(source, programme_file), "INTAKE_DOCUMENTS": ""}

    backed = intake("backup", tmp_path / "backup.tar", **settings)
    restored = intake("restore", tmp_path / "backup.tar", "--into", target, **settings)

    assert (backed.exit_code, restored.exit_code) == (0, 0), backed.output + restored.output
    assert "1 documents have no file" in backed.output
    there = tmp_path / "target" / "documents" / key[:2] / key
    assert there.read_bytes() == content
    assert [file.name for file in (tmp_path / "target" / "documents").rglob("*") if file.is_file()] == [key]
    assert (there.parents[1].stat().st_mode & 0o077) == 0
