"""Every word that a person reads can be translated: in a language whose words are marked, nothing stands unmarked."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_babel import force_locale
from werkzeug.test import TestResponse

from intake import daily, errors, owners
from intake.applicants import linking
from intake.extensions import db
from intake.models import Expression, Letter
from intake.notifications import placeholders
from intake.notifications.placeholders import Occasion
from intake.notifications.recipients import Recipient
from intake.translations import LANGUAGES
from tests import making
from tests.colleagues import colleague
from tests.hostile import FIELDS
from tests.test_access import hold_link
from tests.test_bad_input import BUTTONS, addresses, lets_in
from tests.translations.marking import LANGUAGE, of_page
from tests.translations.marking import unmarked as unmarked_text
from workflows.expression import State
from workflows.people import Role

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

DATA = (
    *("Ministry of Connectivity", "Minister of Connectivity", "The Minister", "Programme officer", "Head of policy"),
    *("We connected 40 schools.", "We intend to connect more.", "Our minister will attend.", "We will review drafts."),
    *(
        "100 schools",
        "Rural schools",
        "How many schools?",
        "Shown in the statement.",
        "Owner",
        "@owner",
        "A test.",
        "Test",
    ),
    *("The screener", "The secretariat", "The administrator"),
    *("May an association of operators take part?", "Partner2Connect Digital Coalition – Information Request"),
)
"""What the people of these tests are called and have written."""
KNOWN = re.compile("|".join(map(re.escape, (*DATA, *LANGUAGES.values()))))
PEOPLE: dict[Any, State] = {
    "nobody": State.SUBMITTED,
    **{f"author, {state}": state for state in State},
    **{
        (role, state): state
        for role in (Role.SCREENER, Role.SECRETARIAT)
        for state in State
        if state is not State.DRAFT
    },
    (Role.ADMINISTRATOR, State.SUBMITTED): State.SUBMITTED,
}
WRONG, LONG = (dict.fromkeys(FIELDS, text) for text in ("Ω", "Ω" * 6_000))


FACTS = {"criteria": ["pledge"], "points": [{"question": "1"}]}
SENDERS = (
    *("nobody", "author, draft", "author, returned", "author, submitted", (Role.ADMINISTRATOR, State.SUBMITTED)),
    *((Role.SCREENER, State.SUBMITTED), (Role.SCREENER, State.RETURNED)),
    *((Role.SECRETARIAT, state) for state in (State.SCREENED, State.ASSIGNED, State.CONFIRMED, State.DECLINED)),
)
"""Those of `PEOPLE` to whom different forms are open."""


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch, marked: None, app: Flask) -> None:
    if db.engine.dialect.name != "sqlite":
        pytest.skip("words are the same on both databases")
    monkeypatch.setattr(linking, "EQUAL_SECONDS", 0.0)


@pytest.fixture
def visit(
    client: FlaskClient, account: Callable[[Role], Any], expression: Callable[..., Expression]
) -> Callable[[Any], Expression]:
    """Lets one of `PEOPLE` use the browser, in the marked language; gives the expression that it is about."""

    def arrive(person: Any) -> Expression:
        subject = expression(PEOPLE[person], language=LANGUAGE)
        client.get(f"/?lang={LANGUAGE}")
        if isinstance(person, tuple):
            typed = {"email": account(person[0]).email, "password": "a long enough password"}
            assert client.post("/staff/login", data=typed).status_code == 302
        elif person != "nobody":
            hold_link(client, subject)
            client.get(f"/?lang={LANGUAGE}")
        return subject

    return arrive


def who(person: Any) -> Any:
    """The person as `lets_in` knows them."""
    return person[0] if isinstance(person, tuple) else person


def unmarked(address: str, answer: TestResponse) -> Iterator[tuple[str, str]]:
    """What a page says in words that nobody can translate."""
    if answer.mimetype == "text/html" and answer.data and answer.status_code // 100 != 3:
        yield from (
            (text, f"{answer.request.method} {address} {answer.status_code}") for text in of_page(answer.text, KNOWN)
        )


def said(found: dict[str, str]) -> str:
    """What was found, a line each."""
    return "\n" + "\n".join(f"{text!r} on {where}" for text, where in sorted(found.items()))


@pytest.mark.parametrize("person", PEOPLE, ids=str)
def test_every_word_of_a_page_can_be_translated(
    person: Any, app: Flask, client: FlaskClient, visit: Callable[[Any], Expression]
) -> None:
    pages = [place for place in addresses(app, "GET", visit(person)) if lets_in(who(person), place[0])]
    found: dict[str, str] = {}

    for _, address in pages:
        with client.get(address) as answer:
            found |= dict(unmarked(address, answer))

    assert not found, said(found)


@pytest.mark.parametrize("person", SENDERS, ids=str)
def test_every_word_about_a_wrong_form_can_be_translated(
    person: Any, app: Flask, client: FlaskClient, visit: Callable[[Any], Expression]
) -> None:
    doors = [place for place in addresses(app, "POST", visit(person)) if lets_in(who(person), place[0])]
    found: dict[str, str] = {}

    for _, address in (place for place in doors if place[0] not in BUTTONS):
        for data in ({}, WRONG, LONG):
            with client.post(address, data=data, follow_redirects=True) as answer:
                found |= dict(unmarked(address, answer))

    assert not found, said(found)


@pytest.mark.parametrize("code", [400, 403, 404, 405, 409, 413, 429, 500, 503, 507])
def test_every_word_of_an_error_can_be_translated(code: int, app: Flask) -> None:
    with app.test_request_context(f"/?lang={LANGUAGE}"):
        html, _code = errors.page(code)  # type: ignore[misc]

        assert of_page(str(html), KNOWN) == []


def test_every_word_that_a_letter_brings_can_be_translated(app: Flask, expression: Callable[..., Expression]) -> None:
    subject, enquiry, found = expression(State.CONFIRMED, language=LANGUAGE), making.enquiry(), {}
    reader = Recipient("reader@example.org", "Owner", LANGUAGE)
    with force_locale(LANGUAGE):
        for each in placeholders.TABLE:
            about = enquiry if each.folder == "enquiry" else subject
            told = unmarked_text(each.text(Occasion(reader, FACTS, about)), KNOWN)
            found |= {each.name: told} if told and each.name not in {"link", "points"} else {}

    assert found == {}


def test_every_word_of_a_letter_to_staff_can_be_translated(app: Flask, expression: Callable[..., Expression]) -> None:
    anna = colleague("The secretariat", Role.SCREENER, Role.SECRETARIAT, language=LANGUAGE)
    for state in State:
        expression(state, screener_id=anna.id, unread=state is State.SUBMITTED)
    making.enquiry()
    for event in owners.Event:
        owners.tell(anna, event)
    db.session.commit()
    daily.write(datetime(2026, 11, 25, 9, tzinfo=UTC))

    letters = db.session.query(Letter).where(Letter.recipient == anna.email).all()

    assert {(letter.kind, letter.language) for letter in letters} == {("account", LANGUAGE), ("digest", LANGUAGE)}
    assert [text for letter in letters for text in unmarked_text(f"{letter.subject}\n{letter.body}", KNOWN)] == []


@pytest.mark.parametrize("state", [State.DRAFT, State.CONFIRMED])
def test_every_word_of_a_copy_as_text_can_be_translated(
    state: State, client: FlaskClient, visit: Callable[[Any], Expression]
) -> None:
    subject = visit(f"author, {state}")

    copy = client.get(f"/expressions/{subject.reference}/copies/answers.txt")

    assert (copy.status_code, unmarked_text(copy.text, KNOWN)) == (200, [])
