"""What the applicants' form offers to choose from, in the language of the page; it stores nothing."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from flask_babel import gettext as _

from intake.current import programme
from intake.models import Mode
from intake.programme import INTERNATIONAL, action_lines, country_name, in_order, sdgs
from intake.wording import labelled, language


def kinds() -> dict[str, Any]:
    """Categories with their sub-types; a value names both, as "category:sub_type"."""
    offered: dict[str, Any] = {"": _("Choose what describes you best")}
    for category in programme().categories:
        sub_types = {f"{category.id}:{sub_type.id}": sub_type.name for sub_type in category.sub_types}
        offered[category.name] = sub_types or {f"{category.id}:": category.name}
    return offered


def country_choices() -> dict[str, str]:
    """Every country by its name, with the choice of none at the top."""
    alone = {"": _("Choose a country"), INTERNATIONAL: _("International (no one country)")}
    return alone | served_choices()


def served_choices() -> dict[str, str]:
    """Every country by its name."""
    return dict(_countries_in(language()))


@cache
def _countries_in(spoken: str) -> Mapping[str, str]:
    return {code: country_name(code, spoken) for code in in_order(spoken)}


def area_choices() -> dict[str, str]:
    """The focus areas, with the choice of none at the top."""
    return {"": _("No choice")} | {area.id: labelled(area.name, area.tagline) for area in programme().focus_areas}


def basis_choices() -> dict[str, str]:
    """On what a commitment rests."""
    return {"past_work": _("Past work"), "new_motivation": _("A newly defined motivation")}


def pledge_choices() -> dict[str, str]:
    """The kinds of pledges."""
    return {
        "financial": _("Financial"),
        "policy": _("Policy"),
        "advocacy": _("Advocacy"),
        "programmatic": _("Programmatic"),
    }


def mode_choices() -> dict[str, str]:
    """How a delegate takes part."""
    return {Mode.IN_PERSON.value: _("In person"), Mode.REMOTE.value: _("Remote")}


def public_choices() -> dict[str, str]:
    """Whether the intention may be made public."""
    return {"yes": _("Yes, it may be made public"), "no": _("No, keep it between us for now")}


def sdg_choices() -> dict[int, str]:
    """The goals with their numbers."""
    spoken = language()
    return {number: f"{number}. {goal.name_in(spoken)}" for number, goal in sdgs().items()}


def line_choices() -> dict[str, str]:
    """The action lines with their codes."""
    spoken = language()
    return {code: f"{code}. {line.name_in(spoken)}" for code, line in action_lines().items()}
