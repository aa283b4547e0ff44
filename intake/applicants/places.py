"""Countries by region with the UN's groups of them on a day, as a form offers them; it stores nothing."""

from flask_babel import gettext as _

from intake.applicants.choices import language
from intake.programme import countries
from intake.wording import day, today

Group = tuple[str, list[tuple[str, str, tuple[str, ...]]]]


def by_region() -> list[Group]:
    """Region to its countries: code, name, and those of LDC, LLDC and SIDS that hold today."""
    found: dict[str, list[tuple[str, str, tuple[str, ...]]]] = {}
    spoken, on = language(), today()
    for country in countries().values():
        row = (country.iso3, country.name_in(spoken), country.groups_on(on))
        found.setdefault(country.region, []).append(row)
    names = {
        "Africa": _("Africa"),
        "Americas": _("Americas"),
        "Arab States": _("Arab States"),
        "Asia-Pacific": _("Asia and the Pacific"),
        "CIS": _("Commonwealth of Independent States"),
        "Europe": _("Europe"),
        "": _("Other territories"),
    }
    return [(name, found[region]) for region, name in names.items() if region in found]


def unconfirmed_exits() -> list[tuple[str, str]]:
    """Countries whose exit from the least developed ones is scheduled but not confirmed, with the day."""
    return [
        (country.name_in(language()), day(country.ldc_exit))
        for country in countries().values()
        if country.ldc_listed and country.ldc_exit is not None and not country.ldc_exit_is_confirmed
    ]
