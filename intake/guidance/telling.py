"""Says the public figures in words, for the page and for a table, and in codes for machines; it counts nothing."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import format_decimal
from flask_babel import gettext as _

from intake.programme import INTERNATIONAL
from intake.staff_words import category_name
from intake.statistics import FEWEST, Count, Counts, Hidden, Stage, Statistics
from intake.wording import group_name, place_name, region_name

Bar = tuple[str, int, str, None]
"""Label, number as it is drawn, words at the end of the bar, and no mark."""

NONE = "–"


@dataclass(frozen=True, slots=True)
class Breakdown:
    """One way in which the expressions are told apart: sentences about it, and each group with its count in words."""

    id: str
    title: str
    about: Sequence[str]
    drawn: Sequence[Bar]
    rows: Sequence[tuple[str, str]]


def breakdowns(found: Statistics) -> list[Breakdown]:
    """What the page shows, in order; empty while too few are there."""
    return [_breakdown(*each) for each in _told(found) if each[3]]


def rows(found: Statistics) -> Iterator[tuple[str, str, object, str]]:
    """Figure, group, count and moment; a count that is not told is words."""
    as_of = found.as_of.isoformat(timespec="seconds")
    yield str(_("Expressions received")), "", _cell(found.received), as_of
    yield str(_("Median of the working days from receipt to the decision")), "", found.days, as_of
    for _id, title, _about, counts, name in _told(found):
        for group, count in counts.items():
            yield title, name(group), _cell(count), as_of


def by_code(found: Statistics) -> dict[str, Any]:
    """Numbers, or the code of why there is none; the moment in UTC."""
    counts = {"states": found.stages, "regions": found.regions, "categories": found.categories, "groups": found.needs}
    return {
        "as_of": found.as_of.isoformat(timespec="seconds"),
        "received": found.received,
        "median_working_days_to_decision": found.days,
        **{name: dict(each) for name, each in counts.items()},
    }


def count_in_words(count: Count) -> str:
    """A count, or why there is none."""
    if count is Hidden.FEW:
        return str(_("fewer than %(number)s", number=FEWEST))
    return str(_("not shown")) if count is Hidden.WITHHELD else str(format_decimal(count))


def median_in_words(found: Statistics) -> str:
    """The median of the days, or a dash."""
    return NONE if found.days is None else str(format_decimal(found.days))


def _told(found: Statistics) -> list[tuple[str, str, Sequence[str], Counts, Callable[[str], str]]]:
    """Of each breakdown its id, its title, what has to be known about it, its counts, and how its groups are called."""
    about_needs = _(
        "LDC: least developed countries; LLDC: landlocked developing countries; "
        "SIDS: small island developing States. A country may belong to several."
    )
    as_listed = _("Counted as the countries are listed today.")
    return [
        ("states", str(_("By state")), (), found.stages, _stage_name),
        (
            "regions",
            str(_("By region")),
            (_("Regions of ITU, by the country of the organisation."),),
            found.regions,
            _region_name,
        ),
        ("categories", str(_("By category")), (), found.categories, _category_name),
        ("needs", str(_("Countries with particular needs")), (about_needs, as_listed), found.needs, group_name),
    ]


def _breakdown(id: str, title: str, about: Sequence[str], counts: Counts, name: Callable[[str], str]) -> Breakdown:
    said = [(name(group), count) for group, count in counts.items()]
    drawn: list[Bar] = [(label, _drawn(count), count_in_words(count), None) for label, count in said]
    return Breakdown(id, title, about, drawn, [(label, count_in_words(count)) for label, count in said])


def _drawn(count: Count) -> int:
    return 0 if isinstance(count, Hidden) else count


def _cell(count: Count) -> object:
    return count_in_words(count) if isinstance(count, Hidden) else count


def _stage_name(stage: str) -> str:
    names: Mapping[str, Any] = {
        Stage.SCREENING: _("Received, being screened"),
        Stage.ACCEPTED: _("Meets the criteria, no seat yet"),
        Stage.CONFIRMED: _("Seat at the Roundtable confirmed"),
        Stage.WAITING: _("On the waiting list for the Roundtable"),
        Stage.ENDED: _("Not retained or withdrawn"),
    }
    return str(names[stage])


def _region_name(region: str) -> str:
    if region == INTERNATIONAL:
        return place_name(region)
    return region_name(region) if region else str(_("In no region of ITU"))


def _category_name(category: str) -> str:
    return category_name(category) or str(_("Not given"))
