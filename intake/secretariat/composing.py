"""Views of the composition of the groups, and of the seats with the waiting list."""

from flask import render_template
from flask.typing import ResponseReturnValue

from intake import composition as groups
from intake.access import ANY_STAFF, staff
from intake.current import call_row, programme
from intake.secretariat.blueprint import bp


@bp.get("/composition")
@staff(*ANY_STAFF)
def composition() -> ResponseReturnValue:
    """Who sits where, what is missing, and who waits."""
    call = call_row()
    members = groups.members(call.id)
    line = groups.waiting(members)
    by_area = {area.id: [m for m in members if m.focus_area == area.id] for area in programme().focus_areas}
    counts, seats = groups.counts_of(members), groups.seats(call.id, line)
    return render_template("secretariat/composition.html", counts=counts, seats=seats, line=line, by_area=by_area)
