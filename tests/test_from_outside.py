"""The site from outside: signing in stays here and is limited, proxies are believed as set, errors keep quiet."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from intake import access, create_app
from intake.extensions import db, limiter
from tests.test_bad_input import TRACES
from workflows.people import Role

NEXT = (
    *(
        "//evil.example",
        "///evil.example",
        "https://evil.example/",
        "\\\\evil.example",
        "/\\evil.example",
        "/\t/evil.example",
    ),
    *("javascript:alert(1)", "http:evil.example", "https:///evil.example", "\x19//evil.example", " //evil.example"),
    *("/%09/evil.example", "http://localhost@evil.example/", "http://localhost.evil.example/", "%2f%2fevil.example"),
    *("/\r\nSet-Cookie: a=b", "http://localhost\\@evil.example", "//localhost\\.evil.example", "data:text/html,x"),
)


def host_as_browsers_read(location: str) -> str:
    """Where a browser would go: it drops what is invisible and takes a backslash for a slash."""
    plain = re.sub(r"[\x00-\x20]", "", location).replace("\\", "/")
    found = re.match(r"(?:[a-z]+:)?/{2,}([^/?#]*)", plain, re.IGNORECASE)
    other = re.match(r"(?!https?:)[a-z]+:", plain, re.IGNORECASE)
    return (found[1] if found else "") or (plain if other else "")


@pytest.mark.parametrize("where", ["form", "query"])
def test_signing_in_never_leads_to_another_site(
    client: FlaskClient, account: Callable[[Role], Any], where: str
) -> None:
    typed = {"email": account(Role.SCREENER).email, "password": "a long enough password"}
    went = {}

    for target in NEXT:
        given = {"data": {**typed, "next": target}} if where == "form" else {"data": typed}
        asked = {"next": target} if where == "query" else {}
        answer = client.post("/staff/login", query_string=asked, **given)
        went[target] = (answer.status_code, host_as_browsers_read(answer.headers.get("Location", "")))
        client.post("/staff/logout")

    assert set(went.values()) <= {(200, ""), (302, ""), (302, "localhost")}, went


@pytest.fixture
def another_app(
    app: Flask, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Flask]]:
    """Makes an application with other settings on the same database."""
    made: list[Flask] = []

    def make(**settings: str) -> Flask:
        overrides = {"TESTING": True, "WTF_CSRF_ENABLED": False}
        made.append(create_app({**environment, **settings}, overrides))
        return made[-1]

    for name in ("enabled", "initialized", "_storage", "_limiter"):
        monkeypatch.setattr(limiter, name, getattr(limiter, name))
    yield make
    for each in made:
        with each.app_context():
            db.session.remove()
            db.engine.dispose()


def sign_in_often(app: Flask, email: str, *, times: int, **more: str) -> list[int]:
    """The answers to wrong passwords; each `{}` in a value becomes the number of the attempt."""
    browser, codes = app.test_client(), []
    for number in range(times):
        headers = {name.replace("_", "-"): value.format(number) for name, value in more.items()}
        typed = {"email": email.format(number), "password": "wrong"}
        answer = browser.post("/staff/login", data=typed, headers=headers)
        codes.append(answer.status_code)
        assert answer.status_code == 200 or "Too many requests" in answer.text
    return codes


def test_an_address_may_try_ten_accounts_a_minute_whatever_it_says_of_itself(
    another_app: Callable[..., Flask],
) -> None:
    limited = another_app(INTAKE_RATE_LIMITS="yes")

    codes = sign_in_often(limited, "staff{}@example.org", times=12, X_Forwarded_For="192.0.2.{}")

    assert codes == [200] * 10 + [429] * 2
    assert limited.test_client().get("/staff/login").status_code == 200
    assert limited.test_client().post("/expressions", data={"key": "no key"}).status_code != 429


def test_an_account_may_be_tried_ten_times_a_minute_from_however_many_addresses(
    another_app: Callable[..., Flask],
) -> None:
    behind = another_app(INTAKE_RATE_LIMITS="yes", INTAKE_TRUSTED_PROXIES="1")

    plain = sign_in_often(behind, "Staff@example.org", times=6, X_Forwarded_For="1.1.1.1, 192.0.2.{}")
    wide = sign_in_often(behind, "staff@\uff45xample.org", times=6, X_Forwarded_For="1.1.1.1, 192.0.2.{}")

    assert (plain, wide) == ([200] * 6, [200] * 4 + [429] * 2)


def test_only_what_the_trusted_proxy_wrote_is_the_address(another_app: Callable[..., Flask]) -> None:
    behind = another_app(INTAKE_RATE_LIMITS="yes", INTAKE_TRUSTED_PROXIES="1")

    told_apart = sign_in_often(behind, "a{}@example.org", times=12, X_Forwarded_For="1.1.1.1, 192.0.2.{}")
    the_same = sign_in_often(behind, "b{}@example.org", times=12, X_Forwarded_For="1.1.1.{}, 198.51.100.9")

    assert (told_apart, the_same) == ([200] * 12, [200] * 10 + [429] * 2)


def test_an_error_of_ours_tells_nothing_about_us(another_app: Callable[..., Flask]) -> None:
    @access.public
    def fail() -> str:
        raise RuntimeError("the secret of the house")

    broken = another_app()
    broken.add_url_rule("/fails", view_func=fail)

    answer = broken.test_client().get("/fails")

    assert (answer.status_code, "Something went wrong on our side" in answer.text) == (500, True)
    assert [word for word in (*TRACES, "RuntimeError", "secret", "fail(") if word in answer.text] == []
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
