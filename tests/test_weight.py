"""No page is heavier than a slow connection bears, with everything that a first visit to it loads."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from intake.applicants import linking
from tests import making
from tests.conftest import PASSWORD
from tests.test_access import hold_link
from tests.test_bad_input import PEOPLE, addresses, lets_in
from workflows.expression import State
from workflows.people import Role

MOST_BYTES = 50_000
"""The promise of the project for every page over the wire."""
ACCEPTED = {"Accept-Encoding": "gzip"}
"""What every browser takes, also over a connection without TLS."""
LOADED = re.compile(r'<(?:link|script|img)[^>]* (?:href|src)="(/static/[^"]+)"')
LEAVES = {"security.logout"}


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linking, "EQUAL_SECONDS", 0.0)


@pytest.fixture
def client(client: FlaskClient, app: Flask) -> FlaskClient:
    """A browser that leaves what it gets as it was sent."""
    app.test_client_class = FlaskClient
    return app.test_client()


def _weight(client: FlaskClient, address: str) -> Iterator[int]:
    """The bytes of a page, and then of each file that it loads, as they are sent."""
    plain = client.get(address)
    if plain.mimetype != "text/html" or plain.status_code != 200:
        return
    yield len(client.get(address, headers=ACCEPTED).get_data())
    for file in sorted(set(LOADED.findall(plain.text))):
        yield len(client.get(file.replace("&amp;", "&"), headers=ACCEPTED).get_data())


@pytest.mark.parametrize("person", PEOPLE)
@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_every_page_with_its_files_is_light(
    person: Any, language: str, app: Flask, client: FlaskClient, account: Callable[[Role], Any]
) -> None:
    subject = making.expression(PEOPLE[person])
    for number in range(60):
        making.expression(State.SUBMITTED, organisation_name=f"Organisation for Connectivity number {number}")
    if isinstance(person, Role):
        client.post("/staff/login", data={"email": account(person).email, "password": PASSWORD})
    elif person != "nobody":
        hold_link(client, subject)
    client.get(f"/?lang={language}")

    found = {
        address: list(_weight(client, address))
        for endpoint, address in addresses(app, "GET", subject)
        if lets_in(person, endpoint) and endpoint not in LEAVES | {"static"}
    }
    weights = {address: sum(parts) for address, parts in found.items() if parts}

    assert len(weights) > 3
    assert {address: weight for address, weight in weights.items() if weight > MOST_BYTES} == {}


def test_what_never_changes_is_compressed_and_kept_for_a_year(client: FlaskClient) -> None:
    address = next(file for file in LOADED.findall(client.get("/").text) if ".css" in file)

    for encoding in ("br", "gzip"):
        answer = client.get(address, headers={"Accept-Encoding": encoding})
        assert answer.headers["Content-Encoding"] == encoding
        assert "max-age=31536000" in answer.headers["Cache-Control"]
        assert "Accept-Encoding" in answer.headers["Vary"]
    assert "Content-Encoding" not in client.get(address, headers={"Accept-Encoding": "identity"}).headers


def test_no_page_asks_anybody_else_for_anything(client: FlaskClient) -> None:
    page = client.get("/").text

    assert re.findall(r'<(?:link|script|img|iframe|source)[^>]* (?:href|src)="(?!/static/)[^"]*"', page) == []
