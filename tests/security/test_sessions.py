"""How long a sign-in lasts, what ends it, and what its cookie is; nobody else's use of it goes on."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from intake import create_app
from intake.extensions import db
from intake.models import User
from tests.conftest import PASSWORD
from tests.security.entering import password, told
from workflows.people import Role

SignIn = Callable[[Role], FlaskClient]
MINUTE, HOUR = 60, 3600
NEW = "quite another long password"


def one(email: str) -> User:
    """An account, read anew."""
    db.session.rollback()
    return db.session.scalars(select(User).where(User.email == email)).one()


def age(client: FlaskClient, **seconds: int) -> None:
    """Make what the session remembers older."""
    with client.session_transaction() as session:
        for name, ago in seconds.items():
            session[name] -= ago


@pytest.mark.parametrize(
    ("aged", "goes_on"),
    [
        ({"staff_seen": 119 * MINUTE}, True),
        ({"staff_seen": 121 * MINUTE}, False),
        ({"staff_since": 11 * HOUR}, True),
        ({"staff_since": 13 * HOUR}, False),
    ],
)
def test_a_sign_in_ends_after_two_hours_without_a_page_and_after_twelve_in_any_case(
    sign_in: SignIn, aged: dict[str, int], goes_on: bool
) -> None:
    browser = sign_in(Role.SCREENER)
    age(browser, **aged)

    first = browser.get("/staff/queue?state=open")
    again = browser.get("/staff/")

    assert (first.status_code, again.status_code) == ((200, 200) if goes_on else (303, 303))
    assert goes_on or first.location == "/staff/login?next=/staff/queue?state%3Dopen"
    assert goes_on or "away for long" in browser.get(first.location).text


def test_each_page_begins_the_time_without_a_page_anew(sign_in: SignIn) -> None:
    browser = sign_in(Role.SCREENER)
    seen = []

    for _ in range(3):
        age(browser, staff_seen=100 * MINUTE)
        seen.append(browser.get("/staff/").status_code)

    assert seen == [200] * 3


def test_a_cookie_that_was_copied_is_worth_nothing_after_signing_out(app: Flask, sign_in: SignIn) -> None:
    browser = sign_in(Role.SCREENER)
    cookie = browser.get_cookie("intake")
    assert cookie is not None
    thief = app.test_client()
    thief.set_cookie("intake", cookie.value)
    before = thief.get("/staff/").status_code

    browser.post("/staff/logout")

    assert (before, thief.get("/staff/").status_code) == (200, 303)


def test_another_password_ends_every_other_session_and_the_owner_is_told(app: Flask, sign_in: SignIn) -> None:
    browser, email = sign_in(Role.SCREENER), "screener@example.org"
    elsewhere = app.test_client()
    password(elsewhere, email)
    typed = {"password": PASSWORD, "new_password": NEW, "new_password_confirm": NEW}

    changed = browser.post("/staff/sign-in/password", data=typed)

    assert (changed.status_code, changed.location) == (302, "/staff/sign-in")
    assert (browser.get("/staff/").status_code, elsewhere.get("/staff/").status_code) == (200, 303)
    assert [password(elsewhere, email, old).status_code for old in (PASSWORD, NEW)] == [200, 302]
    assert told(one(email)) == ["Its password was changed, and every other browser was signed out."]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"password": "wrong"}, "The password is wrong"),
        ({"new_password": "short", "new_password_confirm": "short"}, "at least 10 characters"),
        ({"new_password_confirm": "something else"}, "The two new passwords differ"),
        ({"new_password": PASSWORD, "new_password_confirm": PASSWORD}, "The new password is the old one"),
    ],
)
def test_another_password_is_refused_with_how_to_mend_it(sign_in: SignIn, typed: dict[str, str], said: str) -> None:
    good = {"password": PASSWORD, "new_password": NEW, "new_password_confirm": NEW}

    answer = sign_in(Role.SCREENER).post("/staff/sign-in/password", data=good | typed)

    assert (answer.status_code, said in answer.text) == (200, True)
    assert one("screener@example.org").failed_tries == (1 if "password" in typed else 0)


@pytest.fixture
def served(app: Flask, environment: dict[str, str]) -> Iterator[Callable[..., Flask]]:
    """Makes the application with other settings on the same database."""
    made: list[Flask] = []

    def make(**settings: str) -> Flask:
        made.append(create_app({**environment, **settings}, {"TESTING": True, "WTF_CSRF_ENABLED": False}))
        return made[-1]

    yield make
    for each in made:
        with each.app_context():
            db.session.remove()
            db.engine.dispose()


def test_over_https_the_cookie_is_bound_to_this_host_and_out_of_reach_of_scripts(
    served: Callable[..., Flask], account: Callable[[Role], User]
) -> None:
    email = account(Role.SCREENER).email
    db.session.rollback()
    browser = served(INTAKE_HTTPS="yes", INTAKE_BASE_URL="https://intake.example.org").test_client()

    entered = browser.post(
        "/staff/login", data={"email": email, "password": PASSWORD}, base_url="https://intake.example.org"
    )
    cookies = entered.headers.getlist("Set-Cookie")

    assert entered.status_code == 302
    assert [cookie.split("=")[0] for cookie in cookies] == ["__Host-intake"]
    parts = {part.strip().split("=")[0]: part.strip() for part in cookies[0].split(";")[1:]}
    assert {"Secure", "HttpOnly", "Path", "SameSite"} <= set(parts)
    assert (parts["Path"], parts["SameSite"], "Domain" in parts) == ("Path=/", "SameSite=Lax", False)


def test_no_cookie_outlives_the_sign_in_to_remember_it(sign_in: SignIn, account: Callable[[Role], User]) -> None:
    browser = sign_in(Role.SCREENER)
    browser.post("/staff/logout")

    typed = {"email": account(Role.SCREENER).email, "password": PASSWORD, "remember": "y"}
    answer = browser.post("/staff/login", data=typed)

    assert [each.split("=")[0] for each in answer.headers.getlist("Set-Cookie")] == ["intake"]
    assert "remember" not in browser.get("/staff/login").text.lower()


@pytest.mark.parametrize("path", ["code", "way", "passkey", "recovery-code"])
def test_no_address_signs_somebody_out_who_follows_a_link_to_it(sign_in: SignIn, path: str) -> None:
    browser = sign_in(Role.SCREENER)

    answer = browser.get(f"/staff/login/{path}")

    assert (answer.status_code, answer.location, browser.get("/staff/").status_code) == (303, "/staff/", 200)
