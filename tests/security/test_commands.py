"""What an administrator can do at the command line for somebody who cannot come in."""

from collections.abc import Callable

import pytest
from click.testing import CliRunner, Result
from flask.testing import FlaskClient
from sqlalchemy import select

from intake.cli import main
from intake.extensions import db
from intake.models import User, WebAuthn, now
from tests.security.entering import password, set_up_app, told
from workflows.people import Role

EMAIL = "secretariat@example.org"


@pytest.fixture
def intake(environment: dict[str, str]) -> Callable[..., Result]:
    """Runs a command on the database of the test."""

    def run(*arguments: str, typed: str = "") -> Result:
        db.session.remove()
        return CliRunner().invoke(main, arguments, env=environment, input=typed)

    return run


def one() -> User:
    """The account, read anew."""
    db.session.rollback()
    return db.session.scalars(select(User).where(User.email == EMAIL)).one()


def test_a_second_factor_that_was_lost_is_reset_and_the_owner_told(
    client: FlaskClient, sign_in: Callable[[Role], FlaskClient], intake: Callable[..., Result]
) -> None:
    set_up_app(sign_in(Role.SECRETARIAT))
    client.post("/staff/sign-in/recovery-codes")
    key = {"credential_id": b"1", "public_key": b"1", "name": "Key", "usage": "secondary", "device_type": "single"}
    db.session.add(WebAuthn(user_id=one().id, backup_state=False, lastuse_datetime=now().replace(tzinfo=None), **key))
    db.session.commit()

    refused = intake("user", "reset-second-factor", EMAIL, typed="n\n")
    before = client.get("/staff/").status_code
    done = intake("user", "reset-second-factor", EMAIL.upper(), typed="y\n")

    found = one()
    assert (refused.exit_code, before, done.exit_code) == (1, 200, 0)
    assert (found.tf_totp_secret, found.mf_recovery_codes or [], list(found.webauthn)) == (None, [], [])
    assert told(found)[-1].startswith("An administrator removed its app, passkeys and recovery codes")
    assert client.get("/staff/").status_code == 303
    assert password(client, EMAIL).location == "/staff/"


def test_a_pause_is_ended(client: FlaskClient, account: Callable[[Role], User], intake: Callable[..., Result]) -> None:
    account(Role.SECRETARIAT)
    for _ in range(5):
        password(client, EMAIL, "wrong")
    before = password(client, EMAIL).status_code

    done = intake("user", "end-pause", EMAIL)

    assert (before, done.exit_code, done.stdout) == (200, 0, f"{EMAIL} can sign in again.\n")
    assert password(client, EMAIL).location == "/staff/"


@pytest.mark.parametrize("command", ["reset-second-factor", "end-pause"])
def test_an_address_that_has_no_account_is_named(intake: Callable[..., Result], app: object, command: str) -> None:
    answer = intake("user", command, "nobody@example.org", typed="y\n")

    assert answer.exit_code == 1
    assert "There is no account with the address “nobody@example.org”." in answer.output


def test_another_password_at_the_command_line_ends_every_session(
    sign_in: Callable[[Role], FlaskClient], intake: Callable[..., Result]
) -> None:
    browser = sign_in(Role.SECRETARIAT)
    before = browser.get("/staff/").status_code

    intake("user", "add", EMAIL, "--role", "secretariat", "--password", "quite another long password")

    assert (before, browser.get("/staff/").status_code) == (200, 303)
