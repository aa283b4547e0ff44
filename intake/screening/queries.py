"""Reads what the screeners' pages show, in a bounded number of statements; it changes nothing and hides drafts."""

from collections.abc import Mapping

from flask import abort
from sqlalchemy import ColumnElement, Select, and_, bindparam, func, or_, select
from sqlalchemy.orm import load_only, selectinload

from intake.current import call_row
from intake.extensions import db
from intake.models import Enquiry, Expression, Role, SavedView, User, Verdict
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
    asked = int(also) if also.isascii() and also.isdigit() and len(also) < len(str(2**31)) else 0
    people = db.session.execute(SCREENERS, {"also": asked})
    named = {str(id): name or email for id, name, email in people}
    return dict(sorted(named.items(), key=lambda person: person[1].casefold()))


def views_of(user: User) -> list[SavedView]:
    """The saved views of a person, by name."""
    mine = db.session.scalars(VIEWS, {"user_id": user.id})
    return sorted(mine, key=lambda view: view.name.casefold())


def view_or_404(view_id: int, user: User) -> SavedView:
    """A saved view of this person; another person's is not there."""
    view = db.session.get(SavedView, view_id)
    if view is None or view.user_id != user.id:
        abort(404)
    return view


def waiting_for_me(screener: User) -> Mapping[str, int]:
    """What the first page of staff counts, in a statement each for expressions, letters and enquiries."""
    wanted: dict[str, ColumnElement[bool]] = {
        "to_screen": Expression.state.in_(JUDGEABLE),
        "late": and_(Expression.state.in_(JUDGEABLE), Expression.decision_due_on < today()),
        "mine": and_(Expression.state.in_(EDITABLE), Expression.screener_id == screener.id),
        "returned_late": _answer_is_late(),
        "to_assign": Expression.state == State.SCREENED,
        "to_confirm": Expression.state == State.ASSIGNED,
        "waitlist": Expression.state == State.WAITLISTED,
    }
    columns = [func.count().filter(condition).label(name) for name, condition in wanted.items()]
    of_call = select(*columns).where(Expression.call_id == call_row().id, Expression.state != State.DRAFT)
    counts = dict(db.session.execute(of_call).mappings().one())
    letters = {status.value: number for status, number in astray_counts().items()}
    waiting = select(func.count()).select_from(Enquiry).where(Enquiry.state.in_(WAITING))
    return {**counts, **letters, "enquiries": db.session.scalar(waiting) or 0}
