"""The programme as data: the coalition, its countries and its goals. It knows of no request and no row."""

from intake.programme.countries import INTERNATIONAL, Country, countries, country_name, in_order
from intake.programme.entities import Entity, entities
from intake.programme.goals import ActionLine, Goal, action_lines, sdgs
from intake.programme.loading import ProgrammeError, demonstration_text, load_programme, read_programme
from intake.programme.programme import (
    FACTS,
    IN_PERSON,
    MODES,
    REMOTE,
    Call,
    Category,
    Criterion,
    Facts,
    FocusArea,
    Notice,
    Programme,
    Roundtable,
    Secretariat,
    SubType,
)

__all__ = [
    "FACTS",
    "INTERNATIONAL",
    "IN_PERSON",
    "MODES",
    "REMOTE",
    "ActionLine",
    "Call",
    "Category",
    "Country",
    "Criterion",
    "Entity",
    "Facts",
    "FocusArea",
    "Goal",
    "Notice",
    "Programme",
    "ProgrammeError",
    "Roundtable",
    "Secretariat",
    "SubType",
    "action_lines",
    "countries",
    "country_name",
    "demonstration_text",
    "entities",
    "in_order",
    "load_programme",
    "read_programme",
    "sdgs",
]
