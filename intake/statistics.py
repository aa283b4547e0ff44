"""What everybody may know of a call: counts without names, none so small that it tells of somebody; it draws nothing.

The rule for small numbers. A count of a breakdown below `FEWEST` is not told, nought neither (`Hidden.FEW`). Where a
breakdown adds up to what was received, a hidden count could be worked out if it is the only one, or if all that are
hidden are as large as they can be; then the smallest of the other counts is not told either (`Hidden.WITHHELD`).
Countries may belong to several groups or to none, so that those counts add up to nothing. Below `FEWEST` received, only
that is told. The rule is no help against whoever knows all the others, or notes how the figures grow.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from threading import Lock
from time import monotonic
from types import MappingProxyType

from flask import current_app

from intake import figures
from intake.current import call_row, programme
from intake.models import now
from intake.programme import INTERNATIONAL, countries
from workflows.expression import State

KEPT_SECONDS = 600
"""For how long a process keeps what it counted."""
FEWEST = 3
"""The smallest count that is told."""
NEEDS = ("LDC", "LLDC", "SIDS")


class Stage(StrEnum):
    """How far an expression came, as coarse as the public may know it."""

    SCREENING = "in_screening"
    ACCEPTED = "accepted"
    CONFIRMED = "confirmed"
    WAITING = "waiting_list"
    ENDED = "not_retained_or_withdrawn"


STAGES: Mapping[State, Stage] = {
    State.SUBMITTED: Stage.SCREENING,
    State.RETURNED: Stage.SCREENING,
    State.SCREENED: Stage.ACCEPTED,
    State.ASSIGNED: Stage.ACCEPTED,
    State.CONFIRMED: Stage.CONFIRMED,
    State.WAITLISTED: Stage.WAITING,
    State.DECLINED: Stage.ENDED,
    State.WITHDRAWN: Stage.ENDED,
    State.LAPSED: Stage.ENDED,
}
"""Every state but that of a draft, which nobody counts."""


class Hidden(StrEnum):
    """Why a count is not told: it is below `FEWEST`, or another could be worked out from it."""

    FEW = "fewer_than_3"
    WITHHELD = "not_shown"


Count = int | Hidden
Counts = Mapping[str, Count]


@dataclass(frozen=True, slots=True)
class Statistics:
    """The figures of a moment. The region "" stands for countries in none.

    `needs` are the groups to which countries belong on that day. `days` is the median of the working days from receipt
    to the first decision; None: fewer than `FEWEST` were decided.
    """

    as_of: datetime
    received: Count
    stages: Counts
    regions: Counts
    categories: Counts
    needs: Counts
    days: float | None


def statistics() -> Statistics:
    """The figures of the call that is served, at most `KEPT_SECONDS` old; who asks meanwhile waits for one count."""
    kept = current_app.extensions.setdefault("statistics", _Kept())
    with kept.lock:
        if kept.found is None or monotonic() - kept.at > KEPT_SECONDS:
            kept.found, kept.at = _count(), monotonic()
        found: Statistics = kept.found
        return found


class _Kept:
    """What a process counted, and when."""

    def __init__(self) -> None:
        self.lock, self.at = Lock(), 0.0
        self.found: Statistics | None = None


def _count() -> Statistics:
    """In three statements, however many expressions there are."""
    call = call_row()
    found, decided = figures.groups(call.id), figures.first_decisions(call.id)
    received = sum(group.count for group in found)
    if received < FEWEST:
        nothing: Counts = MappingProxyType({})
        return Statistics(now(), told(received) if received else 0, nothing, nothing, nothing, nothing, None)
    stages: dict[str, int] = dict.fromkeys(Stage, 0)
    for group in found:
        stages[STAGES[group.state]] += group.count
    regions, categories, needs = figures.by_region(found), figures.by_category(found), figures.by_need(found)
    return Statistics(
        as_of=now(),
        received=received,
        stages=safe(stages),
        regions=safe({**dict.fromkeys(_places(), 0), **regions}),
        categories=safe({**dict.fromkeys((each.id for each in programme().categories), 0), **categories}),
        needs=MappingProxyType({need: told(needs[need]) for need in NEEDS}),
        days=figures.median(decided) if decided.total() >= FEWEST else None,
    )


def _places() -> list[str]:
    """ITU's regions and the whole world, by their codes."""
    return [*sorted({each.region for each in countries().values() if each.region}), INTERNATIONAL]


def told(count: int) -> Count:
    """A count, unless it is so small that it tells of somebody."""
    return count if count >= FEWEST else Hidden.FEW


def safe(counts: Mapping[str, int]) -> Counts:
    """The counts of a breakdown that adds up to what was received, without those from which somebody could be told."""
    shown = {name: told(count) for name, count in counts.items()}
    hidden = [count for count in counts.values() if count < FEWEST]
    others = [(count, name) for name, count in counts.items() if count >= FEWEST]
    given_away = len(hidden) == 1 or sum(hidden) == len(hidden) * (FEWEST - 1)
    if others and sum(hidden) and given_away:
        shown[min(others)[1]] = Hidden.WITHHELD
    return MappingProxyType(shown)
