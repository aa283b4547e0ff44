"""Reads tests/expression.txt, the process in plain lines."""

from dataclasses import dataclass
from pathlib import Path

FILE = Path(__file__).parent / "expression.txt"


@dataclass(frozen=True, slots=True)
class Line:
    """One line: a step from one state."""

    source: str
    trigger: str
    target: str
    who: tuple[str, ...]
    given: tuple[str, ...]
    tells: tuple[str, ...]


def text() -> list[str]:
    """The lines without the comment."""
    return [line for line in FILE.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]


def lines() -> list[Line]:
    """The lines, read."""
    return [_line([part.strip() for part in line.split("|")]) for line in text()]


def _line(parts: list[str]) -> Line:
    source, trigger, target, *lists = parts
    who, given, tells = (tuple(filter(None, each.split(", "))) for each in lists)
    return Line(source, trigger, target, who, given, tells)
