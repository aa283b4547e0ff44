"""Sending an expression: checked, agreed to, received once, and refused in sentences."""

from collections.abc import Callable
from datetime import timedelta
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient

from intake.applicants import entry
from intake.applicants.entry import new_key
from intake.current import programme
from intake.models import Expression
from tests.applicants import walking
from workflows.expression import State

Make = Callable[..., Expression]


@pytest.fixture
def ready(client: FlaskClient) -> Expression:
    """A complete draft of this browser."""
    draft = walking.begin(client)
    walking.fill(client, draft)
    return draft


def test_without_consent_nothing_is_sent(client: FlaskClient, ready: Expression) -> None:
    page = walking.send(client, ready, consent="")

    assert page.status_code == 409
    assert "Confirm that you have read the notice and agree to it." in page.get_data(as_text=True)
    stored = walking.by_reference(ready.reference)
    assert (stored.state, stored.consented_at, stored.notice_version) == (State.DRAFT, None, "")


def test_consent_is_kept_with_the_notice_that_was_read(client: FlaskClient, ready: Expression) -> None:
    walking.send(client, ready)

    stored = walking.by_reference(ready.reference)
    assert stored.consented_at is not None
    assert stored.notice_version == programme().notice.version


def test_what_is_missing_is_named_with_a_way_to_it(client: FlaskClient) -> None:
    draft = walking.begin(client)

    page = client.get(walking.address(draft, "/check")).get_data(as_text=True)
    sent = walking.send(client, draft)

    assert "Some answers are still needed" in page
    assert page.count(walking.address(draft, "/answers/goals")) == 3
    assert sent.status_code == 409
    assert "Some answers are missing." in sent.get_data(as_text=True)


def test_sent_twice_it_is_received_once(client: FlaskClient, ready: Expression) -> None:
    where = walking.address(ready, "/check")
    form = {**walking.hidden(client.get(where)), "consent": "y"}

    first, second = client.post(where, data=form), client.post(where, data=form)

    assert (first.status_code, second.status_code) == (303, 303)
    assert "We had already received this expression of interest." in client.get(second.location).get_data(as_text=True)
    stored = walking.by_reference(ready.reference)
    assert ([step.trigger for step in stored.history], len(stored.letters)) == (["submit"], 2)


def test_answers_changed_meanwhile_are_read_again_before_sending(client: FlaskClient, ready: Expression) -> None:
    where = walking.address(ready, "/check")
    form = {**walking.hidden(client.get(where)), "consent": "y"}
    walking.answer(client, ready, "communities", communities="Others")

    page = client.post(where, data=form)

    assert page.status_code == 409
    assert "It was changed since you opened this page." in page.get_data(as_text=True)
    assert walking.by_reference(ready.reference).state is State.DRAFT
    again = client.post(where, data={**walking.hidden(page), "consent": "y"})
    assert again.status_code == 303


@pytest.mark.parametrize("garbage", ["", "x", "-1", "9" * 400])
def test_garbage_for_a_version_is_a_stale_page(client: FlaskClient, ready: Expression, garbage: str) -> None:
    page = walking.send(client, ready, version=garbage)

    assert page.status_code == 409
    assert walking.by_reference(ready.reference).state is State.DRAFT


def test_a_likely_duplicate_is_said_and_can_be_acknowledged(
    client: FlaskClient, ready: Expression, expression: Make
) -> None:
    expression(State.SUBMITTED, organisation_name="The Ministry of Connectivity")
    said = "An expression of interest from an organisation of this name is already with the secretariat."

    page = client.get(walking.address(ready, "/check")).get_data(as_text=True)
    refused = walking.send(client, ready)
    accepted = walking.send(client, ready, acknowledged="y")

    assert said in page
    assert refused.status_code == 409
    assert "Confirm that another is intended." in refused.get_data(as_text=True)
    assert accepted.status_code == 303
    assert walking.by_reference(ready.reference).duplicate_acknowledged is True


def test_a_closed_call_takes_no_new_draft_and_no_draft_that_is_late(
    client: FlaskClient, ready: Expression, monkeypatch: pytest.MonkeyPatch, app: Flask
) -> None:
    later = programme().call.closes + timedelta(days=1)
    monkeypatch.setattr(entry, "now", lambda: later)
    monkeypatch.setattr("intake.advance.now", lambda: later)

    landing, begun, sent = client.get("/"), client.post("/expressions"), walking.send(client, ready)

    assert "The call is closed" in landing.get_data(as_text=True)
    assert (begun.status_code, sent.status_code) == (409, 409)
    assert "No draft was begun." in begun.get_data(as_text=True)
    assert "The call closed on" in sent.get_data(as_text=True)
    assert walking.by_reference(ready.reference).state is State.DRAFT


def test_a_call_that_is_not_open_yet_says_when(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entry, "now", lambda: programme().call.opens - timedelta(days=3))

    assert "The call opens in 3 days" in client.get("/").get_data(as_text=True)


@pytest.mark.parametrize(
    ("days", "words"), [(10, "The call is open: 10 days left"), (1, "1 day left"), (0, "it closes today")]
)
def test_an_open_call_counts_its_days(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, days: int, words: str
) -> None:
    monkeypatch.setattr(entry, "now", lambda: programme().call.closes - timedelta(days=days))

    assert words in unescape(client.get("/").get_data(as_text=True))


def test_one_key_begins_one_draft(client: FlaskClient) -> None:
    key = new_key()

    first, second, other = walking.begin(client, key), walking.begin(client, key), walking.begin(client)

    assert first.reference == second.reference != other.reference


@pytest.mark.parametrize("key", ["", "short", "x" * 500, "\x00" * 30, "a b" * 10])
def test_a_key_that_is_none_still_begins_a_draft(client: FlaskClient, key: str) -> None:
    answer = client.post("/expressions", data={"key": key})

    assert answer.status_code == 303
    assert walking.by_reference(answer.location.rpartition("/")[2]).state is State.DRAFT


def test_what_was_sent_has_no_check_any_more(client: FlaskClient, ready: Expression) -> None:
    walking.send(client, ready)

    answer = client.get(walking.address(ready, "/check"))

    assert (answer.status_code, answer.location) == (303, walking.address(ready))


def test_the_browser_lists_what_it_began(client: FlaskClient, ready: Expression) -> None:
    walking.begin(client)

    page = client.get("/").get_data(as_text=True)

    assert page.count("Draft, not sent yet") == 2
    assert "Ministry of Connectivity" in page
    assert "Not named yet" in page
