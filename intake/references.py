"""Makes references that people can read out; they tell nothing about number or time."""

import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O or U, so that a reference survives the telephone."""

PATTERN = r"P2C-[0-9A-Z]{4}-[0-9A-Z]{4}"
"""What the reference of an expression looks like, as part of a regular expression."""
ENQUIRY_PATTERN = r"ENQ-[0-9A-Z]{4}-[0-9A-Z]{4}"
"""What the reference of an enquiry looks like; no text holds both where it holds one."""


def new_reference() -> str:
    """A random reference such as P2C-7K3M-Q9XD: 40 bits, so that a million expressions rarely meet twice."""
    return f"P2C-{_letters()}"


def new_enquiry_reference() -> str:
    """A random reference such as ENQ-7K3M-Q9XD, of the same 40 bits."""
    return f"ENQ-{_letters()}"


def _letters() -> str:
    letters = "".join(secrets.choice(ALPHABET) for _ in range(8))
    return f"{letters[:4]}-{letters[4:]}"
