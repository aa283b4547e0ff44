"""Wrong passwords and codes: an account pauses, its owner is told, and nobody learns which accounts there are."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask, current_app
from flask.testing import FlaskClient
from sqlalchemy import select, update

from intake import pauses, people
from intake.extensions import db
from intake.models import User, now
from intake.pauses import FREE_TRIES, LONGEST_PAUSE
from tests.conftest import PASSWORD
from tests.security.entering import code, password, set_up_app, told, tries
from tests.statements import counted
from workflows.people import Role

SignIn = Callable[[Role], FlaskClient]
WRONG = "The e-mail address or the password is wrong, or the account pauses after too many wrong tries."


@pytest.fixture
def address(account: Callable[[Role], User]) -> str:
    """The address of a screener whose password is hashed as people's are."""
    found = account(Role.SCREENER).email
    people.put(found, name="", roles=["screener"], password=PASSWORD)
    return found


def one(email: str) -> User:
    """An account, read anew."""
    db.session.rollback()
    return db.session.scalars(select(User).where(User.email == email)).one()


def wrong(client: FlaskClient, email: str, times: int) -> list[tuple[int, bool]]:
    """Type a wrong password so many times."""
    answers = [password(client, email, f"wrong {number}") for number in range(times)]
    return [(answer.status_code, WRONG in answer.text) for answer in answers]


def end_pause(email: str, *, ago: timedelta = timedelta(seconds=1)) -> None:
    """Let the pause of an account have ended."""
    db.session.execute(update(User).where(User.email == email).values(paused_until=now() - ago))
    db.session.commit()


def test_after_five_wrong_passwords_the_right_one_is_refused_too_until_the_pause_is_over(
    client: FlaskClient, address: str
) -> None:
    before = wrong(client, address, FREE_TRIES - 1)
    paused_early = one(address).paused_until
    last = wrong(client, address, 1)

    refused = password(client, address)
    pause = one(address).paused_until
    end_pause(address)
    entered = password(client, address)

    assert before + last == [(200, True)] * FREE_TRIES
    assert (paused_early, pause is not None and pause > now()) == (None, True)
    assert (refused.status_code, WRONG in refused.text) == (200, True)
    assert (entered.status_code, entered.location) == (302, "/staff/")
    assert (one(address).failed_tries, one(address).paused_until) == (0, None)


def test_each_further_wrong_one_makes_the_next_pause_longer_up_to_a_quarter_of_an_hour() -> None:
    minutes = [pauses.length(failed).total_seconds() / 60 for failed in (4, 5, 6, 7, 8, 9, 10, 1_000)]

    assert minutes == [0, 1, 2, 4, 8, 15, 15, 15]


def test_wrong_ones_during_a_pause_make_it_no_longer(client: FlaskClient, address: str) -> None:
    wrong(client, address, FREE_TRIES)
    began = one(address).paused_until

    wrong(client, address, 3)
    during = one(address).paused_until
    end_pause(address)
    wrong(client, address, 1)
    after = one(address)

    assert began == during
    assert after.failed_tries == FREE_TRIES + 1
    assert after.paused_until is not None
    assert timedelta(minutes=1) < after.paused_until - now() <= timedelta(minutes=2)


def test_what_was_wrong_long_ago_is_forgotten(client: FlaskClient, address: str) -> None:
    wrong(client, address, FREE_TRIES)
    end_pause(address, ago=timedelta(days=1, seconds=1))

    wrong(client, address, 1)

    assert one(address).failed_tries == 1


def test_the_owner_gets_one_letter(client: FlaskClient, address: str) -> None:
    wrong(client, address, FREE_TRIES + 2)

    assert told(one(address)) == [
        "So many wrong passwords or codes were tried that it lets nobody in for some minutes."
    ]


def test_the_owners_own_browser_may_go_on_while_strangers_are_kept_out(
    app: Flask, client: FlaskClient, address: str
) -> None:
    password(client, address)
    client.post("/staff/logout")
    stranger = app.test_client()
    wrong(stranger, address, FREE_TRIES)

    kept_out, entered = password(stranger, address), password(client, address)

    assert (kept_out.status_code, entered.location) == (200, "/staff/")


def test_wrong_codes_count_with_wrong_passwords_and_no_browser_is_spared(
    client: FlaskClient, app: Flask, sign_in: SignIn, address: str
) -> None:
    key = set_up_app(sign_in(Role.SCREENER))
    client.post("/staff/logout")
    wrong(client, address, 2)
    password(client, address)

    answers = [client.post("/staff/login/code", data={"code": "000000"}).status_code for _ in range(3)]
    right = client.post("/staff/login/code", data={"code": code(key)})

    assert (answers, right.status_code) == ([200] * 3, 200)
    assert "or the account pauses" in right.text
    assert tries()[1:] == [("password", False)] * 2 + [("code", False)] * 4
    end_pause(address)
    assert client.post("/staff/login/code", data={"code": code(key)}).location == "/staff/"


def test_a_recovery_code_is_refused_during_a_pause_and_not_used_up(
    client: FlaskClient, sign_in: SignIn, address: str
) -> None:
    set_up_app(sign_in(Role.SCREENER))
    page = client.post("/staff/sign-in/recovery-codes").text
    mine = page.split('<code class="key">')[1].split("<")[0]
    client.post("/staff/logout")
    password(client, address)

    answers = [client.post("/staff/login/recovery-code", data={"code": "x"}).status_code for _ in range(FREE_TRIES)]
    paused = client.post("/staff/login/recovery-code", data={"code": mine}).status_code
    end_pause(address)

    assert (answers, paused) == ([200] * FREE_TRIES, 200)
    assert client.post("/staff/login/recovery-code", data={"code": mine}).location == "/staff/"


def test_the_count_is_shared_between_processes(address: str, app: Flask) -> None:
    """It stands in the database: what another session of it counted holds here."""
    user = one(address)
    with app.test_request_context("/staff/login", method="POST"):
        for _ in range(FREE_TRIES):
            pauses.refused(user)

    with db.engine.connect() as other:
        found = other.execute(select(User.failed_tries, User.paused_until).where(User.email == address)).one()

    assert (found.failed_tries, found.paused_until > now()) == (FREE_TRIES, True)


def test_an_unknown_address_gets_the_same_page_hashes_and_statements_as_a_known_one(
    client: FlaskClient, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    found: dict[str, Any] = {}

    for name, email in {"known": address, "unknown": "nobody@example.org"}.items():
        hashed = hashes(monkeypatch)
        with counted() as statements:
            page = password(client, email, "wrong").text.replace(email, "…")
        found[name] = (page, len(hashed), [statement.split()[:3] for statement in statements])

    assert found["known"][1:] == found["unknown"][1:]
    assert found["known"][0] == found["unknown"][0]
    assert found["known"][1] == 1
    assert tries() == [("password", False)] * 2


def test_a_pausing_account_costs_as_much_as_one_that_does_not(
    client: FlaskClient, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong(client, address, FREE_TRIES)
    found = []

    for typed in ("wrong", PASSWORD):
        hashed = hashes(monkeypatch)
        with counted() as statements:
            page = password(client, address, typed).text
        found.append((page, len(hashed), [statement.split()[:3] for statement in statements]))

    assert found[0] == found[1]
    assert timedelta(minutes=15) == LONGEST_PAUSE


def hashes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Notes each time that argon2 works, to make a hash or to compare with one."""
    seen: list[str] = []
    context = security_context()
    for name in ("hash", "verify", "verify_and_update"):
        real = getattr(type(context), name)

        def noted(self: Any, *args: Any, _real: Any = real, _name: str = name, **kwargs: Any) -> Any:
            seen.append(_name)
            return _real(self, *args, **kwargs)

        monkeypatch.setattr(context, name, noted.__get__(context))
    return seen


def security_context() -> Any:
    """What Flask-Security hashes passwords with."""
    return current_app.extensions["security"].pwd_context
