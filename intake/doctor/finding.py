"""What a look at one part of an installation found; it looks at nothing itself."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from intake.outside.readiness import Status

LONGEST_TEXT = 300


@dataclass(frozen=True, slots=True)
class Finding:
    """How a part stands, in a sentence, and what to do about it. It holds no secret and no name of a person."""

    part: str
    status: Status
    text: str
    mend: str = ""


Look = Callable[[bool], Iterable[Finding]]
"""Looks at one part of the installation; true: at all of it, however long it takes."""


def well(part: str, text: str) -> Finding:
    """All is as it should be."""
    return Finding(part, Status.OK, text)


def warned(part: str, text: str, mend: str) -> Finding:
    """Somebody should know; nothing is broken."""
    return Finding(part, Status.WARNING, text[:LONGEST_TEXT], mend)


def ill(part: str, text: str, mend: str) -> Finding:
    """Something does not work or is not whole."""
    return Finding(part, Status.FAULT, text[:LONGEST_TEXT], mend)
