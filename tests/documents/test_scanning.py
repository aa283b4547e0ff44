"""Documents stay in the quarantine until a real clamd has called them clean, whether it answers at once or later."""

import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from intake.documents import scanning
from intake.extensions import db
from intake.models import Expression, ScanState
from tests import making
from tests.applicants.walking import address, hold
from tests.documents import files
from tests.documents.conftest import HARMLESS, SIGNATURE, Clamd, free_port
from tests.documents.test_adding import add, rows
from workflows.expression import State
from workflows.people import Role

Make = Callable[..., Expression]
INFECTED = files.package({"mimetype": files.TEXT, "content.xml": HARMLESS}, packed=zipfile.ZIP_STORED)


@pytest.fixture
def sent(client: FlaskClient, expression: Make) -> Expression:
    """An expression that was sent, whose applicant may still change it."""
    made = expression(State.SUBMITTED)
    hold(client, made)
    return made


@pytest.fixture
def scans(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Sets the scanner of the application."""
    return lambda url: monkeypatch.setitem(app.config, "CLAMAV", url)


def states() -> list[tuple[ScanState, str]]:
    """What was said of each document, with the scanner's words."""
    return [(row.scan_state, row.scan_words) for row in rows()]


def test_a_clean_document_can_be_opened_at_once(
    client: FlaskClient, sent: Expression, clamd: Clamd, scans: Callable[[str], None]
) -> None:
    scans(clamd.url)

    add(client, sent, "letter.pdf", files.pdf())

    assert states() == [(ScanState.CLEAN, "")]
    with client.get(address(sent, f"/documents/{rows()[0].id}")) as answer:
        assert answer.data.startswith(b"%PDF-")
    assert "No virus found" in client.get(address(sent, "/documents")).text


def test_an_infected_document_is_opened_by_nobody_and_everybody_is_told(
    client: FlaskClient, sent: Expression, clamd: Clamd, scans: Callable[[str], None], sign_in: Callable[[Role], Any]
) -> None:
    scans(clamd.url)

    add(client, sent, "letter.odt", INFECTED)

    [(state, words)] = states()
    assert (state, words.removesuffix(".UNOFFICIAL")) == (ScanState.INFECTED, SIGNATURE)
    document = address(sent, f"/documents/{rows()[0].id}")
    told = client.get(document, follow_redirects=True).text
    assert "The virus scanner found something harmful in it" in told
    assert "One of your documents is infected" in client.get(address(sent)).text
    staff = sign_in(Role.SCREENER)
    page = staff.get(f"/staff{address(sent)}").text
    assert (SIGNATURE in page, "Infected" in page, f"/staff{document}" in page) == (True, True, False)
    refused = staff.get(f"/staff{document}")
    assert (refused.status_code, HARMLESS in refused.data) == (303, False)


def test_a_document_waits_for_a_scanner_that_is_away_and_is_scanned_by_the_next_sweep(
    client: FlaskClient, sent: Expression, clamd: Clamd, scans: Callable[[str], None]
) -> None:
    scans(clamd.url)
    clamd.stop()
    for name, content in (("letter.pdf", files.pdf()), ("letter.odt", INFECTED)):
        assert add(client, sent, name, content).status_code == 303
    assert [state for state, _ in states()] == [ScanState.WAITING] * 2
    assert client.get(address(sent, f"/documents/{rows()[0].id}")).status_code == 303
    assert "Waits for the virus scanner" in client.get(address(sent, "/documents")).text
    assert scanning.sweep() == 0

    clamd.start()

    assert (scanning.sweep(), [state for state, _ in states()]) == (2, [ScanState.CLEAN, ScanState.INFECTED])
    assert scanning.sweep() == 0


def test_a_scanner_that_is_set_later_reads_what_was_kept_before(
    client: FlaskClient, sent: Expression, clamd: Clamd, scans: Callable[[str], None]
) -> None:
    kept = making.document(sent, files.pdf())
    page = address(sent, f"/documents/{kept.id}")
    assert client.get(page).status_code == 200

    scans(clamd.url)

    assert client.get(page).status_code == 303
    assert (scanning.sweep(), client.get(page).status_code) == (1, 200)


def test_a_document_without_its_file_keeps_no_other_from_being_scanned(
    sent: Expression, clamd: Clamd, scans: Callable[[str], None]
) -> None:
    scans(clamd.url)
    lost = making.document(sent, files.pdf())
    making.document(sent, files.picture("PNG"))
    lost.key = "0" * 64
    db.session.commit()

    assert scanning.sweep() == 1
    assert [state for state, _ in states()] == [ScanState.NOT_SCANNED, ScanState.CLEAN]


def test_a_scanner_that_nobody_runs_opens_nothing(
    client: FlaskClient, sent: Expression, scans: Callable[[str], None]
) -> None:
    scans(f"tcp://127.0.0.1:{free_port()}")

    add(client, sent, "letter.pdf", files.pdf())

    assert [state for state, _ in states()] == [ScanState.WAITING]
    with pytest.raises(scanning.Silent):
        scanning.ping()
