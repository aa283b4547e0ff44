"""Adds and changes staff accounts; signing in is Flask-Security's."""

from collections.abc import Collection
from typing import Any

from email_validator import EmailNotValidError, validate_email
from flask_security import hash_password
from sqlalchemy import select

from intake import owners, staff_sessions
from intake.extensions import accounts, db
from intake.models import User
from intake.owners import Event
from intake.sign_in_settings import SHORTEST_PASSWORD
from workflows.people import Role

STAFF_ROLES = (Role.SCREENER.value, Role.SECRETARIAT.value, Role.ADMINISTRATOR.value)
LONGEST_ORGANISATION = 200


class AccountError(Exception):
    """An account cannot be stored as asked; the sentence says why."""


def known(email: str) -> bool:
    """Whether an account with this address exists."""
    return accounts.find_user(email=email) is not None


def _one(email: str) -> User:
    found: User | None = accounts.find_user(case_insensitive=True, email=email.strip())
    if found is None:
        raise AccountError(f"There is no account with the address “{email}”.")
    return found


def reset_second_factor(email: str) -> int:
    """Remove app, passkeys and recovery codes of somebody who lost them, and sign them out; the id of the account.

    Their password stays, and they are told. Raises `AccountError`.
    """
    person = _one(email)
    accounts.tf_reset(person)
    accounts.mf_set_recovery_codes(person, None)
    for key in list(person.webauthn):
        accounts.delete_webauthn(key)
    staff_sessions.end_everywhere(person)
    owners.tell(person, Event.RESET)
    db.session.commit()
    return person.id


def end_pause(email: str) -> int:
    """Let an account that pauses after wrong tries be entered again; the id of the account. Raises `AccountError`."""
    person = _one(email)
    person.failed_tries, person.paused_until = 0, None
    db.session.commit()
    return person.id


def put(email: str, *, name: str, roles: Collection[str], password: str, organisation: str | None = None) -> bool:
    """Add an account, or change the one with this address; true when it is new. Raises `AccountError`.

    `organisation`, whom the person works for, is what conflicts of interest are noticed by; None leaves it as it is.
    """
    if len(password) < SHORTEST_PASSWORD:
        raise AccountError(f"The password must have at least {SHORTEST_PASSWORD} characters.")
    if len(organisation or "") > LONGEST_ORGANISATION:
        raise AccountError(f"The organisation must have at most {LONGEST_ORGANISATION} characters.")
    try:
        address = validate_email(email, check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError as error:
        raise AccountError(f"“{email}” is not an e-mail address: {error}") from error
    there = db.session.scalar(select(User).where(User.email == address))
    person: Any = there or accounts.create_user(email=address)
    person.name = name or person.name or address
    person.organisation = (person.organisation or "") if organisation is None else organisation.strip()
    person.password = hash_password(password)
    if there is not None:
        staff_sessions.end_everywhere(person)
    person.roles = [accounts.find_or_create_role(role) for role in roles]
    db.session.commit()
    return there is None
