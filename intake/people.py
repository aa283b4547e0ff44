"""Adds and changes staff accounts; signing in is Flask-Security's."""

from collections.abc import Collection
from typing import Any

from email_validator import EmailNotValidError, validate_email
from flask_security import hash_password
from sqlalchemy import select

from intake.extensions import accounts, db
from intake.models import User
from workflows.people import Role

STAFF_ROLES = (Role.SCREENER.value, Role.SECRETARIAT.value, Role.ADMINISTRATOR.value)
SHORTEST_PASSWORD = 10
LONGEST_ORGANISATION = 200


class AccountError(Exception):
    """An account cannot be stored as asked; the sentence says why."""


def known(email: str) -> bool:
    """Whether an account with this address exists."""
    return accounts.find_user(email=email) is not None


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
    person.roles = [accounts.find_or_create_role(role) for role in roles]
    db.session.commit()
    return there is None
