"""Begins expressions and changes their answers; it never changes a state and leaves the commit to its caller."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from intake.current import call_row, programme
from intake.extensions import db
from intake.models import Expression, Outcome, Verdict, now
from intake.organisations import organisation_key
from intake.references import new_reference
from workflows.answers import missing_answers
from workflows.expression import DELEGATE_NAMEABLE, EDITABLE, EXPRESSION, State
from workflows.workflow import Reason, Refused

NOT_EDITABLE = Reason(
    "not_editable",
    "The answers can no longer be changed here. Ask the secretariat to correct them.",
)
EMPTIED = Reason("emptied", "An answer that the expression needs cannot be emptied. Change it, or withdraw.")

NOT_NAMEABLE = Reason("not_nameable", "A delegate can no longer be named here. Write to the secretariat.")
NO_POINTS = Reason("no_open_points", "No points wait for an answer any more. Open the status page to see why.")


def begin(creation_key: str | None = None) -> Expression:
    """A new draft in the programme's call. The same `creation_key` gives the same draft, however often it is sent."""
    call = call_row()
    draft = Expression(
        reference=new_reference(), creation_key=creation_key, call_id=call.id, criteria_count=len(programme().criteria)
    )
    known = select(Expression).where(Expression.creation_key == creation_key)
    try:
        with db.session.begin_nested():
            db.session.add(draft)
    except IntegrityError:
        return db.session.scalars(known).one()
    return draft


def missing(expression: Expression) -> tuple[tuple[str, str], ...]:
    """Pairs of (step, field) that the programme's form still needs."""
    return missing_answers(expression, {criterion.id: criterion.facts for criterion in programme().criteria})


def change(expression: Expression, changes: Mapping[str, Any]) -> None:
    """Set answers by attribute; `criteria` holds only the criteria to replace.

    A changed criterion loses its verdict. Raises `Refused` when the state allows no change, or when a submitted
    expression would lose an answer that it needs.
    """
    db.session.refresh(expression, with_for_update=True)
    if expression.state not in EDITABLE:
        raise Refused([NOT_EDITABLE])
    needed_before = set(missing(expression))
    for name, value in changes.items():
        setattr(expression, name, {**expression.criteria, **value} if name == "criteria" else value)
    if "organisation_name" in changes:
        expression.organisation_key = organisation_key(expression.organisation_name)
    if expression.state is not State.DRAFT and set(missing(expression)) - needed_before:
        db.session.rollback()
        raise Refused([EMPTIED])
    _forget_verdicts(expression, set(changes.get("criteria", {})))
    expression.updated_at = now()


def _forget_verdicts(expression: Expression, criteria: set[str]) -> None:
    if expression.state is State.DRAFT or not criteria:
        return
    of_these = (Verdict.expression_id == expression.id, Verdict.criterion.in_(criteria))
    outcomes = db.session.scalars(select(Verdict.outcome).where(*of_these)).all()
    expression.criteria_met -= sum(outcome is Outcome.MET for outcome in outcomes)
    db.session.execute(delete(Verdict).where(*of_these))


def name_delegate(expression: Expression, *, name: str, title: str) -> None:
    """Name who speaks for the organisation at the Roundtable. Raises `Refused` in a state that allows it no more."""
    db.session.refresh(expression, with_for_update=True)
    if expression.state not in DELEGATE_NAMEABLE:
        raise Refused([NOT_NAMEABLE])
    expression.delegate_name, expression.delegate_title = name, title
    expression.updated_at = now()


def answer_points(expression: Expression, answers: Sequence[str]) -> None:
    """Keep an answer to each open point, in their order; an empty one is none yet. Raises `Refused`."""
    db.session.refresh(expression, with_for_update=True)
    if EXPRESSION.row(expression.state, "resubmit") is None or len(answers) != len(expression.points):
        raise Refused([NO_POINTS])
    pairs = zip(expression.points, answers, strict=True)
    expression.points = [{**point, "answer": answer} for point, answer in pairs]
    expression.updated_at = now()
