"""The first page of staff: what waits."""

from flask import render_template
from flask.typing import ResponseReturnValue

from intake.access import ANY_STAFF, staff, staff_actor
from intake.screening import queries
from intake.screening.blueprint import bp, myself
from intake.screening.notes import waiting_for


@bp.get("/")
@staff(*ANY_STAFF)
def home() -> ResponseReturnValue:
    """What waits, by role."""
    counts, for_you = queries.waiting_for_me(myself()), waiting_for(myself())
    roles, views = staff_actor().roles, queries.views_of(myself())
    return render_template("screening/home.html", counts=counts, roles=roles, for_you=for_you, views=views)
