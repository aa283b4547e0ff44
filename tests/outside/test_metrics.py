"""What Prometheus is told: figures of this process and of the database, to whoever says the token."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import update

from intake.advance import Stale, advance
from intake.extensions import db
from intake.models import Enquiry, Expression, Kind, Letter, ReceivedMessage, now
from intake.references import new_reference
from tests.making import APPLICANT, SECRETARIAT
from tests.statements import counted
from workflows import enquiry
from workflows.expression import State
from workflows.workflow import NotPermitted, Refused

Make = Callable[..., Expression]
TOKEN = "a token that nobody guesses"
ROOT = Path(__file__).parents[2]


@pytest.fixture
def told(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> Callable[[], dict[str, float]]:
    """Asks for the figures: each as it stands in the answer, with its labels."""
    monkeypatch.setitem(client.application.config, "METRICS_TOKEN", TOKEN)
    client.application.extensions.pop("counted", None)

    def ask() -> dict[str, float]:
        answer = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
        assert answer.status_code == 200
        return read(answer.text)

    return ask


def read(text: str) -> dict[str, float]:
    """Every sample as `name{label,label}` with the values of its labels in the order of their names."""
    samples = (sample for family in text_string_to_metric_families(text) for sample in family.samples)
    return {
        f"{each.name}{{{','.join(each.labels[name] for name in sorted(each.labels))}}}": each.value for each in samples
    }


def grown(before: dict[str, float], after: dict[str, float], name: str) -> dict[str, float]:
    """What was counted in between under names that begin so."""
    return {
        key.removeprefix(name): value - before.get(key, 0)
        for key, value in after.items()
        if key.startswith(name) and value != before.get(key, 0)
    }


@pytest.mark.parametrize(
    ("token", "said", "code"),
    [
        ("", None, 404),
        ("", "Bearer ", 404),
        (TOKEN, None, 401),
        (TOKEN, f"Basic {TOKEN}", 401),
        (TOKEN, "Bearer another", 401),
        (TOKEN, f"bearer {TOKEN}", 401),
        (TOKEN, f"Bearer {TOKEN}x", 401),
        (TOKEN, "Bearer \u00e9", 401),
        (TOKEN, f"Bearer {TOKEN}", 200),
    ],
)
def test_figures_are_for_whoever_says_the_token(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, token: str, said: str | None, code: int
) -> None:
    monkeypatch.setitem(client.application.config, "METRICS_TOKEN", token)

    answer = client.get("/metrics", headers={"Authorization": said} if said else {})

    assert (answer.status_code, "intake_letters" in answer.text) == (code, code == 200)
    assert (answer.headers.get("WWW-Authenticate") == "Bearer") is (code == 401)


def test_every_attempt_at_a_step_is_counted_by_how_it_ended(
    told: Callable[[], dict[str, float]], expression: Make
) -> None:
    ghana, draft = expression(State.SUBMITTED), expression(State.DRAFT, consented_at=None)
    before = told()

    with suppress(Refused):
        advance(draft, "submit", actor=APPLICANT, version=draft.version)
    with suppress(NotPermitted):
        advance(ghana, "withdraw", actor=APPLICANT, version=ghana.version, reason="No.")
        advance(ghana, "confirm", actor=APPLICANT, version=ghana.version)
    with suppress(NotPermitted):
        advance(ghana, "no such step of 12,000", actor=APPLICANT, version=ghana.version)
    with suppress(Stale):
        advance(ghana, "withdraw", actor=SECRETARIAT, version=99)
    with suppress(ValueError):
        advance(draft, "submit", actor=APPLICANT, version=draft.version, no_fact_of_this_step=1)

    assert grown(before, told(), "intake_steps_total") == {
        "{refused,submit,expression}": 1,
        "{failed,submit,expression}": 1,
        "{done,withdraw,expression}": 1,
        "{stale,withdraw,expression}": 1,
        "{not_permitted,confirm,expression}": 1,
        "{not_permitted,other,expression}": 1,
    }


def test_requests_are_counted_by_endpoint_method_and_class_never_by_address(
    told: Callable[[], dict[str, float]], client: FlaskClient, expression: Make
) -> None:
    ghana = expression(State.SUBMITTED)
    before = told()

    client.get("/")
    client.get(f"/expressions/{ghana.reference}")
    client.get("/nobody@example.org/nowhere")
    client.open("/", method="BREW")

    assert grown(before, told(), "intake_request_seconds_count") == {
        "{applicants.landing,GET,2xx}": 1,
        "{applicants.show,GET,4xx}": 1,
        "{other,GET,4xx}": 1,
        "{other,other,4xx}": 1,
        "{outside.metrics,GET,2xx}": 1,
    }


def test_what_is_stored_is_counted_by_state_with_seven_statements_and_then_with_five(
    told: Callable[[], dict[str, float]], expression: Make
) -> None:
    ghana = expression(State.SUBMITTED)
    expression(State.DRAFT)
    advance(ghana, "withdraw", actor=SECRETARIAT, version=ghana.version, reason="Asked for.")
    asked = Enquiry(
        reference=new_reference(), state=enquiry.State.OPEN, email="a@example.org", subject="?", question="?"
    )
    spam = ReceivedMessage(identity="x" * 64, source="inbox", kind=Kind.QUARANTINED, size=1)
    db.session.add_all([asked, spam])
    since = now() - timedelta(minutes=30)
    db.session.execute(update(Letter).values(due_at=since, created_at=since))
    db.session.commit()

    with counted() as statements:
        figures = told()
    with counted() as again:
        told()

    def of(name: str) -> dict[str, float]:
        return {key.removeprefix(name): value for key, value in figures.items() if key.startswith(name) and value}

    assert of("intake_expressions") == {"{draft}": 1, "{withdrawn}": 1}
    assert of("intake_enquiries") == {"{open}": 1}
    assert of("intake_letters") == {"{queued}": 2}
    assert of("intake_received_messages") == {"{quarantined}": 1}
    assert figures["intake_database_up{}"] == 1
    assert 1800 <= figures["intake_letter_oldest_due_seconds{}"] < 1900
    assert 1800 <= figures["intake_letter_oldest_waiting_seconds{}"] < 1900
    assert {f"intake_expressions{{{state}}}" for state in State} <= figures.keys()
    assert (len(statements), len(again)) == (7, 5)


def test_no_figure_names_anybody(told: Callable[[], dict[str, float]], expression: Make) -> None:
    ghana = expression(State.SUBMITTED)

    words = " ".join(told())

    assert [word for word in ("@", ghana.reference, ghana.organisation_name) if word in words] == []


def test_a_database_that_is_away_is_a_figure(another: Callable[..., Flask]) -> None:
    lost = another(INTAKE_DATABASE_URL="postgresql://127.0.0.1:1/intake", INTAKE_METRICS_TOKEN=TOKEN).test_client()

    answer = lost.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})

    assert (answer.status_code, read(answer.text)["intake_database_up{}"]) == (200, 0)
    assert "intake_letters" not in answer.text


COUNT = "from intake import measures; measures.count_step('expression', 'submit', 'done')"
SHOW = (
    "from prometheus_client import generate_latest; from intake import measures; "
    "print(generate_latest(measures.registry()).decode())"
)


def test_several_processes_are_counted_together(tmp_path: Path) -> None:
    environment = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(tmp_path), "PYTHONPATH": str(ROOT)}

    def run(program: str) -> str:
        command: list[Any] = [sys.executable, "-c", program]
        return subprocess.run(command, env=environment, check=True, capture_output=True, text=True, timeout=60).stdout

    run(COUNT)

    assert re.findall(r"^intake_steps_total\{.*\} (.*)$", run(f"{COUNT}; {SHOW}"), re.MULTILINE) == ["2.0"]
