"""What load balancers are told: whether the process lives, and whether it can serve."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text, update

from intake.extensions import db
from intake.models import Letter, now
from intake.notifications import outbox
from intake.notifications.compose import Text
from intake.outside import readiness
from tests.statements import counted

Another = Callable[..., Flask]


def stands(client: FlaskClient) -> tuple[int, bool, dict[str, str]]:
    """The status code of /readyz, whether it says ready, and how each check ended."""
    answer = client.get("/readyz")
    body = answer.get_json()
    return answer.status_code, body["ready"], {check["name"]: check["status"] for check in body["checks"]}


def enqueue(**ago: float) -> None:
    """A letter that has been due and waiting for so long."""
    outbox.enqueue_test("secretariat@example.org", Text("Test", "A test.\n"))
    since = now() - timedelta(**ago)
    db.session.flush()
    db.session.execute(update(Letter).values(due_at=since, created_at=since, tried_since=since))
    db.session.commit()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_process_that_lives_says_so_without_a_look_at_the_database(client: FlaskClient) -> None:
    with counted() as statements:
        answer = client.get("/healthz")

    assert (answer.status_code, answer.text, answer.headers.getlist("Set-Cookie")) == (200, "ok\n", [])
    assert statements == []


@pytest.mark.parametrize("address", ["/healthz", "/readyz"])
def test_whoever_asks_by_plain_http_is_not_sent_elsewhere(app: Flask, another: Another, address: str) -> None:
    strict = another(INTAKE_HTTPS="yes", INTAKE_BASE_URL="https://intake.example.org").test_client()

    assert strict.get(address).status_code == 200
    assert (strict.get("/").status_code, app.test_client().get("/").status_code) == (302, 200)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_whoever_asks_often_is_answered_as_often(app: Flask, another: Another) -> None:
    limited = another(INTAKE_RATE_LIMITS="yes").test_client()

    assert {limited.get("/healthz").status_code for _ in range(130)} == {200}


def test_a_site_whose_letters_leave_is_ready(client: FlaskClient) -> None:
    enqueue(minutes=14)

    assert stands(client) == (200, True, {"database": "ok", "migrations": "ok", "letters": "ok"})


def test_letters_that_nobody_takes_up_are_a_warning_and_keep_the_site_in_service(client: FlaskClient) -> None:
    enqueue(minutes=16)

    answer = client.get("/readyz")

    assert stands(client) == (200, True, {"database": "ok", "migrations": "ok", "letters": "warning"})
    assert "due for 16 minutes" in answer.text
    assert "no delivery takes them up" in answer.text
    assert "example.org" not in answer.text


def test_a_letter_that_was_put_off_again_and_again_is_a_warning(client: FlaskClient) -> None:
    enqueue(minutes=61)
    db.session.execute(update(Letter).values(due_at=now() + timedelta(minutes=5)))
    db.session.commit()

    assert "61 minutes old: the mail server does not take them" in client.get("/readyz").text


def test_a_letter_that_staff_keep_back_is_late_for_nobody(client: FlaskClient) -> None:
    enqueue(days=2)
    db.session.execute(update(Letter).values(kept_back=True))
    db.session.commit()

    assert stands(client)[2]["letters"] == "ok"


def test_a_letter_whose_delivery_died_is_due_again(app: Flask) -> None:
    enqueue(minutes=20)
    held = {"status": "sending", "lease_token": "x", "leased_until": now() + timedelta(minutes=5)}
    db.session.execute(update(Letter).values(held))
    taken = readiness.due_since()
    db.session.execute(update(Letter).values(leased_until=now() - timedelta(seconds=1)))

    assert (taken, readiness.minutes(readiness.age(readiness.due_since()))) == (None, "20 minutes")


def test_a_database_of_another_version_takes_the_site_out_of_service(client: FlaskClient) -> None:
    db.session.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    db.session.commit()
    try:
        found = stands(client)
        words = client.get("/readyz").text
    finally:
        db.session.execute(
            text("UPDATE alembic_version SET version_num = :head"), {"head": readiness.newest_revision()}
        )
        db.session.commit()

    assert found == (503, False, {"database": "ok", "migrations": "fault"})
    assert "run `intake db upgrade`" in words


@pytest.mark.parametrize(
    "url", ["postgresql://somebody:secret@127.0.0.1:1/intake", "sqlite:////nowhere/intake.sqlite3"]
)
def test_a_database_that_is_away_takes_the_site_out_of_service_and_not_the_process(another: Another, url: str) -> None:
    lost = another(INTAKE_DATABASE_URL=url).test_client()

    assert stands(lost) == (503, False, {"database": "fault"})
    assert "secret" not in lost.get("/readyz").text
    assert lost.get("/healthz").status_code == 200


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_an_empty_database_lacks_its_tables(another: Another, tmp_path: object) -> None:
    empty = another(INTAKE_DATABASE_URL=f"sqlite:///{tmp_path}/empty.sqlite3").test_client()

    assert stands(empty) == (503, False, {"database": "ok", "migrations": "fault"})
