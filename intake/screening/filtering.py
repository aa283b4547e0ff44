"""Reads the filters of the queue from an address; what it does not know is left out and said, never an error."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from intake.forms import tidy
from intake.keyset import read_cursor
from intake.screening.queries import TABS, Filters
from intake.staff_words import readable

LONGEST_SEARCH = 200
YES = "yes"
KNOWN = frozenset({"state", "mine", "overdue", "q", "from"})


@dataclass(frozen=True, slots=True)
class Asked:
    """The filters that were understood, and a sentence for each that was not."""

    filters: Filters
    ignored: tuple[str, ...]

    def address(self, **changes: Any) -> dict[str, Any]:
        """The filters as arguments of an address, with changes; a page is kept only when it is given."""
        now = self.filters
        as_is = {"state": now.state, "mine": YES if now.mine else None, "overdue": YES if now.overdue else None}
        return {**as_is, "q": now.words or None, **changes}


def read(args: Mapping[str, str]) -> Asked:
    """The filters of an address."""
    ignored = [_said(name, args[name]) for name in args if name not in KNOWN]
    state = args.get("state", "open")
    if state not in TABS:
        ignored.append(_said("state", state))
        state = "open"
    words = readable(tidy(args.get("q", "")), LONGEST_SEARCH)
    cursor = read_cursor(args["from"]) if args.get("from") else None
    if args.get("from") and cursor is None:
        ignored.append(_said("from", args["from"]))
    flags = {}
    for name in ("mine", "overdue"):
        flags[name] = args.get(name) == YES
        if args.get(name) not in (None, "", YES):
            ignored.append(_said(name, args[name]))
    return Asked(Filters(state, words=words, cursor=cursor, **flags), tuple(ignored))


def _said(name: str, value: str) -> str:
    shown = f"{readable(name, 40)}={readable(value, 40)}"
    return str(_("The filter “%(shown)s” is not known and was left out.", shown=shown))
