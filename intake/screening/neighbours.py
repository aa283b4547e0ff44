"""What stands beside an expression in the queue from which somebody came; it shows nothing of its own.

The queue is named in the address (`view`), or else it is the one that was last looked at in this browser.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

from flask import session, url_for
from werkzeug.datastructures import MultiDict

from intake.models import Expression
from intake.screening import filtering, listing
from intake.screening.blueprint import myself

LONGEST_VIEW = 3_000
"""Characters of a query that is carried in an address: more than all filters together have."""
LONGEST_KEPT = 1_000
"""Characters of a query that is remembered, since a cookie holds four thousand."""
LAST = "queue"


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The expressions before and after one, and the addresses of both and of the queue."""

    previous: Expression | None
    next: Expression | None
    view: str

    @property
    def queue_address(self) -> str:
        """The queue, with its filters."""
        return f"{url_for('screening.queue')}?{self.view}"

    def address(self, expression: Expression) -> str:
        """A neighbour's page, which has neighbours in the same queue."""
        return url_for("screening.show", reference=expression.reference, view=self.view)


def remember(view: str) -> None:
    """Keep the queue that this browser looks at, so that a page reached by a form finds the way back."""
    if session.get(LAST) != view and len(view) <= LONGEST_KEPT:
        session[LAST] = view


def arguments(view: str) -> MultiDict[str, str]:
    """The arguments of a query, of which hostile ones are as harmless here as in the address of the queue."""
    return MultiDict(parse_qsl(view[:LONGEST_VIEW]))


def around(expression: Expression, args: Mapping[str, str]) -> Neighbours | None:
    """What stands beside an expression, in five statements at most; None when nobody came from a queue."""
    view = args.get("view") or session.get(LAST)
    if not view:
        return None
    asked = filtering.read(arguments(view))
    before, after = listing.beside(listing.look(asked.filters, myself()), expression)
    return Neighbours(before, after, asked.query())
