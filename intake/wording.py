"""Puts dates, times and names into words, with the zone written out; used by pages and letters alike."""

from collections.abc import Iterable
from datetime import date, datetime
from functools import lru_cache

from babel import Locale, dates
from babel.lists import format_list
from flask_babel import get_locale

from intake.current import programme
from intake.extensions import gettext, spoken
from intake.models import now
from intake.programme import INTERNATIONAL, countries, country_name
from intake.translations import ENGLISH
from workflows.workflow import Reason

BRITISH = Locale("en", "GB")
"""English dates begin with the day, as the UN writes them."""


def local_day(value: datetime) -> date:
    """The day of a moment in the zone of the call."""
    return value.astimezone(programme().call.zone).date()


def today() -> date:
    """The day it is in the zone of the call."""
    return local_day(now())


def day(value: date | datetime | None) -> str:
    """A date as a reader expects it, "24 November 2026"; a time is taken in the zone of the call."""
    if value is None:
        return ""
    return _day_in(get_locale(), local_day(value) if isinstance(value, datetime) else value)


def days(moments: Iterable[datetime | None]) -> list[str]:
    """What `day` says of each of many moments; the language and the zone are looked up once."""
    locale, zone = get_locale(), programme().call.zone
    return [_day_in(locale, moment.astimezone(zone).date()) if moment else "" for moment in moments]


@lru_cache(maxsize=2_000)
def _day_in(locale: Locale | None, value: date) -> str:
    """Kept, since a list names the same days over and over."""
    return str(dates.format_date(value, "long", locale=_british(locale)))


def _british(locale: Locale | None) -> Locale:
    return locale if locale and locale.language != ENGLISH else BRITISH


def language() -> str:
    """The language of the page or letter."""
    locale = spoken()
    return locale.language if locale else ENGLISH


def listed(things: Iterable[object]) -> str:
    """Several things in one line, as the language lists them: "A, B and C"."""
    return str(format_list([str(each) for each in things], locale=_british(spoken())))


def labelled(label: object, words: object) -> str:
    """What something is called, and what it is; not every language puts a colon as English does."""
    return str(gettext("%(label)s: %(words)s", label=label, words=words))


def titled(name: str, title: str) -> str:
    """A person with a title, or what else goes with a name; one of both alone where the other is missing."""
    return str(gettext("%(name)s, %(title)s", name=name, title=title)) if name and title else name or title


def place_name(code: str) -> str:
    """The name of a country or of the whole world, in the language of the page; an unknown code as it stands."""
    return country_name(code, language()) if code == INTERNATIONAL or code in countries() else code


def group_name(group: str) -> str:
    """What a group of countries with particular needs is called for short."""
    return str({"LDC": gettext("LDC"), "LLDC": gettext("LLDC"), "SIDS": gettext("SIDS")}.get(group, group))


def region_name(region: str) -> str:
    """The name of a region of ITU; what is none, as it stands."""
    return region_names().get(region, region)


def region_names() -> dict[str, str]:
    """ITU's regions as the data call them, with their names, in the order in which pages list them."""
    return {
        "Africa": gettext("Africa"),
        "Americas": gettext("Americas"),
        "Arab States": gettext("Arab States"),
        "Asia-Pacific": gettext("Asia and the Pacific"),
        "CIS": gettext("Commonwealth of Independent States"),
        "Europe": gettext("Europe"),
    }


def reason_text(found: Reason) -> str:
    """Why a step is refused, in the language of the page."""
    return str(gettext(found.message, **{name: said(value) for name, value in found.params.items()}))


def said(value: object) -> object:
    """A day or a moment as it is read; anything else as it stands."""
    if isinstance(value, datetime):
        return moment(value)
    return day(value) if isinstance(value, date) else value


def moment(value: datetime | None) -> str:
    """A date and time in the zone of the call, with the zone: "24 November 2026, 14:05 (Geneva time)"."""
    if value is None:
        return ""
    local = value.astimezone(programme().call.zone)
    text = gettext("%(day)s, %(time)s (%(zone)s)", day=day(local), time=f"{local:%H:%M}", zone=zone_name())
    return str(text)


def zone_name() -> str:
    """The zone of the call in words; Europe/Zurich is Geneva time to this coalition."""
    key = programme().call.zone.key
    return str(gettext("Geneva time")) if key == "Europe/Zurich" else key


def kind_name(category: str, sub_type: str) -> str:
    """A category with its sub-type in words; what the programme no longer has, as it stands."""
    found = next((each for each in programme().categories if each.id == category), None)
    kinds = {each.id: each.name for each in found.sub_types} if found else {}
    name, kind = found.name if found else category, kinds.get(sub_type, sub_type)
    return labelled(name, kind) if name and kind else name or kind


def mode_name(mode: str | None) -> str:
    """How a delegate takes part, in words."""
    return str({"in_person": gettext("in person"), "remote": gettext("remote")}.get(mode or "", ""))
