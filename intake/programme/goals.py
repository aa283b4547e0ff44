"""The Sustainable Development Goals and the WSIS Action Lines, with their names. It counts nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType

from intake.programme.rows import LANGUAGES, names, pick, rows


@dataclass(frozen=True, slots=True)
class Goal:
    """A Sustainable Development Goal; `unconfirmed` has the languages whose name awaits a second source."""

    number: int
    names: Mapping[str, str] = field(hash=False)
    unconfirmed: tuple[str, ...]

    @property
    def name(self) -> str:
        return self.names["en"]

    def name_in(self, language: str) -> str:
        return pick(self.names, language)


@dataclass(frozen=True, slots=True)
class ActionLine:
    """A WSIS Action Line, C1 to C11; `unconfirmed` has the languages whose name is a draft."""

    code: str
    names: Mapping[str, str] = field(hash=False)
    unconfirmed: tuple[str, ...]

    @property
    def name(self) -> str:
        return self.names["en"]

    def name_in(self, language: str) -> str:
        return pick(self.names, language)


@cache
def sdgs() -> Mapping[int, Goal]:
    """The seventeen goals by number."""
    found = (Goal(int(row["goal"]), names(row), tuple(row["not_confirmed"].split())) for row in rows("sdgs.csv"))
    return MappingProxyType({goal.number: goal for goal in found})


@cache
def action_lines() -> Mapping[str, ActionLine]:
    """The eleven lines by code, in their order."""
    found = (ActionLine(row["code"], names(row), _drafts(row)) for row in rows("wsis_action_lines.csv"))
    return MappingProxyType({line.code: line for line in found})


def _drafts(row: dict[str, str]) -> tuple[str, ...]:
    status = row["other_languages_status"]
    return tuple(language for language in LANGUAGES if language != "en" and f"{language} confirmed" not in status)
