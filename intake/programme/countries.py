"""Countries and territories: names, regions, and the UN's groups of them on a day. It places no organisation."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from types import MappingProxyType

from intake.programme.rows import names, pick, rows

INTERNATIONAL = "INT"
_INTERNATIONAL: Mapping[str, str] = MappingProxyType(
    {
        "en": "International",
        "ar": "دولي",
        "zh": "国际",
        "es": "Internacional",
        "fr": "International",
        "ru": "Международная",
    }
)
_HAPPENED = "graduated"
CHINESE = "zh"


@dataclass(frozen=True, slots=True)
class Country:
    """`region` is ITU's and may be empty; `ldc_exit` ends the status of a least developed country, `ldc_listed`."""

    iso3: str
    iso2: str
    names: Mapping[str, str] = field(hash=False)
    region: str
    lldc: bool
    sids: bool
    sids_associate: bool
    un_member: bool
    ldc_listed: bool
    ldc_exit: date | None
    ldc_exit_note: str

    @property
    def name(self) -> str:
        return self.names["en"]

    @property
    def ldc_exit_is_confirmed(self) -> bool:
        """False while the exit is only scheduled: the General Assembly may still move it, as `ldc_exit_note` says."""
        return self.ldc_exit is not None and self.ldc_exit_note == _HAPPENED

    def name_in(self, language: str) -> str:
        return pick(self.names, language)

    def ldc_on(self, day: date) -> bool:
        """Whether it is a least developed country on `day`: the day of an exit is the first without the status.

        A scheduled exit counts on its day. The list is that of 2022, true from 4 December 2020 (Vanuatu's exit).
        """
        return self.ldc_listed and (self.ldc_exit is None or day < self.ldc_exit)

    def groups_on(self, day: date) -> tuple[str, ...]:
        """Those of LDC, LLDC and SIDS that it belongs to; associates of SIDS do not count."""
        belongs = {"LDC": self.ldc_on(day), "LLDC": self.lldc, "SIDS": self.sids}
        return tuple(group for group, it_does in belongs.items() if it_does)


@cache
def countries() -> Mapping[str, Country]:
    """All countries and territories by ISO alpha-3 code, in the order of their English names, accents ignored."""
    found = sorted((_country(row) for row in rows("countries.csv")), key=lambda country: _plain(country.name))
    return MappingProxyType({country.iso3: country for country in found})


@cache
def in_order(language: str) -> tuple[str, ...]:
    """The codes of all countries in the order of their names in a language, accents ignored.

    Letters without their accents stand in the order of their code points, which is that of all alphabets here. Chinese
    names stay in the order of the English ones: nothing here knows how they are read, and no reader could use the
    order of code points.
    """
    known = countries()
    if language == CHINESE:
        return tuple(known)
    return tuple(sorted(known, key=lambda code: _plain(known[code].name_in(language))))


def country_name(code: str, language: str = "en") -> str:
    """The name of a country or of INTERNATIONAL; KeyError with a sentence for another code."""
    if code == INTERNATIONAL:
        return pick(_INTERNATIONAL, language)
    if code not in countries():
        raise KeyError(f"There is no country “{code}”: use an ISO alpha-3 code such as GHA, or {INTERNATIONAL}.")
    return countries()[code].name_in(language)


def _country(row: dict[str, str]) -> Country:
    return Country(
        iso3=row["iso3"],
        iso2=row["iso2"],
        names=names(row, prefix="name_"),
        region=row["itu_region"],
        lldc=row["lldc"] == "1",
        sids=row["sids"] == "1",
        sids_associate=row["sids_associate"] == "1",
        un_member=row["un_member"] == "1",
        ldc_listed=row["ldc_2022"] == "1",
        ldc_exit=date.fromisoformat(row["ldc_exit_date"]) if row["ldc_exit_date"] else None,
        ldc_exit_note=row["ldc_exit_note"],
    )


def _plain(name: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", name).casefold() if not unicodedata.combining(c))
