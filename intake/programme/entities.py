"""Real organisations with what they announced in public, as input for the demonstration. It makes no expression."""

from dataclasses import dataclass
from functools import cache

from intake.programme.countries import INTERNATIONAL
from intake.programme.rows import rows

_CATEGORIES = {
    "Member States": "member_states",
    "Private Sector": "private_sector",
    "UN Agencies and other international or regional organizations": "un_io",
    "Civil Society": "civil_society",
    "Academia": "academia",
    "Youth Groups": "youth",
}


@dataclass(frozen=True, slots=True)
class Entity:
    """`category` and `focus_area` are ids of Partner2Connect's file; `country` is INTERNATIONAL where none is known.

    The focus area is a guess from the subject unless `focus_area_is_stated`. `evidence` says what was seen, `source`
    where.
    """

    organisation: str
    category: str
    country: str
    focus_area: str | None
    focus_area_is_stated: bool
    subject: str
    evidence: str
    source: str


@cache
def entities() -> tuple[Entity, ...]:
    """All of them, in the order of the file."""
    return tuple(_entity(row) for row in rows("entities.csv"))


def _entity(row: dict[str, str]) -> Entity:
    return Entity(
        organisation=row["organisation"],
        category=_CATEGORIES[row["stakeholder_category"]],
        country=row["country_iso3"] or INTERNATIONAL,
        focus_area=row["focus_area"].lower().replace(" ", "_") or None,
        focus_area_is_stated=row["focus_area_basis"] == "stated in source",
        subject=row["pledge_subject"],
        evidence=row["evidence"],
        source=row["source"],
    )
