"""Keeps verdicts on the criteria and who screens; it never changes a state and leaves the commit to its caller."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select

from intake import conflicts
from intake.advance import lock
from intake.current import programme
from intake.extensions import db
from intake.models import Expression, Outcome, User, Verdict, now
from workflows.expression import EDITABLE, JUDGEABLE
from workflows.workflow import Reason, Refused

FROZEN = Reason("frozen", "The screening is complete or interrupted, so verdicts cannot be changed in this state.")
UNKNOWN = Reason("unknown_criterion", "One of the criteria is not of this programme. Reload the page.")
UNREASONED = Reason("unreasoned", "Give a reason for each verdict; the applicant is never shown who gave it.")


@dataclass(frozen=True, slots=True)
class Judgement:
    """An outcome with its reason."""

    outcome: Outcome
    reason: str


def is_open(expression: Expression) -> bool:
    """Whether verdicts may be given or changed now."""
    return expression.state in JUDGEABLE


def can_be_taken(expression: Expression, *, by: User) -> bool:
    """Whether somebody who does not screen it yet may take it: as long as its screening is not complete."""
    return expression.state in EDITABLE and expression.screener_id != by.id


def judge(expression: Expression, judgements: Mapping[str, Judgement], *, screener: User, version: int) -> None:
    """Store verdicts by criterion id; criteria left out keep theirs. Who judges first takes the expression.

    `version` is the one that the screener saw. Raises `Stale` or `Refused`, and then nothing is stored.
    """
    lock(expression, version)
    conflicts.refuse(expression, screener)
    if expression.state not in JUDGEABLE:
        raise Refused([FROZEN])
    if set(judgements) - {criterion.id for criterion in programme().criteria}:
        raise Refused([UNKNOWN])
    if not all(judgement.reason.strip() for judgement in judgements.values()):
        raise Refused([UNREASONED])
    _store(expression, judgements, screener)


def _store(expression: Expression, judgements: Mapping[str, Judgement], screener: User) -> None:
    stored = db.session.scalars(select(Verdict).where(Verdict.expression_id == expression.id))
    verdicts = {verdict.criterion: verdict for verdict in stored}
    for criterion, judgement in judgements.items():
        verdict = verdicts.setdefault(criterion, Verdict(expression_id=expression.id, criterion=criterion))
        if (verdict.outcome, verdict.reason) != (judgement.outcome, judgement.reason):
            verdict.outcome, verdict.reason = judgement.outcome, judgement.reason
            verdict.screener_id = screener.id
            db.session.add(verdict)
    expression.criteria_met = sum(verdict.outcome is Outcome.MET for verdict in verdicts.values())
    expression.screener_id = expression.screener_id or screener.id
    expression.updated_at = now()


def take(expression: Expression, *, screener: User) -> None:
    """Make this screener the one who works on the expression. Raises `Refused` once the screening is complete."""
    db.session.refresh(expression, with_for_update=True)
    conflicts.refuse(expression, screener)
    if expression.state not in EDITABLE:
        raise Refused([FROZEN])
    expression.screener_id = screener.id
