"""The lines of the queue as its page shows them, from plain columns; what many lines share is rendered once.

It reads no database and keeps nothing of an applicant: only words of the programme, names of countries and days.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import NamedTuple, Protocol

from flask import get_template_attribute, url_for
from flask_babel import get_locale
from markupsafe import Markup, escape

from intake.current import programme
from intake.screening.waiting import waiting
from intake.staff_words import place_tags, state_name, state_tone
from intake.wording import days, place_name, today
from workflows.expression import State

CELLS = "screening/queue_cells.html"
STAND_IN = "P2C-2222-2222"
"""A reference that the address of a line is asked with, once for all lines."""
HOLES = ("reference", "before", "after", "day", "name", "state", "waited", "category", "place", "area", "screener")
"""What differs from row to row."""


class Listed(Protocol):
    """What the list reads of an expression."""

    reference: str
    organisation_name: str
    category: str
    country: str
    first_preference: str | None
    state: State
    unread: bool
    submitted_at: datetime | None
    decision_due_on: date | None
    answer_due_on: date | None
    screener_name: str | None
    screener_email: str | None


class _Standing(NamedTuple):
    state: State
    decision_due_on: date | None
    answer_due_on: date | None


def lines(rows: Sequence[Listed], view: str) -> Markup:
    """The rows of the table; `view` is what the list shows, for the links to what is beside an expression."""
    spoken, on = str(get_locale()), today()
    promised, row_html = programme().call.decision_working_days, _row(spoken)
    categories = {category.id: escape(category.short_name) for category in programme().categories}
    areas: dict[str | None, Markup] = {area.id: escape(area.name) for area in programme().focus_areas}
    before, _found, after = escape(url_for("screening.show", reference=STAND_IN, view=view)).partition(STAND_IN)
    sent = days(row.submitted_at for row in rows)
    shown = (
        {
            "reference": row.reference,
            "before": before,
            "after": after,
            "name": escape(row.organisation_name or row.reference),
            "day": sent_on,
            "state": _state(row.state, row.unread, spoken),
            "waited": _waited(_Standing(row.state, row.decision_due_on, row.answer_due_on), promised, spoken, on),
            "category": categories.get(row.category) or escape(row.category),
            "place": _place(row.country, spoken, on),
            "area": areas.get(row.first_preference) or escape(row.first_preference or "–"),
            "screener": escape(row.screener_name or row.screener_email or "–"),
        }
        for row, sent_on in zip(rows, sent, strict=True)
    )
    return Markup("".join(map(row_html.__mod__, shown)))  # noqa: S704 - what people wrote is escaped above


@lru_cache(maxsize=16)
def _row(_spoken: str) -> str:
    """The row of the table with holes to be filled: its template is rendered once, not once for each row."""
    holes = {name: Markup(f"%({name})s") for name in HOLES}  # noqa: S704 - no text of a person
    return str(get_template_attribute(CELLS, "row")(**holes))


@lru_cache(maxsize=256)
def _state(state: State, unread: bool, _spoken: str) -> Markup:
    return Markup(get_template_attribute(CELLS, "state")(state_name(state), state_tone(state), unread))  # noqa: S704


@lru_cache(maxsize=2_000)
def _waited(standing: _Standing, _promised: int, _spoken: str, on: date) -> Markup:
    return Markup(get_template_attribute(CELLS, "waited")(waiting(standing, on)))  # noqa: S704 - the template escapes


@lru_cache(maxsize=1_000)
def _place(code: str, _spoken: str, _on: date) -> Markup:
    return Markup(get_template_attribute(CELLS, "place")(place_name(code), place_tags(code)))  # noqa: S704


@lru_cache(maxsize=64)
def _options(choices: tuple[tuple[str, str], ...]) -> Markup:
    """Kept, since the options of the countries cost more than all lines."""
    return Markup(get_template_attribute(CELLS, "options")(choices))  # noqa: S704 - the template escapes


def options(choices: Mapping[str, str], chosen: str) -> Markup:
    """The options of a list with that value chosen; none when it is empty."""
    html = _options(tuple(choices.items()))
    if not chosen:
        return html
    value = Markup('<option value="{}"').format(chosen)
    return html.replace(value + Markup(">"), value + Markup(" selected>"))
