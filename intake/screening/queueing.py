"""Views of the queue."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from intake.access import ANY_STAFF, staff
from intake.screening import filtering, queries
from intake.screening.blueprint import bp, myself
from intake.screening.waiting import waiting
from intake.wording import today


@bp.get("/queue")
@staff(*ANY_STAFF)
def queue() -> ResponseReturnValue:
    """Expressions by state, oldest first."""
    asked = filtering.read(request.args)
    counts, page = queries.queue(asked.filters, myself())
    on = today()
    rows = [(expression, waiting(expression, on)) for expression in page.rows]
    return render_template("screening/queue.html", asked=asked, counts=counts, page=page, rows=rows)
