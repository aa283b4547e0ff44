"""How the call stands today, in days; it opens and closes nothing."""

from dataclasses import dataclass
from datetime import datetime

from intake.current import programme
from intake.wording import local_day


@dataclass(frozen=True, slots=True)
class Window:
    """`phase` is "ahead", "open" or "closed"; `days` are those until it opens or closes, 0 on the day itself."""

    phase: str
    days: int


def window(now: datetime) -> Window:
    """How the call stands at a moment, with days as the zone of the call counts them."""
    call = programme().call
    if call.is_open(now):
        return Window("open", _days(now, call.closes))
    return Window("ahead", _days(now, call.opens)) if now < call.opens else Window("closed", 0)


def _days(now: datetime, then: datetime) -> int:
    return (local_day(then) - local_day(now)).days
