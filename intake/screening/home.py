"""The first page of staff: what waits."""

from flask import render_template
from flask.typing import ResponseReturnValue

from intake.access import ANY_STAFF, staff, staff_actor
from intake.screening import queries
from intake.screening.blueprint import bp, myself


@bp.get("/")
@staff(*ANY_STAFF)
def home() -> ResponseReturnValue:
    """What waits, by role."""
    counts = queries.waiting_for_me(myself())
    return render_template("screening/home.html", counts=counts, roles=staff_actor().roles)
