"""Reads the filters of the queue from an address; what it does not know is left out and said, never an error."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from types import MappingProxyType
from typing import Any
from urllib.parse import urlencode

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from intake import search
from intake.current import programme
from intake.extensions import LANGUAGE
from intake.forms import tidy
from intake.keyset import Cursor, Order
from intake.models import Expression
from intake.programme import INTERNATIONAL, in_order
from intake.screening import queries
from intake.staff_words import readable
from intake.wording import group_name, labelled, language, place_name, region_names
from workflows.expression import ACTIVE, State

OPEN_STATES = ACTIVE - {State.CONFIRMED}
"""The states in which somebody still has something to do."""
TABS: Mapping[str, frozenset[State]] = {
    "open": OPEN_STATES,
    **{state.value: frozenset({state}) for state in State if state is not State.DRAFT},
    "all": frozenset(State) - {State.DRAFT},
}
"""Value of the filter `state` to the states that it shows. A draft is its author's alone."""
ORDERS: Mapping[str, Order] = {
    "oldest": Order(Expression.submitted_at, Expression.id),
    "newest": Order(Expression.submitted_at, Expression.id, newest_first=True),
    "due": Order(Expression.decision_due_on, Expression.id, kind=date),
    "name": Order(Expression.organisation_key, Expression.id, kind=str),
}
"""Value of `sort` to an order. Names are compared in their normal form, so that articles and accents do not count."""
LONGEST_SEARCH = 200
YES, ME, NOBODY, ANY = "yes", "me", "nobody", "any-"
CHOICES = ("category", "country", "group", "region", "area", "screener")
FLAGS = ("overdue", "unread", "duplicate")
KNOWN = frozenset({"state", "sort", "q", "from", "mine", LANGUAGE, *CHOICES, *FLAGS})
GROUPS = ("LDC", "LLDC", "SIDS")
Offered = Mapping[str, Mapping[str, str]]
"""Of each filter with a list: its values, with what they are called."""


@dataclass(frozen=True, slots=True)
class Filters:
    """What somebody asks the queue for; an empty text asks for nothing."""

    state: str = "open"
    sort: str = "oldest"
    words: str = ""
    category: str = ""
    country: str = ""
    group: str = ""
    region: str = ""
    area: str = ""
    screener: str = ""
    overdue: bool = False
    unread: bool = False
    duplicate: bool = False
    cursor: Cursor | None = None

    @property
    def order(self) -> Order:
        """The order of the list."""
        return ORDERS[self.sort]


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter that is set, in words, and the query of the address without it."""

    label: str
    without: str


@dataclass(frozen=True, slots=True)
class Asked:
    """The filters that were understood, a sentence for each that was not, and what could be asked for."""

    filters: Filters
    ignored: tuple[str, ...]
    offered: Offered

    def address(self, **changes: Any) -> dict[str, Any]:
        """The filters as arguments of an address, with changes; a page is kept only when it is given."""
        now = self.filters
        texts: dict[str, str | None] = {name: getattr(now, name) or None for name in CHOICES}
        flags = {name: YES if getattr(now, name) else None for name in FLAGS}
        sort = now.sort if now.sort != "oldest" else None
        return {"state": now.state, "sort": sort, "q": now.words or None, **texts, **flags, **changes}

    def arguments(self, **changes: Any) -> str:
        """The same as the query of an address, as the router writes it: for a page, which has twenty such addresses."""
        given = {name: value for name, value in self.address(**changes).items() if value is not None}
        return urlencode(given, safe="!$'()*,/:;?@")

    def query(self) -> str:
        """The filters as the query of an address, always written alike, so that equal ones can be told."""
        return urlencode({name: value for name, value in self.address().items() if value})

    def chips(self) -> list[Chip]:
        """The filters that are set, but for the state."""
        now, names = self.filters, filter_names()
        said = [("q", str(_("“%(words)s”", words=now.words)))] if now.words else []
        for name in CHOICES:
            value = getattr(now, name)
            said += [(name, labelled(names[name], self.offered[name].get(value, value)))] if value else []
        said += [(name, names[name]) for name in FLAGS if getattr(now, name)]
        return [Chip(label, self.arguments(**{name: None})) for name, label in said]


def filter_names() -> Mapping[str, str]:
    """What the filters are called."""
    return {
        "category": _("Category"),
        "country": _("Country"),
        "group": _("Group of countries"),
        "region": _("ITU region"),
        "area": _("Focus area"),
        "screener": _("Screener"),
        "overdue": _("Overdue"),
        "unread": _("Unread answer"),
        "duplicate": _("Possible duplicate"),
    }


def offered(people: Mapping[str, str]) -> Offered:
    """What can be asked for; `people` are screeners by id."""
    areas = {area.id: area.name for area in programme().focus_areas}
    return {
        "category": {category.id: category.short_name for category in programme().categories},
        "country": _country_names(language()),
        "group": {group: group_name(group) for group in GROUPS},
        "region": region_names(),
        "area": {**areas, **{f"{ANY}{id}": _("%(area)s, at any rank", area=name) for id, name in areas.items()}},
        "screener": {ME: _("Me"), NOBODY: _("Nobody"), **people},
    }


@cache
def _country_names(spoken: str) -> Mapping[str, str]:
    """Kept for each language."""
    return MappingProxyType({code: place_name(code) for code in (*in_order(spoken), INTERNATIONAL)})


def read(args: MultiDict[str, str], people: Mapping[str, str] | None = None) -> Asked:
    """The filters of an address; one statement, for the screeners, unless these `people` are known already."""
    ignored = [_left_out(name, args[name]) for name in args if name not in KNOWN]
    ignored += [_left_out(name, value) for name in args if name in KNOWN for value in args.getlist(name)[1:]]
    lists = offered(queries.screeners(args.get("screener", "")) if people is None else people)
    choices: Mapping[str, Collection[str]] = {"state": TABS, "sort": ORDERS, **lists}
    given = {name: args[name] for name in choices if args.get(name)}
    if args.get("mine") == YES:
        given.setdefault("screener", ME)
    chosen: dict[str, Any] = {name: value for name, value in given.items() if value in choices[name]}
    chosen |= {name: True for name in FLAGS if args.get(name) == YES}
    ignored += [_left_out(name, value) for name, value in given.items() if value not in choices[name]]
    ignored += [_left_out(name, args[name]) for name in (*FLAGS, "mine") if args.get(name, YES) not in {YES, ""}]
    words = tidy(readable(args.get("q", ""), len(args.get("q", ""))))
    ignored += _about_words(words)
    filters = Filters(words=words[:LONGEST_SEARCH] if search.words(words[:LONGEST_SEARCH]) else "", **chosen)
    cursor = filters.order.read(args["from"]) if args.get("from") else None
    if args.get("from") and cursor is None:
        ignored.append(_left_out("from", args["from"]))
    return Asked(replace(filters, cursor=cursor), tuple(ignored), lists)


def _about_words(words: str) -> list[str]:
    if words and not search.words(words[:LONGEST_SEARCH]):
        return [_("“%(words)s” has no letter and no number in it, so nothing was searched.", words=readable(words, 40))]
    if len(words) > LONGEST_SEARCH:
        return [_("The search is long: only its first %(number)s characters were used.", number=LONGEST_SEARCH)]
    return []


def _left_out(name: str, value: str) -> str:
    shown = f"{readable(name, 40)}={readable(value, 40)}"
    return str(_("The filter “%(shown)s” is not known and was left out.", shown=shown))
