"""Forms open to strangers are taken neither faster than people are nor after a day, and keep what was typed."""

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from itsdangerous import TimestampSigner
from sqlalchemy import func, select

from intake.applicants import linking, timing
from intake.config import read_settings
from intake.extensions import db
from intake.models import Expression
from tests.applicants import walking

DAY = 86_400


class Clock:
    """The time in seconds that forms read."""

    def __init__(self) -> None:
        self.at = 1_800_000_000.5

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def clock(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Clock]:
    """A clock that stands, and a site with its time trap."""
    found = Clock()
    monkeypatch.setitem(app.config, "FORM_SECONDS", 2)
    monkeypatch.setattr(timing.time, "time", found)
    monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda signer: int(found.at))
    monkeypatch.setattr(linking, "EQUAL_SECONDS", 0.0)
    return found


def drafts() -> int:
    """How many there are."""
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Expression)) or 0


@pytest.mark.parametrize(
    ("waited", "code", "said"),
    [
        (0, 422, "That was faster than people are."),
        (1.4, 422, "That was faster than people are."),
        (2, 303, ""),
        (DAY, 303, ""),
        (DAY + 1, 422, "This page was open for more than a day."),
    ],
)
def test_a_draft_is_begun_neither_too_fast_nor_too_late(
    client: FlaskClient, clock: Clock, waited: float, code: int, said: str
) -> None:
    form = walking.hidden(client.get("/"))
    clock.at += waited

    answer = client.post("/expressions", data=form)

    assert (answer.status_code, said in answer.text, drafts()) == (code, True, int(code == 303))


def test_the_page_that_comes_again_begins_the_same_draft_a_moment_later(client: FlaskClient, clock: Clock) -> None:
    first = walking.hidden(client.get("/"))
    again = walking.hidden(client.post("/expressions", data=first))
    clock.at += 2

    answer = client.post("/expressions", data=again)

    assert (again["key"], answer.status_code) == (first["key"], 303)


def test_who_asks_for_a_link_too_fast_keeps_what_was_typed(client: FlaskClient, clock: Clock) -> None:
    form = {**walking.hidden(client.get("/link")), "email": "officer@example.org"}

    answer = client.post("/link", data=form)
    clock.at += 2
    later = client.post("/link", data={**walking.hidden(answer), "email": "officer@example.org"})

    assert answer.status_code == 422
    assert 'value="officer@example.org"' in answer.text
    assert "That was faster than people are. Wait a moment, then send it once more." in answer.text
    assert later.status_code == 200


@pytest.mark.parametrize("carried", ["", "x", ".AAAA.x", "9" * 4000, "\x00", "é.ü.ß", ".".join("abc")])
def test_a_time_that_is_not_ours_is_asked_for_again(client: FlaskClient, clock: Clock, carried: str) -> None:
    for where in ("/expressions", "/link"):
        answer = client.post(where, data={"shown": carried, "key": "k" * 32, "email": "officer@example.org"})

        assert (answer.status_code, "We cannot tell when this page was opened." in answer.text) == (422, True)
    assert drafts() == 0


def test_a_time_that_another_secret_signed_is_none(client: FlaskClient, clock: Clock) -> None:
    forged = TimestampSigner("another secret", salt=timing.SALT).sign("").decode()

    assert client.post("/expressions", data={"shown": forged}).status_code == 422


def test_no_cookie_is_needed(app: Flask, client: FlaskClient, clock: Clock) -> None:
    form = walking.hidden(client.get("/"))
    clock.at += 2

    assert app.test_client().post("/expressions", data=form).status_code == 303


def test_the_trap_is_set_unless_the_settings_say_otherwise(environment: dict[str, str]) -> None:
    given = {name: value for name, value in environment.items() if name != "INTAKE_FORM_SECONDS"}

    assert (read_settings(given)["FORM_SECONDS"], read_settings(environment)["FORM_SECONDS"]) == (2, 0)
