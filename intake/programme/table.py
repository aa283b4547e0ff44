"""Reads the values of one TOML table and notes what is wrong with them, each with its line. It knows no coalition."""

import re
import unicodedata
from datetime import UTC, date, datetime, time
from difflib import get_close_matches
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from email_validator import EmailNotValidError, validate_email

from intake.programme.lines import Path

LINE = 200
PARAGRAPH = 2000
_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_KINDS = {
    str: "a text",
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    list: "a list",
    dict: "a table",
    date: "a date alone",
    datetime: "a date with a time",
    time: "a time alone",
}
_MARKS_OF_DIRECTION = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
NO_DAY = date(1, 1, 1)
NO_MOMENT = datetime(1, 1, 1, tzinfo=UTC)


class Problems:
    """What is wrong with one file: lines with reasons, in the order of the lines once it is told."""

    def __init__(self, lines: dict[Path, int]) -> None:
        self.lines = lines
        self.found: list[tuple[int, str]] = []

    def add(self, path: Path, reason: str) -> None:
        while path not in self.lines:
            path = path[:-1]
        self.found.append((self.lines[path], " ".join(reason.split())))


class Table:
    """One table. Every reader answers with a value that can be used, so that all problems are found in one reading."""

    def __init__(self, values: dict[str, Any], *, path: Path, problems: Problems) -> None:
        self.values = values
        self.path = path
        self.problems = problems
        self._asked: list[str] = []
        self._missing: list[str] = []

    def refuse(self, key: str, reason: str) -> None:
        self.problems.add((*self.path, key), reason)

    def close(self) -> None:
        """Call it when all keys have been asked for: refuses the keys that nobody asked for, and names the absent."""
        missing = list(self._missing)
        for key in self.values:
            if key in self._asked:
                continue
            near = get_close_matches(key, missing or self._asked, 1) or get_close_matches(key, self._asked, 1)
            missing = [name for name in missing if name not in near]
            hint = f"Did you mean “{near[0]}”?" if near else f"Known here: {', '.join(self._asked)}."
            self.refuse(key, f"“{key}” is not known here. {hint}")
        for key in missing:
            self.problems.add(self.path, f"“{key}” is missing{self._place()}. Add it.")

    def _place(self) -> str:
        names = [str(part) for part in self.path if isinstance(part, str)]
        return f" in {'.'.join(names)}" if names else ""

    def _value(self, key: str, kind: type, *, wanted: str) -> Any:
        """The value if it is of exactly this kind, else None; a bool is no int, a datetime is no date."""
        self._asked.append(key)
        if key not in self.values:
            self._missing.append(key)
            return None
        value = self.values[key]
        if type(value) is kind:
            return value
        self.refuse(key, f"“{key}” must be {wanted}, not {_KINDS[type(value)]}.")
        return None

    def text(self, key: str, *, longest: int = LINE) -> str:
        """One line of text; line ends and runs of spaces become one space."""
        value = self._value(key, str, wanted="a text in quotation marks")
        return "" if value is None else self._plain((key,), value, longest=longest)

    def texts(self, key: str, *, longest: int = PARAGRAPH) -> tuple[str, ...]:
        values = self._value(key, list, wanted="a list of texts")
        if values is None:
            return ()
        if not values:
            self.refuse(key, f"“{key}” is empty: give at least one text.")
        return tuple(self._item(key, index, longest=longest) for index in range(len(values)))

    def _item(self, key: str, index: int, *, longest: int) -> str:
        value = self.values[key][index]
        if isinstance(value, str):
            return self._plain((key, index), value, longest=longest)
        self.problems.add((*self.path, key, index), f"“{key}” must hold texts in quotation marks only.")
        return ""

    def _plain(self, where: Path, value: str, *, longest: int) -> str:
        folded = " ".join(value.split())
        reason = _fault(folded, longest=longest)
        if reason:
            self.problems.add((*self.path, *where), f"“{where[0]}” {reason}")
            return ""
        return folded

    def id(self, key: str) -> str:
        text = self.text(key)
        if text and not _ID.fullmatch(text):
            self.refuse(
                key,
                f"“{text}” cannot be “{key}”: use up to 40 small letters (a to z), digits, _ and -.",
            )
        return text

    def choice(self, key: str, choices: tuple[str, ...]) -> str:
        text = self.text(key)
        if text and text not in choices:
            self.refuse(key, f"“{key}” cannot be “{text}”. Choose one of: {', '.join(choices)}.")
        return text if text in choices else choices[-1]

    def number(self, key: str, *, least: int, most: int) -> int:
        value = self._value(key, int, wanted="a whole number")
        if value is None:
            return least
        if not least <= value <= most:
            self.refuse(key, f"“{key}” is {value}: it must be from {least} to {most}.")
            return least
        return int(value)

    def number_or_none(self, key: str, *, least: int, most: int) -> int | None:
        if key in self.values:
            return self.number(key, least=least, most=most)
        self._asked.append(key)
        return None

    def flag(self, key: str) -> bool:
        """True or false; false where the key is left out."""
        if key in self.values:
            return bool(self._value(key, bool, wanted="true or false"))
        self._asked.append(key)
        return False

    def day(self, key: str) -> date:
        value = self._value(key, date, wanted="a date such as 2022-06-07")
        if value is None or not self._is_near(key, value):
            return NO_DAY
        day: date = value
        return day

    def _is_near(self, key: str, value: date) -> bool:
        if 2000 <= value.year <= 2200:
            return True
        self.refuse(key, f"“{key}” is in the year {value.year}: it must be from 2000 to 2200.")
        return False

    def zone(self, key: str) -> ZoneInfo:
        name = self.text(key)
        zones = available_timezones()
        if name in zones:
            return ZoneInfo(name)
        if name:
            near = get_close_matches(name, sorted(zones), 1)
            hint = f"Did you mean “{near[0]}”?" if near else "Write one such as Europe/Zurich."
            self.refuse(key, f"“{name}” is no known time zone. {hint}")
        return ZoneInfo("UTC")

    def moment(self, key: str, zone: ZoneInfo) -> datetime:
        """A date with a time, in UTC; without an offset of its own it is read in `zone`."""
        value = self._value(key, datetime, wanted="a date with a time, such as 2022-05-31T23:59:00")
        if value is None or not self._is_near(key, value):
            return NO_MOMENT
        there = value if value.tzinfo else value.replace(tzinfo=zone)
        moment: datetime = there.astimezone(UTC)
        if value.tzinfo is None and moment.astimezone(zone).replace(tzinfo=None) != value:
            self.refuse(key, f"“{key}” is a time that the clocks of {zone.key} skip. Choose another.")
        return moment

    def address(self, key: str) -> str:
        text = self.text(key, longest=254)
        return self._address((key,), text) if text else ""

    def addresses(self, key: str) -> tuple[str, ...]:
        texts = self.texts(key, longest=254)
        found = tuple(self._address((key, index), text) for index, text in enumerate(texts) if text)
        for index, address in enumerate(found):
            if address and address in found[:index]:
                self.problems.add((*self.path, key, index), f"The address {address} is given twice.")
        return found

    def address_or_none(self, key: str) -> str | None:
        if key in self.values:
            return self.address(key) or None
        self._asked.append(key)
        return None

    def _address(self, where: Path, text: str) -> str:
        try:
            return validate_email(text, check_deliverability=False).normalized
        except EmailNotValidError as error:
            self.problems.add((*self.path, *where), f"“{text}” is no e-mail address: {error}")
            return ""

    def table(self, key: str) -> "Table":
        value = self._value(key, dict, wanted=f"a table that begins with [{key}]")
        missing = value is None
        return Table(
            {} if missing else value, path=(*self.path, key), problems=self._quiet() if missing else self.problems
        )

    def _quiet(self) -> Problems:
        """What is absent is said once, and not again for each key that it would hold."""
        return Problems(self.problems.lines)

    def tables(self, key: str, *, least: int = 1) -> list["Table"]:
        values = self._value(key, list, wanted="a list of tables")
        if values is None:
            return []
        if len(values) < least:
            self.refuse(key, f"“{key}” is empty: give at least one.")
        for index, value in enumerate(values):
            if not isinstance(value, dict):
                self.problems.add((*self.path, key, index), f"“{key}” must hold tables only.")
        return [
            Table(value, path=(*self.path, key, index), problems=self.problems)
            for index, value in enumerate(values)
            if isinstance(value, dict)
        ]


def _fault(text: str, *, longest: int) -> str | None:
    if not text:
        return "is empty: write a text."
    if len(text) > longest:
        return f"has {len(text)} characters: shorten it to {longest} at most."
    if any(unicodedata.category(character) == "Cc" or character in _MARKS_OF_DIRECTION for character in text):
        return "holds a control character: remove it."
    return None
