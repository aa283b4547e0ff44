"""What machines send is not taken: a field that people do not see, and too much for one mailbox; nothing is lost."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter
from sqlalchemy import func, select

from intake.applicants import sparing
from intake.extensions import db, limiter
from intake.models import Expression, Letter
from tests.test_access import hold_link
from workflows.expression import State

Make = Callable[..., Expression]


def send(client: FlaskClient, draft: Expression, **more: str) -> tuple[int, str]:
    """Press the last button of the form."""
    data = {"version": str(draft.version), "consent": "y", "acknowledged": "y", **more}
    answer = client.post(f"/expressions/{draft.reference}/check", data=data)
    return answer.status_code, answer.text


def states() -> list[State]:
    """The state of every expression, in their order."""
    db.session.rollback()
    return list(db.session.scalars(select(Expression.state).order_by(Expression.id)))


def test_a_field_that_people_do_not_see_holds_what_is_sent_until_it_is_empty(
    client: FlaskClient, expression: Make
) -> None:
    draft = expression(State.DRAFT)
    hold_link(client, draft)

    held = send(client, draft, fax="buy now")
    between = states()
    sent = send(client, draft)

    assert (held[0], "A field that people do not see was filled in" in held[1]) == (422, True)
    assert (between, sent[0], states()) == ([State.DRAFT], 303, [State.SUBMITTED])


def test_a_mailbox_is_written_to_so_often_and_what_comes_then_stays_a_draft(
    app: Flask, client: FlaskClient, expression: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limiter, "enabled", True)
    monkeypatch.setattr(limiter, "_limiter", FixedWindowRateLimiter(MemoryStorage()))
    monkeypatch.setattr(sparing, "PER_MAILBOX", sparing.parse("2 per hour"))
    drafts = [
        expression(State.DRAFT, contact_email=name) for name in ("a@example.org", "A@example.org", "a@example.org")
    ]
    found = []

    for draft in drafts:
        hold_link(client, draft)
        found.append(send(client, draft))

    assert [code for code, _page in found] == [303, 303, 422]
    assert "So many expressions were sent for a@example.org" in found[-1][1]
    assert states() == [State.SUBMITTED, State.SUBMITTED, State.DRAFT]


def test_a_draft_sends_no_letter_by_itself(client: FlaskClient, expression: Make) -> None:
    client.post("/expressions", data={"key": "k" * 32})

    assert db.session.scalar(select(func.count()).select_from(Letter)) == 0
