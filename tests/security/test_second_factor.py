"""Apps and recovery codes: set up, asked for, accepted once, removed; and who is led to set one up before all else."""

import json
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from intake.extensions import db, security
from intake.factors import AppCodes
from intake.models import User
from tests.security.entering import code, password, set_up_app, told, tries
from workflows.people import Role

SignIn = Callable[[Role], FlaskClient]
Account = Callable[[Role], User]


def email(account: Account, role: Role = Role.SECRETARIAT) -> str:
    """The address of a member of staff."""
    address = account(role).email
    db.session.rollback()
    return address


def one(address: str) -> User:
    """An account, read anew."""
    db.session.rollback()
    return db.session.scalars(select(User).where(User.email == address)).one()


def test_an_app_is_set_up_and_its_code_is_asked_for_after_the_password(
    client: FlaskClient, sign_in: SignIn, account: Account
) -> None:
    address = email(account)
    sign_in(Role.SECRETARIAT)
    key = set_up_app(client)
    client.post("/staff/logout")

    asked = password(client, address, next="/staff/queue")
    between = client.get("/staff/queue")
    wrong = client.post(asked.location, data={"code": "000000"})
    right = client.post(asked.location, data={"code": code(key)})

    assert (asked.status_code, asked.location) == (302, "/staff/login/code?next=/staff/queue")
    assert between.location.startswith("/staff/login?")
    assert (wrong.status_code, "This code is wrong" in wrong.text) == (200, True)
    assert (right.status_code, right.location) == (302, "/staff/queue")
    assert client.get("/staff/queue").status_code == 200
    assert tries() == [("password", True), ("code", False), ("code", True)]
    assert told(one(address)) == ["An authenticator app was set up for it."]


def test_a_code_is_accepted_once(client: FlaskClient, app: Flask, sign_in: SignIn, account: Account) -> None:
    address = email(account)
    key = set_up_app(sign_in(Role.SECRETARIAT))
    client.post("/staff/logout")
    shown = code(key)

    entered = []
    for browser in (app.test_client(), app.test_client()):
        password(browser, address)
        entered.append(browser.post("/staff/login/code", data={"code": f"{shown[:3]} {shown[3:]}"}).status_code)

    assert entered == [302, 200]


def test_the_secret_of_an_app_is_stored_encrypted_and_the_code_to_scan_is_drawn_without_style(
    sign_in: SignIn, account: Account
) -> None:
    address = email(account)
    page = sign_in(Role.SECRETARIAT).post("/staff/sign-in/app", data={"setup": "authenticator"})
    key = set_up_app(sign_in(Role.SECRETARIAT))

    kept = one(address).tf_totp_secret or ""

    assert re.sub(r"[\s-]", "", key) not in kept
    assert "enckey" in json.loads(kept)
    assert ("<svg" in page.text, " style=" in page.text, "data:" in page.text) == (True, False, False)


def test_recovery_codes_are_shown_once_kept_as_hashes_and_work_once(
    client: FlaskClient, app: Flask, sign_in: SignIn, account: Account
) -> None:
    address = email(account)
    set_up_app(sign_in(Role.SECRETARIAT))
    made = client.post("/staff/sign-in/recovery-codes")
    codes = re.findall(r'<code class="key">([^<]+)</code>', made.text)
    again = client.get("/staff/sign-in/recovery-codes", query_string={"show_codes": "1"})
    client.post("/staff/logout")

    entered = []
    for typed in (codes[0].upper().replace("-", " "), codes[0], "not a code"):
        browser = app.test_client()
        password(browser, address)
        answer = browser.post("/staff/login/recovery-code", data={"code": typed})
        entered.append((answer.status_code, answer.location))

    assert (len(codes), len(set(codes)), [each for each in codes if each in again.text]) == (8, 8, [])
    assert entered == [(302, "/staff/"), (200, None), (200, None)]
    assert len(one(address).mf_recovery_codes or []) == 7
    assert not any(each.replace("-", "") in str(one(address).mf_recovery_codes) for each in codes)
    assert [text.split(";")[0] for text in told(one(address))][1:] == [
        "New recovery codes were made for it",
        "Somebody signed in with one of its recovery codes, which is used up by that.",
    ]
    assert tries()[1:] == [("recovery_code", True), ("recovery_code", False), ("recovery_code", False)]


def test_an_app_that_is_removed_lets_nobody_in_any_more(client: FlaskClient, sign_in: SignIn, account: Account) -> None:
    address = email(account)
    set_up_app(sign_in(Role.SECRETARIAT))

    removed = client.post("/staff/sign-in/app", data={"setup": "disable"})
    client.post("/staff/logout")
    entered = password(client, address)

    assert (removed.status_code, removed.location) == (302, "/staff/sign-in")
    assert (one(address).tf_totp_secret, entered.location) == (None, "/staff/")
    assert told(one(address))[-1] == "Its authenticator app was removed."


@pytest.mark.parametrize("path", ["code", "recovery-code", "passkey", "way"])
def test_what_comes_after_the_password_opens_to_nobody_before_it(client: FlaskClient, path: str) -> None:
    answers = [client.get(f"/staff/login/{path}"), client.post(f"/staff/login/{path}", data={"code": "123456"})]

    assert {answer.status_code for answer in answers} <= {302, 404}
    assert {answer.location for answer in answers} <= {"/staff/login", None}
    assert client.get("/staff/").location.startswith("/staff/login?")


@pytest.mark.parametrize(
    ("who", "role", "is_led"),
    [
        ("none", Role.SECRETARIAT, False),
        ("secretariat", Role.SCREENER, False),
        ("secretariat", Role.SECRETARIAT, True),
        ("secretariat", Role.ADMINISTRATOR, True),
        ("staff", Role.SCREENER, True),
    ],
)
def test_who_needs_a_second_factor_is_led_to_it_before_anything_else(
    app: Flask, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch, who: str, role: Role, is_led: bool
) -> None:
    monkeypatch.setitem(app.config, "SECOND_FACTOR", who)
    browser = sign_in(role)

    before = [browser.get(page).location for page in ("/staff/", "/staff/queue", "/staff/preferences")]
    posted = browser.post("/staff/preferences", data={"digest": "no"}).location
    page = browser.get("/staff/sign-in")
    set_up_app(browser)
    after = [browser.get(page).status_code for page in ("/staff/", "/staff/queue", "/staff/preferences")]

    led = "/staff/sign-in" if is_led else None
    assert (before, posted == "/staff/sign-in") == ([led] * 3, is_led)
    assert ("Your role needs more than a password" in page.text) is is_led
    assert after == [200] * 3


def test_what_changes_the_sign_in_asks_for_the_password_again_after_a_quarter_of_an_hour(
    client: FlaskClient, sign_in: SignIn
) -> None:
    sign_in(Role.SECRETARIAT)
    pages = [
        "/staff/sign-in/app",
        "/staff/sign-in/passkeys",
        "/staff/sign-in/recovery-codes",
        "/staff/sign-in/passkeys/1",
    ]
    fresh = [client.get(page).status_code for page in pages]
    with client.session_transaction() as session:
        session["fs_paa"] -= timedelta(minutes=16).total_seconds()
        session.pop("fs_gexp", None)

    stale = [client.get(page) for page in pages]
    refused = client.post("/staff/sign-in/recovery-codes")
    again = client.post(stale[0].location, data={"password": "a long enough password"})

    assert fresh == [200, 200, 200, 404]
    assert [answer.location.split("?")[0] for answer in [*stale, refused]] == ["/staff/verify"] * 5
    assert (again.status_code, again.location) == (302, "/staff/sign-in/app")
    assert client.get(pages[0]).status_code == 200


@pytest.mark.parametrize("keys", [{"1": "another key than before"}, {"2": "a key by another number"}])
def test_a_key_that_was_changed_refuses_codes_and_breaks_nothing(
    client: FlaskClient, sign_in: SignIn, account: Account, monkeypatch: pytest.MonkeyPatch, keys: dict[str, str]
) -> None:
    address = email(account)
    key = set_up_app(sign_in(Role.SECRETARIAT))
    client.post("/staff/logout")
    monkeypatch.setattr(security, "_totp_factory", AppCodes(keys, "Elsewhere"))

    password(client, address)
    answer = client.post("/staff/login/code", data={"code": code(key)})

    assert (answer.status_code, "This code is wrong" in answer.text) == (200, True)
