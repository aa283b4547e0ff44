"""Every word that a person reads can be translated: in a language whose words are marked, nothing stands unmarked."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from intake.applicants import linking
from intake.models import Expression
from intake.translations import LANGUAGES
from tests.hostile import FIELDS
from tests.test_access import hold_link
from tests.test_bad_input import BUTTONS, addresses, lets_in
from tests.translations.marking import LANGUAGE, of_page
from workflows.expression import State
from workflows.people import Role

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


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch, marked: None) -> None:
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


@pytest.mark.parametrize("person", PEOPLE, ids=str)
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
