"""A passkey in a real browser: added, asked for after the password, renamed, removed; and pages without JavaScript."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser

from intake.extensions import db
from intake.models import WebAuthn
from tests.browser.conftest import PATIENCE_SECONDS, Person, Site
from tests.conftest import PASSWORD

AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def with_passkeys(chromium: Browser, site: Site) -> Iterator[Person]:
    """Somebody whose browser has an authenticator; passkeys need a name for the site, not a number."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(PATIENCE_SECONDS * 1000)
    page = context.new_page()
    devtools = context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    site.url = site.url.replace("127.0.0.1", "localhost")
    yield Person(page, site)
    context.close()


def signs_in(person: Person, email: str = "screener@example.org") -> None:
    """Type the address and the password."""
    person.opens("/staff/login")
    person.page.locator("#email").fill(email)
    person.page.locator("#password").fill(PASSWORD)
    person.presses("Sign in")


def names(app: Flask) -> list[str]:
    """The names of all passkeys."""
    with app.app_context():
        found = [key.name for key in db.session.query(WebAuthn).order_by(WebAuthn.name)]
        db.session.remove()
        return found


def test_a_passkey_is_added_asked_for_renamed_and_removed(with_passkeys: Person, site: Site) -> None:
    signs_in(with_passkeys)
    with_passkeys.opens("/staff/sign-in/passkeys")
    with_passkeys.types("Name", "Work <b>laptop</b>")
    with_passkeys.presses("Go on")
    with_passkeys.page.wait_for_url("**/staff/sign-in")
    with_passkeys.sees("The passkey “Work <b>laptop</b>” is added.", "You have no recovery codes")
    with_passkeys.presses("Sign out")

    signs_in(with_passkeys)
    assert "/staff/login/passkey" in with_passkeys.page.url
    with_passkeys.presses("Use the passkey")
    with_passkeys.page.wait_for_url("**/staff/")

    with_passkeys.opens("/staff/sign-in")
    with_passkeys.sees("Password and passkey")
    with_passkeys.follows("Work <b>laptop</b>")
    with_passkeys.types("Name", "Old laptop")
    with_passkeys.presses("Keep this name")
    assert names(site.app) == ["Old laptop"]
    with_passkeys.follows("Old laptop")
    with_passkeys.follows("Remove this passkey")
    with_passkeys.presses("Remove it")
    with_passkeys.sees("The passkey is removed.")
    assert names(site.app) == []


def test_a_passkey_shows_that_it_is_you_before_something_sensitive(with_passkeys: Person) -> None:
    signs_in(with_passkeys)
    with_passkeys.opens("/staff/sign-in/passkeys")
    with_passkeys.types("Name", "Key")
    with_passkeys.presses("Go on")
    with_passkeys.page.wait_for_url("**/staff/sign-in")

    with_passkeys.opens("/staff/verify?next=/staff/sign-in/app")
    with_passkeys.presses("Use a passkey")
    with_passkeys.page.wait_for_url("**/staff/sign-in/app")

    with_passkeys.sees("Thank you. You can go on.", "I have an app: go on")


def test_no_page_of_sign_in_breaks_the_policy_of_scripts_and_styles(with_passkeys: Person) -> None:
    said: list[Any] = []
    with_passkeys.page.on("console", lambda line: said.append(line.text))
    with_passkeys.page.on("pageerror", lambda error: said.append(str(error)))
    signs_in(with_passkeys)

    with_passkeys.opens("/staff/sign-in/app")
    with_passkeys.presses("I have an app: go on")
    box = with_passkeys.page.locator("svg.qr").bounding_box()
    for path in ("", "/recovery-codes", "/password", "/passkeys"):
        with_passkeys.opens(f"/staff/sign-in{path}")

    assert [line for line in said if "olicy" in line or "rror" in line] == []
    assert box is not None
    assert 150 < box["width"] < 300


def test_without_javascript_the_page_of_a_passkey_says_what_else_there_is(
    person: Callable[[], Person],
) -> None:
    somebody = person()
    signs_in(somebody)
    somebody.opens("/staff/sign-in/passkeys")
    somebody.types("Name", "Key")

    somebody.presses("Go on")

    somebody.sees("A passkey needs JavaScript, which is off in this browser.", "Begin again")
