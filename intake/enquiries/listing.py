"""View of the list of enquiries."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from intake.access import ANY_STAFF, staff, staff_actor
from intake.enquiries import queries
from intake.enquiries.blueprint import bp
from intake.enquiries.queries import Wanted
from intake.staff_words import readable
from workflows.enquiry import STORED, WAITING, State
from workflows.people import Role

LONGEST_SEARCH = 254


@bp.get("")
@staff(*ANY_STAFF)
def listed() -> ResponseReturnValue:
    """The enquiries asked for; where nothing is asked, those that wait, the longest wait first."""
    wanted, ignored = _wanted()
    at = request.args.get("from", "")
    cursor = wanted.order.read(at) if at else None
    ignored += [readable(at, 40)] if at and cursor is None else []
    return render_template(
        "enquiries/list.html",
        wanted=wanted,
        asked=_asked(wanted.states),
        counts=queries.counts(),
        page=queries.enquiries(wanted, cursor),
        ignored=ignored,
        may_enter=Role.SECRETARIAT in staff_actor().roles,
        waiting=WAITING,
    )


def _wanted() -> tuple[Wanted, list[str]]:
    """What the address asks for, and what in it is not known. Words without a state are looked for in all states."""
    words = readable(request.args.get("q", ""), LONGEST_SEARCH).strip()
    asked = request.args.get("state", "all" if words else "waiting")
    sets = {"waiting": WAITING, "all": STORED, **{state.value: frozenset({state}) for state in STORED}}
    return Wanted(sets.get(asked, WAITING), words), [] if asked in sets else [readable(asked, 40)]


def _asked(states: frozenset[State]) -> str:
    """A set of states as an address says it."""
    return {WAITING: "waiting", STORED: "all"}.get(states) or next(iter(states)).value
