"""What stands on a copy: a title and sections of questions with their answers, in words that are ready to be read."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """A question with its answer, or a list of answers; empty where none was given."""

    label: str
    words: str | Sequence[str]

    @property
    def lines(self) -> list[str]:
        """The answer line by line."""
        parts = [self.words] if isinstance(self.words, str) else self.words
        return [line for part in parts for line in part.splitlines() if line.strip()]


@dataclass(frozen=True, slots=True)
class Section:
    """What belongs together under one heading."""

    title: str
    rows: Sequence[Row]


@dataclass(frozen=True, slots=True)
class Paper:
    """A whole copy. `facts` stand under the title: whose it is, of when."""

    title: str
    facts: Sequence[str]
    sections: Sequence[Section]
    language: str = "en"
    direction: str = "ltr"
