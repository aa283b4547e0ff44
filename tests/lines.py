"""Reads tests/expression.txt and tests/enquiry.txt, the processes in plain lines."""

from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Line:
    """One line: a step from one state."""

    source: str
    trigger: str
    target: str
    who: tuple[str, ...]
    given: tuple[str, ...]
    tells: tuple[str, ...]


def text(process: str = "expression") -> list[str]:
    """The lines of a process without the comment."""
    written = (FOLDER / f"{process}.txt").read_text(encoding="utf-8")
    return [line for line in written.splitlines() if not line.startswith("#")]


def lines(process: str = "expression") -> list[Line]:
    """The lines, read."""
    return [_line([part.strip() for part in line.split("|")]) for line in text(process)]


def _line(parts: list[str]) -> Line:
    source, trigger, target, *lists = parts
    who, given, tells = (tuple(filter(None, each.split(", "))) for each in lists)
    return Line(source, trigger, target, who, given, tells)
