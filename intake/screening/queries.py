"""Reads what the screeners' pages show, in a bounded number of statements; it changes nothing and hides drafts."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

from flask import abort
from sqlalchemy import ColumnElement, Select, and_, bindparam, func, literal_column, or_, select, true, union_all
from sqlalchemy.orm import load_only, selectinload

from intake.current import call_row, programme
from intake.extensions import db
from intake.models import Call, Enquiry, Expression, Mode, Role, SavedView, User, Verdict
from intake.notifications.outbox import astray_counts
from intake.wording import today
from workflows.enquiry import WAITING
from workflows.expression import EDITABLE, JUDGEABLE, State
from workflows.people import Role as Capacity

ALONE = (
    select(Expression)
    .where(Expression.reference == bindparam("reference"), Expression.state != State.DRAFT)
    .execution_options(populate_existing=True)
)
WHOLE = ALONE.options(
    selectinload(Expression.screener),
    selectinload(Expression.verdicts).selectinload(Verdict.screener),
    selectinload(Expression.history),
    selectinload(Expression.letters),
)
ROW = ALONE.options(
    load_only(
        Expression.reference,
        Expression.state,
        Expression.version,
        Expression.organisation_name,
        Expression.category,
        Expression.sub_type,
        Expression.preferences,
        Expression.focus_area,
        Expression.participation_mode,
        Expression.seat_mode,
    )
)
"""What the form of a step asks of its expression; the step itself reads the row anew, under a lock."""
SCREENERS = select(User.id, User.name, User.email).where(
    or_(User.roles.any(Role.name == Capacity.SCREENER.value), User.id == bindparam("also"))
)
VIEWS = select(SavedView).where(SavedView.user_id == bindparam("user_id"))
_SCREENER, _VIEW, _CALL = map(str, range(3))
AROUND = union_all(
    SCREENERS.add_columns(literal_column(_SCREENER)),
    select(SavedView.id, SavedView.name, SavedView.query, literal_column(_VIEW)).where(
        SavedView.user_id == bindparam("user_id")
    ),
    select(Call.id, Call.title, Call.slug, literal_column(_CALL)).where(Call.slug == bindparam("slug")),
)
"""Three small lists with four columns each, the last of which says which list a row is of."""


class View(NamedTuple):
    """A saved view, as far as it is shown in a list."""

    id: int
    name: str
    query: str


class Around(NamedTuple):
    """What stands around the list of the queue: who may screen, the saved views of a person, and the call's id."""

    screeners: Mapping[str, str]
    views: Sequence[View]
    call: int


V = TypeVar("V", SavedView, View)


def expression_or_404(reference: str) -> Expression:
    """An expression that was submitted, with everything its page shows, read anew. A draft is no page to staff."""
    return _one_or_404(WHOLE, reference)


def row_or_404(reference: str) -> Expression:
    """The same for whoever takes a step; what the form of one does not need is read when it is asked for."""
    return _one_or_404(ROW, reference)


def _one_or_404(statement: Select[Expression], reference: str) -> Expression:
    expression = db.session.scalar(statement, {"reference": reference})
    if expression is None:
        abort(404)
    return expression


def overdue() -> ColumnElement[bool]:
    """Late by the promise to the applicant, or by the date given to the applicant."""
    for_us = and_(Expression.state.in_(JUDGEABLE), Expression.decision_due_on < today())
    return or_(for_us, _answer_is_late())


def _answer_is_late() -> ColumnElement[bool]:
    return and_(Expression.state == State.RETURNED, Expression.answer_due_on < today())


def screeners(also: str = "") -> Mapping[str, str]:
    """The names of the accounts that may screen, and of the one with the id `also`, by id."""
    return _people(db.session.execute(SCREENERS, {"also": _id(also)}))


def _id(written: str) -> int:
    """An id that stands in an address, or 0, which is nobody's."""
    return int(written) if written.isascii() and written.isdigit() and len(written) < len(str(2**31)) else 0


def _people(rows: Iterable[Any]) -> Mapping[str, str]:
    named = {str(id): name or email for id, name, email in rows}
    return dict(sorted(named.items(), key=lambda person: person[1].casefold()))


def views_of(user: User) -> list[SavedView]:
    """The saved views of a person, by name."""
    return _by_name(db.session.scalars(VIEWS, {"user_id": user.id}))


def _by_name(views: Iterable[V]) -> list[V]:
    return sorted(views, key=lambda view: view.name.casefold())


def around(user: User, also: str) -> Around:
    """The screeners (with the account of the id `also`), the views and the call, in one statement."""
    wanted = {"also": _id(also), "user_id": user.id, "slug": programme().call.slug}
    found: dict[str, list[Any]] = {_SCREENER: [], _VIEW: [], _CALL: []}
    for *row, kind in db.session.connection().execute(AROUND, wanted):
        found[str(kind)].append(row)
    call = found[_CALL][0][0] if found[_CALL] else call_row().id
    return Around(_people(found[_SCREENER]), _by_name(View(*row) for row in found[_VIEW]), call)


def view_or_404(view_id: int, user: User) -> SavedView:
    """A saved view of this person; another person's is not there."""
    view = db.session.get(SavedView, view_id)
    if view is None or view.user_id != user.id:
        abort(404)
    return view


def waiting_for_me(screener: User) -> Mapping[str, int]:
    """What the first page of staff counts, in a statement each for expressions, letters and enquiries.

    `in_person` and `remote` are the seats of the Roundtable that are left.
    """
    wanted: dict[str, ColumnElement[bool]] = {
        "to_screen": Expression.state.in_(JUDGEABLE),
        "late": and_(Expression.state.in_(JUDGEABLE), Expression.decision_due_on < today()),
        "untaken": and_(Expression.state.in_(JUDGEABLE), Expression.screener_id.is_(None)),
        "unread": Expression.unread.is_(true()),
        "mine": and_(Expression.state.in_(EDITABLE), Expression.screener_id == screener.id),
        "returned_late": _answer_is_late(),
        "to_assign": Expression.state == State.SCREENED,
        "to_confirm": Expression.state == State.ASSIGNED,
        "waitlist": Expression.state == State.WAITLISTED,
    }
    wanted |= {mode.value: and_(Expression.state == State.CONFIRMED, Expression.seat_mode == mode) for mode in Mode}
    columns = [func.count().filter(condition).label(name) for name, condition in wanted.items()]
    of_call = select(*columns).where(Expression.call_id == call_row().id, Expression.state != State.DRAFT)
    counts = dict(db.session.execute(of_call).mappings().one())
    counts |= {mode.value: programme().roundtable.seats(mode) - counts[mode.value] for mode in Mode}
    letters = {status.value: number for status, number in astray_counts().items()}
    waiting = select(func.count()).select_from(Enquiry).where(Enquiry.state.in_(WAITING))
    return {**counts, **letters, "enquiries": db.session.scalar(waiting) or 0}
