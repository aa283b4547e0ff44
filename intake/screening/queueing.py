"""Views of the queue: the list, and the next expression that nobody has taken."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from intake import conflicts, judging
from intake.access import ANY_STAFF, staff, staff_actor
from intake.extensions import db
from intake.models import Expression
from intake.screening import filtering, lines, listing, queries
from intake.screening.blueprint import bp, myself
from intake.screening.neighbours import remember
from workflows.people import Role

MOST_PASSED = 50
"""So many with a conflict of interest are passed over; then a person has to look."""


@bp.get("/queue")
@staff(*ANY_STAFF)
def queue() -> ResponseReturnValue:
    """Expressions by state in the order asked for."""
    around = queries.around(myself(), request.args.get("screener", ""))
    asked = filtering.read(request.args, around.screeners)
    search = listing.look(asked.filters, myself(), around.call)
    page, query = listing.page(search), asked.query()
    remember(query)
    return render_template(
        "screening/queue.html",
        asked=asked,
        counts=listing.counts(search),
        page=page,
        lines=lines.lines(page.rows, query),
        options=lines.options,
        names=filtering.filter_names(),
        tabs=filtering.TABS,
        views=around.views,
        takes=Role.SCREENER in staff_actor().roles,
    )


@bp.post("/queue/next")
@staff(Role.SCREENER)
def take_next() -> ResponseReturnValue:
    """Become the screener of the oldest submitted expression within the filters that nobody has taken."""
    asked = filtering.read(request.args)
    found = _free(listing.look(asked.filters, myself()))
    if found is None:
        flash(_("Within these filters, nobody waits to be taken: every submitted expression has a screener."), "info")
        return redirect(url_for(".queue", **asked.address()), 303)
    judging.take(found, screener=myself())
    db.session.commit()
    flash(_("You are now the screener of this expression."), "success")
    return redirect(url_for(".show", reference=found.reference, view=asked.query()), 303)


def _free(search: listing.Search) -> Expression | None:
    """The next one with whose applicant this screener has no conflict of interest."""
    passed: list[int] = []
    while (found := listing.next_free(search, passed)) is not None and len(passed) < MOST_PASSED:
        if conflicts.conflict_of(found, myself()) is None:
            return found
        passed.append(found.id)
    return None
