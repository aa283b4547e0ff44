"""Keeps verdicts, second opinions and who screens; it never changes a state and leaves the commit to its caller."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm.attributes import flag_modified

from intake import conflicts
from intake.advance import lock
from intake.current import programme
from intake.extensions import db
from intake.models import Expression, Outcome, SecondOpinion, Settlement, User, Verdict, now
from intake.seconding import Pair
from workflows.expression import EDITABLE, JUDGEABLE
from workflows.workflow import Reason, Refused

FROZEN = Reason("frozen", "The screening is complete or interrupted, so verdicts cannot be changed in this state.")
UNKNOWN = Reason("unknown_criterion", "One of the criteria is not of this programme. Reload the page.")
UNREASONED = Reason("unreasoned", "Give a reason for each verdict; the applicant is never shown who gave it.")
BY_BOTH = Reason(
    "judged_by_both",
    "Both screeners have judged one of these criteria, so neither changes it alone. Settle it with a reason instead.",
)
NOT_BY_BOTH = Reason("not_judged_by_both", "There is nothing to settle: the second screener has not judged this yet.")
NOT_YOURS = Reason("not_yours", "One of the two screeners who judged this criterion settles it. Ask one of them.")


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

    Where the programme asks for two screeners, those of the second are stored as opinions beside the verdicts.
    `version` is the one that the screener saw. Raises `Stale` or `Refused`, and then nothing is stored.
    """
    _open(expression, judgements, screener, version)
    pair = _pair(expression)
    if any(_differs(pair, criterion, screener, judgements[criterion]) for criterion in judgements):
        raise Refused([BY_BOTH])
    fresh = {id: judgement for id, judgement in judgements.items() if not pair.is_closed(id, screener)}
    if pair.is_second(screener):
        _store_opinions(pair, expression, fresh, screener)
    else:
        _store(pair, expression, fresh, screener)
    expression.updated_at = now()


def _open(expression: Expression, judgements: Mapping[str, Judgement], screener: User, version: int) -> None:
    """Lock the expression, and refuse what cannot be stored. Raises `Stale` or `Refused`."""
    lock(expression, version)
    conflicts.refuse(expression, screener)
    if expression.state not in JUDGEABLE:
        raise Refused([FROZEN])
    if set(judgements) - {criterion.id for criterion in programme().criteria}:
        raise Refused([UNKNOWN])
    if not all(judgement.reason.strip() for judgement in judgements.values()):
        raise Refused([UNREASONED])


def _pair(expression: Expression) -> Pair:
    return Pair(expression, db.session.scalars(select(Verdict).where(Verdict.expression_id == expression.id)))


def _differs(pair: Pair, criterion: str, screener: User, judgement: Judgement) -> bool:
    """Whether this would change what its giver can no longer change alone."""
    own = pair.own(criterion, screener)
    return pair.is_closed(criterion, screener) and (own is None or judgement != Judgement(own.outcome, own.reason))


def _store(pair: Pair, expression: Expression, judgements: Mapping[str, Judgement], screener: User) -> None:
    for criterion, judgement in judgements.items():
        verdict = pair.verdicts.setdefault(criterion, Verdict(expression_id=expression.id, criterion=criterion))
        _set(verdict, judgement, screener)
    _count(pair, expression)
    expression.screener_id = expression.screener_id or screener.id


def _store_opinions(pair: Pair, expression: Expression, judgements: Mapping[str, Judgement], screener: User) -> None:
    for criterion, judgement in judgements.items():
        known = pair.opinions.get(criterion)
        opinion = known or SecondOpinion(expression_id=expression.id, criterion=criterion)
        _set(opinion, judgement, screener)
        opinion.screener_id = screener.id


def _set(given: Verdict | SecondOpinion, judgement: Judgement, screener: User) -> None:
    """Who repeats a verdict that stands there does not become the one who gave it."""
    if (given.outcome, given.reason) != (judgement.outcome, judgement.reason):
        given.outcome, given.reason = judgement.outcome, judgement.reason
        given.screener_id = screener.id
        db.session.add(given)


def _count(pair: Pair, expression: Expression) -> None:
    expression.criteria_met = sum(verdict.outcome is Outcome.MET for verdict in pair.verdicts.values())


def settle(expression: Expression, criterion: str, judgement: Judgement, *, by: User, version: int) -> None:
    """Decide, with a reason, on a criterion that both screeners have judged; one of the two does, and may do it again.

    Raises `Stale` or `Refused`, and then nothing is stored.
    """
    _open(expression, {criterion: judgement}, by, version)
    pair = _pair(expression)
    if not pair.is_judged_by_both(criterion):
        raise Refused([NOT_BY_BOTH])
    if not pair.is_of(criterion, by):
        raise Refused([NOT_YOURS])
    verdict, settlement = pair.verdicts[criterion], pair.settlements.get(criterion)
    if settlement is None:
        settlement = Settlement(expression_id=expression.id, criterion=criterion, first_outcome=verdict.outcome)
        db.session.add(settlement)
    settlement.user_id, settlement.settled_at = by.id, now()
    verdict.outcome, verdict.settled = judgement.outcome, judgement.reason
    flag_modified(verdict, "given_at")  # as it was: the first screener's words are not given anew
    _count(pair, expression)
    expression.updated_at = now()


def take(expression: Expression, *, screener: User) -> None:
    """Make this screener the one who works on the expression. Raises `Refused` once the screening is complete."""
    db.session.refresh(expression, with_for_update=True)
    conflicts.refuse(expression, screener)
    if expression.state not in EDITABLE:
        raise Refused([FROZEN])
    expression.screener_id = screener.id
