"""Puts dates, times and names into words, with the zone written out; used by pages and letters alike."""

from collections.abc import Iterable
from datetime import date, datetime
from functools import lru_cache

from babel import Locale, dates
from flask_babel import get_locale

from intake.current import programme
from intake.extensions import gettext
from intake.models import now
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
    spoken = locale if locale and locale.language != ENGLISH else BRITISH
    return str(dates.format_date(value, "long", locale=spoken))


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
    return ": ".join(filter(None, (found.name if found else category, kinds.get(sub_type, sub_type))))


def mode_name(mode: str | None) -> str:
    """How a delegate takes part, in words."""
    return str({"in_person": gettext("in person"), "remote": gettext("remote")}.get(mode or "", ""))
