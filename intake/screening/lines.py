"""The lines of the queue as its page shows them, from plain columns; what many lines share is rendered once.

It reads no database and keeps nothing of an applicant: only words of the programme, names of countries and days.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import NamedTuple, Protocol

from flask import get_template_attribute, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from markupsafe import Markup

from intake.current import programme
from intake.screening.waiting import waiting
from intake.staff_words import place_name, place_tags, state_name, state_tone
from intake.wording import days, today
from workflows.expression import State

CELLS = "screening/queue_cells.html"
STAND_IN = "P2C-2222-2222"
"""A reference that the address of a line is asked with, once for all lines."""


class Listed(Protocol):
    """What the list reads of an expression."""

    reference: str
    organisation_name: str
    category: str
    country: str
    preferences: Sequence[str]
    state: State
    unread: bool
    submitted_at: datetime | None
    decision_due_on: date | None
    answer_due_on: date | None
    screener_name: str | None
    screener_email: str | None


class Line(NamedTuple):
    """A line: texts, but for the state, how long it has waited and the place, which are HTML."""

    reference: str
    mark: str
    address: str
    name: str
    sent: str
    state: Markup
    waited: Markup
    category: str
    place: Markup
    area: str
    screener: str


class _Standing(NamedTuple):
    state: State
    decision_due_on: date | None
    answer_due_on: date | None


def lines(rows: Sequence[Listed], view: str) -> Iterator[Line]:
    """The lines of these rows; `view` is what the list shows, for the links to what is beside an expression."""
    spoken, on, promised = str(get_locale()), today(), programme().call.decision_working_days
    categories = {category.id: category.short_name for category in programme().categories}
    areas = {area.id: area.name for area in programme().focus_areas}
    before, _found, after = url_for("screening.show", reference=STAND_IN, view=view).partition(STAND_IN)
    mark, sent = _("Mark %(reference)s"), _("sent %(day)s")
    for row, sent_on in zip(rows, days(row.submitted_at for row in rows), strict=True):
        standing = _Standing(row.state, row.decision_due_on, row.answer_due_on)
        yield Line(
            row.reference,
            mark % {"reference": row.reference},
            f"{before}{row.reference}{after}",
            row.organisation_name or row.reference,
            sent % {"day": sent_on},
            _state(row.state, row.unread, spoken),
            _waited(standing, promised, spoken, on),
            categories.get(row.category, row.category),
            _place(row.country, on),
            areas.get(row.preferences[0], row.preferences[0]) if row.preferences else "–",
            row.screener_name or row.screener_email or "–",
        )


@lru_cache(maxsize=256)
def _state(state: State, unread: bool, _spoken: str) -> Markup:
    return Markup(get_template_attribute(CELLS, "state")(state_name(state), state_tone(state), unread))  # noqa: S704


@lru_cache(maxsize=2_000)
def _waited(standing: _Standing, _promised: int, _spoken: str, on: date) -> Markup:
    return Markup(get_template_attribute(CELLS, "waited")(waiting(standing, on)))  # noqa: S704 - the template escapes


@lru_cache(maxsize=1_000)
def _place(code: str, _on: date) -> Markup:
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
