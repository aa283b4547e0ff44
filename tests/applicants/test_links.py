"""Links: seen by anybody, used by a button, opening one expression and telling nothing about others."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter
from sqlalchemy import select
from werkzeug.test import TestResponse

from intake import links, site
from intake.applicants import linking
from intake.extensions import db, limiter
from intake.models import AccessLink, Expression, Letter
from intake.references import new_reference
from tests.applicants import walking
from workflows.expression import State

Make = Callable[..., Expression]
SECOND = timedelta(seconds=1)


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linking, "EQUAL_SECONDS", 0.0)


def letters() -> list[tuple[str, str]]:
    """To whom letters with links wait."""
    found = select(Letter.recipient, Letter.kind).where(Letter.kind == "link").order_by(Letter.id)
    return [(address, kind) for address, kind in db.session.execute(found)]


def minted(expression: Expression, **changes: Any) -> str:
    """The token of a new, stored link."""
    link, token = links.mint(expression.id, expression.contact_email)
    for name, value in changes.items():
        setattr(link, name, value)
    db.session.commit()
    return token


def test_looking_at_a_link_changes_nothing_and_the_button_opens_it(client: FlaskClient, expression: Make) -> None:
    ghana = expression()
    token = minted(ghana)

    looked = [client.get(f"/link/{token}"), client.head(f"/link/{token}"), client.get(f"/link/{token}")]
    closed = client.get(walking.address(ghana))
    claimed_before = db.session.scalars(select(AccessLink.claimed_at)).one()
    opened = client.post(f"/link/{token}")

    assert [answer.status_code for answer in looked] == [200, 200, 200]
    assert f"Open the expression {ghana.reference}" in looked[0].get_data(as_text=True)
    assert (closed.status_code, claimed_before) == (403, None)
    assert (opened.status_code, opened.location) == (303, walking.address(ghana))
    assert token not in opened.location
    assert client.get(walking.address(ghana)).status_code == 200
    assert db.session.scalars(select(AccessLink.claimed_at)).one() is not None


def test_a_link_can_be_opened_on_a_second_device(app: Flask, client: FlaskClient, expression: Make) -> None:
    ghana = expression()
    token = minted(ghana)
    other = app.test_client()

    assert [browser.post(f"/link/{token}").status_code for browser in (client, other)] == [303, 303]
    assert other.get(walking.address(ghana)).status_code == 200


def test_unknown_expired_and_revoked_links_look_alike(client: FlaskClient, expression: Make) -> None:
    past = datetime.now(UTC) - timedelta(seconds=1)
    tokens = ["x" * 43, minted(expression(), expires_at=past), minted(expression(), revoked_at=past)]

    shown = [client.get(f"/link/{token}") for token in tokens]
    used = [client.post(f"/link/{token}") for token in tokens]

    assert [answer.status_code for answer in shown + used] == [404] * 6
    assert len({answer.get_data() for answer in shown}) == 1
    assert "This link does not work" in shown[0].get_data(as_text=True)


@pytest.mark.parametrize("token", ["short", "x" * 65, "%00" * 30, "..%2f" * 8, "é" * 30])
def test_what_is_no_token_is_no_page(client: FlaskClient, token: str) -> None:
    assert client.get(f"/link/{token}").status_code == 404


PAGES = ("", "/check", "/answers", "/answers/organisation", "/points", "/delegate", "/withdraw")


def test_a_cannot_open_b_and_an_unknown_reference_looks_like_a_foreign_one(
    client: FlaskClient, expression: Make
) -> None:
    mine, theirs = expression(), expression()
    walking.hold(client, mine)

    foreign = [client.get(walking.address(theirs, page)) for page in PAGES]
    unknown = [client.get(f"/expressions/{new_reference()}{page}") for page in PAGES]
    sent = [client.post(walking.address(theirs, page)) for page in (*PAGES[1:2], *PAGES[3:], "/link")]

    assert {answer.status_code for answer in foreign + unknown + sent} == {403}
    assert len({answer.get_data() for answer in foreign + unknown}) == 1
    assert walking.by_reference(theirs.reference).state is State.SUBMITTED


def test_a_revoked_link_closes_the_browsers_that_used_it(client: FlaskClient, expression: Make) -> None:
    ghana = expression()
    walking.hold(client, ghana)

    links.revoke_all(ghana)
    db.session.commit()

    assert client.get(walking.address(ghana)).status_code == 403
    assert "Yours in this browser" not in client.get("/").get_data(as_text=True)


def test_asking_writes_to_every_expression_of_the_address_in_any_case(client: FlaskClient, expression: Make) -> None:
    expression(contact_email="Officer@example.org")
    expression(State.DRAFT, contact_email="x@example.org", second_email="officer@example.org")
    expression(contact_email="other@example.org")

    client.post("/link", data={"email": "OFFICER@example.org"})

    assert letters() == [("officer@example.org", "link"), ("Officer@example.org", "link")]


def test_at_most_ten_letters_leave_at_once(client: FlaskClient, expression: Make) -> None:
    for _ in range(12):
        expression(contact_email="officer@example.org")

    client.post("/link", data={"email": "officer@example.org"})

    assert len(letters()) == 10


def test_asking_answers_the_same_for_a_known_and_an_unknown_address(client: FlaskClient, expression: Make) -> None:
    expression(contact_email="known@example.org")

    known = client.post("/link", data={"email": "known@example.org"})
    strange = client.post("/link", data={"email": "strange@example.org"})

    assert (known.status_code, strange.status_code) == (200, 200)
    assert known.get_data(as_text=True).replace("known@", "") == strange.get_data(as_text=True).replace("strange@", "")


@pytest.mark.parametrize(
    "typed", ["", "nobody", "a@example.org\r\nBcc: b@example.org", "a\x00@example.org", "x" * 9000]
)
def test_what_is_no_address_is_said_in_a_sentence(client: FlaskClient, typed: str) -> None:
    page = client.post("/link", data={"email": typed})

    assert page.status_code == 422
    assert "E-mail address: " in page.get_data(as_text=True)
    assert letters() == []


def test_a_mailbox_gets_five_letters_an_hour_and_the_page_stays_the_same(
    client: FlaskClient, expression: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    expression(contact_email="officer@example.org")
    asked: list[str] = []
    monkeypatch.setattr(linking, "may_write_to", lambda mailbox: len(asked) < 5)

    for _ in range(7):
        asked_page = client.post("/link", data={"email": "officer@example.org"})
        assert asked_page.status_code == 200
        asked.append(asked_page.get_data(as_text=True))

    assert len(set(asked)) == 1
    assert len(letters()) == 5


def test_the_limit_counts_by_mailbox_whatever_the_case(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limiter, "enabled", True)
    monkeypatch.setattr(limiter, "_limiter", FixedWindowRateLimiter(MemoryStorage()))
    mailbox = f"{new_reference()}@example.org"

    allowed = [linking.may_write_to(mailbox.upper() if number % 2 else mailbox) for number in range(7)]

    assert allowed == [True] * 5 + [False] * 2


def test_a_draft_mails_its_link_to_its_contact_person(client: FlaskClient) -> None:
    draft = walking.begin(client)
    too_early = client.post(walking.address(draft, "/link"))
    walking.answer(client, draft, "contact")

    answer = client.post(walking.address(draft, "/link"))

    assert too_early.location == walking.address(draft, "/answers/contact")
    assert answer.location == walking.address(draft)
    assert letters() == [("officer@example.org", "link")]


def test_pages_keep_their_addresses_to_themselves(client: FlaskClient, expression: Make) -> None:
    answer = client.get(f"/link/{minted(expression())}")

    assert (answer.headers["Referrer-Policy"], answer.headers["Cache-Control"]) == ("strict-origin", "no-store")


def ends(answer: TestResponse) -> datetime | None:
    """When the browser forgets the session that an answer brings; None when it brings none."""
    cookies = (line for line in answer.headers.getlist("Set-Cookie") if line.startswith("intake="))
    return next((parsedate_to_datetime(line.partition("Expires=")[2].partition(";")[0]) for line in cookies), None)


def test_a_browser_remembers_its_draft_for_two_weeks(client: FlaskClient) -> None:
    client.get("/")

    expires = ends(client.post("/expressions", data={"key": "a key that is long enough"}))

    assert expires is not None
    assert timedelta(days=14) - SECOND < expires - datetime.now(UTC) <= timedelta(days=14) + site.RENEWAL


def test_a_visit_begins_the_two_weeks_anew_once_an_hour(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    draft = walking.begin(client)
    soon = ends(client.get(walking.address(draft)))

    monkeypatch.setattr(site, "RENEWAL", -SECOND)
    later = ends(client.get(walking.address(draft)))

    assert soon is None
    assert later is not None
