"""Makes references that people can read out; they tell nothing about number or time."""

import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O or U, so that a reference survives the telephone."""

PATTERN = r"P2C-[0-9A-Z]{4}-[0-9A-Z]{4}"
"""What a reference looks like, as part of a regular expression."""


def new_reference() -> str:
    """A random reference such as P2C-7K3M-Q9XD: 40 bits, so that a million expressions rarely meet twice."""
    letters = "".join(secrets.choice(ALPHABET) for _ in range(8))
    return f"P2C-{letters[:4]}-{letters[4:]}"
