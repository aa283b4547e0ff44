"""Begins expressions and changes their answers; it never changes a state and leaves the commit to its caller."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload

from intake.current import call_row, programme
from intake.extensions import db
from intake.history import plain
from intake.models import Expression, Outcome, Revision, SecondOpinion, Settlement, Verdict, now
from intake.organisations import organisation_key
from intake.references import new_reference
from intake.seconding import Pair, judgements
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

    After sending, a changed criterion loses what was judged about it, and the change is kept as a revision. Raises
    `Refused` when the state allows no change, or when a submitted expression would lose an answer that it needs.
    """
    db.session.refresh(expression, with_for_update=True)
    change_locked(expression, changes)


def change_locked(expression: Expression, changes: Mapping[str, Any]) -> None:
    """The same for an expression that the caller has read under a lock. Raises `Refused`."""
    if expression.state not in EDITABLE:
        raise Refused([NOT_EDITABLE])
    needed_before, before = set(missing(expression)), _before(expression, changes)
    for name, value in changes.items():
        setattr(expression, name, {**expression.criteria, **value} if name == "criteria" else value)
    if "organisation_name" in changes:
        expression.organisation_key = organisation_key(expression.organisation_name)
    if expression.state is not State.DRAFT and set(missing(expression)) - needed_before:
        db.session.rollback()
        raise Refused([EMPTIED])
    if expression.state is not State.DRAFT and before:
        with db.session.no_autoflush:
            _keep(expression, before, _void(expression, before.get("criteria", ())))
        expression.unread = True
    expression.updated_at = now()


def _before(expression: Expression, changes: Mapping[str, Any]) -> dict[str, Any]:
    """What the answers held that really change, as JSON can hold it; of criteria, only those."""
    answers = {name: value for name, value in changes.items() if name != "criteria"}
    before = {
        name: plain(getattr(expression, name)) for name, value in answers.items() if getattr(expression, name) != value
    }
    known = expression.criteria
    criteria = {id: known.get(id, {}) for id, answer in changes.get("criteria", {}).items() if known.get(id) != answer}
    return {**before, "criteria": criteria} if criteria else before


def _void(expression: Expression, criteria: Iterable[str]) -> dict[str, list[dict[str, Any]]]:
    """Take away what was judged about these criteria, and return it."""
    given = select(Verdict).where(Verdict.expression_id == expression.id).options(joinedload(Verdict.screener))
    pair = Pair(expression, db.session.scalars(given))
    void = {criterion: judgements(pair, criterion) for criterion in criteria}
    for criterion in void:
        if criterion in pair.verdicts:
            expression.criteria_met -= pair.verdicts[criterion].outcome is Outcome.MET
        for kind in (Verdict, SecondOpinion, Settlement):
            db.session.execute(delete(kind).where(kind.expression_id == expression.id, kind.criterion == criterion))
    return {criterion: judged for criterion, judged in void.items() if judged}


def _keep(expression: Expression, before: Mapping[str, Any], void: Mapping[str, Any]) -> None:
    """Keep a change as a revision; as long as nobody has read the last one, it grows instead of becoming many."""
    of_this = select(Revision).where(Revision.expression_id == expression.id).order_by(Revision.id.desc()).limit(1)
    last = db.session.scalar(of_this)
    if last is None or not (expression.unread or _is_about_the_delegate({**last.before, **before})):
        db.session.add(Revision(expression_id=expression.id, before=dict(before), verdicts=dict(void)))
        return
    criteria = {**before.get("criteria", {}), **last.before.get("criteria", {})}
    last.before = {**before, **last.before, **({"criteria": criteria} if criteria else {})}
    last.verdicts, last.at = {**last.verdicts, **void}, now()


def _is_about_the_delegate(before: Mapping[str, Any]) -> bool:
    return set(before) <= {"delegate_name", "delegate_title"}


def note_documents(expression: Expression) -> None:
    """Note that documents of an expression were added or removed, which the caller has read under a lock.

    Their rows say which ones and when; the screener of one that was sent has something to read.
    """
    expression.unread = expression.unread or expression.state is not State.DRAFT
    expression.updated_at = now()


def name_delegate(expression: Expression, *, name: str, title: str) -> None:
    """Name who speaks for the organisation at the Roundtable. Raises `Refused` in a state that allows it no more."""
    db.session.refresh(expression, with_for_update=True)
    if expression.state not in DELEGATE_NAMEABLE:
        raise Refused([NOT_NAMEABLE])
    before = _before(expression, {"delegate_name": name, "delegate_title": title})
    if before:
        _keep(expression, before, {})
        expression.unread = expression.unread or expression.state in EDITABLE
    expression.delegate_name, expression.delegate_title = name, title
    expression.updated_at = now()


def change_contact(expression: Expression, changes: Mapping[str, Any]) -> None:
    """Change name and addresses of the contact of what was sent, in whatever state; the caller has locked it."""
    before = _before(expression, changes)
    if before and expression.state is not State.DRAFT:
        _keep(expression, before, {})
        expression.unread = expression.unread or expression.state in EDITABLE
    for name, value in changes.items():
        setattr(expression, name, value)
    expression.updated_at = now()


def answer_points(expression: Expression, answers: Sequence[str]) -> None:
    """Keep an answer to each open point, in their order; an empty one is none yet. Raises `Refused`."""
    db.session.refresh(expression, with_for_update=True)
    if EXPRESSION.row(expression.state, "resubmit") is None or len(answers) != len(expression.points):
        raise Refused([NO_POINTS])
    pairs = zip(expression.points, answers, strict=True)
    expression.points = [{**point, "answer": answer} for point, answer in pairs]
    expression.unread = True
    expression.updated_at = now()
