"""Countries by region with the UN's groups of them on a day, as boxes of a form; it stores nothing."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from flask import get_template_attribute
from flask_babel import gettext as _
from markupsafe import Markup

from intake.programme import countries, in_order
from intake.wording import day, group_name, language, region_names, today

Row = tuple[str, str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Region:
    """A region with a box for each of its countries, none of them ticked."""

    name: str
    codes: frozenset[str]
    boxes: Markup

    def ticked(self, chosen: Collection[str]) -> Markup:
        """The boxes, with those of the countries in `chosen` ticked."""
        html = str(self.boxes)
        for code in self.codes.intersection(chosen):
            html = html.replace(f'value="{code}"', f'value="{code}" checked')
        return Markup(html)  # noqa: S704 - the template has escaped it, and the codes are ours


def by_region(field_name: str) -> tuple[Region, ...]:
    """The regions with their boxes for a field; one that nobody has asked for today in this language is rendered."""
    return _rendered(field_name, language(), today())


@lru_cache(maxsize=64)
def _rendered(field_name: str, spoken: str, on: date) -> tuple[Region, ...]:
    """Kept, since two hundred boxes cost more than all the rest of a page."""
    render = get_template_attribute("components/forms.html", "countries")
    return tuple(
        Region(name, frozenset(code for code, _name, _groups in rows), Markup(render(field_name, rows)))  # noqa: S704
        for name, rows in _rows_by_region(spoken, on)
    )


def _rows_by_region(spoken: str, on: date) -> list[tuple[str, list[Row]]]:
    """Region to its countries: code, name, and those of LDC, LLDC and SIDS that hold on that day."""
    found: dict[str, list[Row]] = {}
    for code in in_order(spoken):
        country = countries()[code]
        row = (code, country.name_in(spoken), tuple(map(group_name, country.groups_on(on))))
        found.setdefault(country.region, []).append(row)
    names = region_names() | {"": _("Other territories")}
    return [(name, found[region]) for region, name in names.items() if region in found]


def unconfirmed_exits() -> list[tuple[str, str]]:
    """Countries whose exit from the least developed ones is scheduled but not confirmed, with the day."""
    return [
        (country.name_in(language()), day(country.ldc_exit))
        for country in countries().values()
        if country.ldc_listed and country.ldc_exit is not None and not country.ldc_exit_is_confirmed
    ]
