"""The headers that keep a browser from being turned against its owner, on every kind of answer."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from intake import create_app, links
from intake.extensions import db
from intake.models import Expression, Kind, ReceivedMessage
from workflows.expression import State
from workflows.people import Role

Open = Callable[..., Any]
PAGE = {
    "default-src 'none'",
    "style-src 'self'",
    "script-src 'self'",
    "connect-src 'self'",
    "img-src 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
}
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def message() -> int:
    """A message that came in."""
    received = ReceivedMessage(identity="0" * 64, source="test", kind=Kind.ANSWER, size=5, content=b"Hello")
    db.session.add(received)
    db.session.commit()
    return received.id


ANSWERS: dict[str, tuple[str, str, int]] = {
    "page": ("GET", "/", 200),
    "page of staff": ("GET", "/staff/queue", 200),
    "form that is wrong": ("POST", "/link", 422),
    "error 404": ("GET", "/nowhere", 404),
    "error 405": ("DELETE", "/link", 405),
    "error 403": ("GET", "/expressions/EOI-AAAAAA", 404),
    "redirect": ("POST", "/expressions", 303),
    "redirect of an address": ("GET", "/staff", 308),
    "static file": ("GET", "/static/app.css", 200),
    "static file that is not there": ("GET", "/static/none.css", 404),
    "download": ("GET", "/staff/queue/export.csv", 200),
    "machine": ("GET", "/healthz", 200),
}


@pytest.mark.parametrize("kind", ANSWERS)
def test_every_kind_of_answer_carries_them(kind: str, sign_in: Callable[[Role], FlaskClient]) -> None:
    method, path, status = ANSWERS[kind]

    with sign_in(Role.SECRETARIAT).open(path, method=method) as answer:
        headers = answer.headers

    assert answer.status_code == status
    assert {name: headers.get(name) for name in ALWAYS} == ALWAYS
    assert set(headers["Content-Security-Policy"].split("; ")) == PAGE
    assert "unsafe" not in headers["Content-Security-Policy"]
    permissions = set(headers["Permissions-Policy"].split(", "))
    assert {"camera=()", "geolocation=()", "publickey-credentials-get=(self)"} <= permissions
    assert ("Server" in headers, "X-Powered-By" in headers) == (False, False)


def test_what_a_stranger_sent_is_given_as_a_file_in_a_sandbox(sign_in: Callable[[Role], FlaskClient]) -> None:
    browser = sign_in(Role.SECRETARIAT)

    answer = browser.get(f"/staff/received/{message()}/raw")

    assert (answer.status_code, answer.headers["X-Content-Type-Options"]) == (200, "nosniff")
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_the_page_of_a_link_tells_its_address_to_nobody_not_even_to_our_own_files(
    client: FlaskClient, expression: Callable[..., Expression]
) -> None:
    _link, token = links.mint(expression(State.SUBMITTED).id, "applicant@example.org")
    db.session.commit()

    answer = client.get(f"/link/{token}")

    assert (answer.status_code, answer.headers["Referrer-Policy"]) == (200, "strict-origin")
    assert client.get("/link").headers["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize("https", ["yes", "no"])
def test_https_is_asked_for_in_future_where_the_site_is_reached_by_it(
    app: Flask, environment: dict[str, str], https: str
) -> None:
    scheme = {"yes": "https", "no": "http"}[https]
    settings = {"INTAKE_HTTPS": https, "INTAKE_BASE_URL": f"{scheme}://intake.example.org"}
    made = create_app({**environment, **settings}, {"TESTING": True})
    try:
        browser = made.test_client()
        found = browser.get("/", base_url=f"{scheme}://intake.example.org").headers
        plain = browser.get("/", base_url="http://intake.example.org")
    finally:
        with made.app_context():
            db.session.remove()
            db.engine.dispose()

    strict = found.get("Strict-Transport-Security", "")
    assert (strict == "max-age=31556926; includeSubDomains") is (https == "yes")
    assert (plain.status_code, plain.headers.get("X-Frame-Options")) == (302 if https == "yes" else 200, "DENY")
