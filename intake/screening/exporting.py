"""Views of the queue as files and as a pack to print: whatever the filters show, and never a note."""

from collections.abc import Iterator

from flask import Response, render_template, request, stream_with_context
from flask.typing import ResponseReturnValue
from sqlalchemy import Select, select
from sqlalchemy.orm import selectinload

from intake import conflicts, exports, looks
from intake.access import ANY_STAFF, staff
from intake.current import programme
from intake.extensions import db
from intake.models import Expression, Shown, Verdict, now
from intake.screening import filtering, listing
from intake.screening.blueprint import bp, myself
from intake.wording import today

MOST_PAGES = 50


def _all(asked: filtering.Asked) -> Select[Expression]:
    """Every expression within the filters, in the order asked for."""
    search, order = listing.look(asked.filters, myself()), asked.filters.order
    states = sorted(filtering.TABS[asked.filters.state])
    found = select(Expression).where(*search.conditions(), Expression.state.in_(states))
    columns = [column.desc() if order.newest_first else column.asc() for column in (order.key, order.id)]
    return found.order_by(*columns).params(**search.parameters)


def _file(kind: str) -> ResponseReturnValue:
    chunks: Iterator[bytes] = exports.expressions(_all(filtering.read(request.args)), kind)
    name = f"{programme().call.slug}-{today().isoformat()}.{kind}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    _note(Shown.EXPORT, kind)
    return Response(stream_with_context(chunks), mimetype=exports.MIMETYPES[kind], headers=headers)


def _note(what: Shown, kind: str = "") -> None:
    """Leave a line of who was given many at once, and by which filters."""
    looks.note(myself().id, what, detail=f"{kind}  {filtering.read(request.args).query()}".strip())


@bp.get("/queue/export.csv")
@staff(*ANY_STAFF)
def export_csv() -> ResponseReturnValue:
    """The filtered queue as CSV."""
    return _file("csv")


@bp.get("/queue/export.xlsx")
@staff(*ANY_STAFF)
def export_xlsx() -> ResponseReturnValue:
    """The filtered queue as XLSX."""
    return _file("xlsx")


@bp.get("/queue/pack")
@staff(*ANY_STAFF)
def pack() -> ResponseReturnValue:
    """The filtered queue to print: a page or more for each expression, with boxes for the verdicts."""
    asked = filtering.read(request.args)
    whole = selectinload(Expression.verdicts).selectinload(Verdict.screener)
    rows = _all(asked).limit(MOST_PAGES + 1).options(whole, selectinload(Expression.screener))
    found = list(db.session.scalars(rows))
    shown = found[:MOST_PAGES]
    me = myself()
    with_conflict = {id for id, _user in conflicts.among(shown, [me])}
    made = render_template(
        "screening/pack.html",
        asked=asked,
        expressions=shown,
        more=len(found) > len(shown),
        most=MOST_PAGES,
        conflicted=with_conflict,
        as_of=now(),
    )
    _note(Shown.PACK)
    return made
