"""Verdicts: who judges, when, with a reason, and on what was seen."""

from collections.abc import Callable

import pytest

from intake import judging
from intake.advance import Stale
from intake.extensions import db
from intake.judging import Judgement
from intake.models import Expression, Outcome, User
from workflows.expression import JUDGEABLE, State
from workflows.people import Role
from workflows.workflow import Refused

Make = Callable[..., Expression]
Account = Callable[[Role], User]
MET = Judgement(Outcome.MET, "Shown.")
NOT_MET = Judgement(Outcome.NOT_MET, "Nothing is shown.")


def given(expression: Expression) -> dict[str, tuple[Outcome, str]]:
    """The stored verdicts."""
    db.session.commit()
    db.session.expire_all()
    return {verdict.criterion: (verdict.outcome, verdict.reason) for verdict in expression.verdicts}


def test_verdicts_are_kept_counted_and_make_the_expression_the_screeners(expression: Make, account: Account) -> None:
    ghana, screener = expression(), account(Role.SCREENER)

    judging.judge(ghana, {"commitment": MET, "pledge": NOT_MET}, screener=screener, version=ghana.version)

    assert given(ghana) == {"commitment": (Outcome.MET, "Shown."), "pledge": (Outcome.NOT_MET, "Nothing is shown.")}
    assert (ghana.criteria_met, ghana.screener_id, ghana.version) == (1, screener.id, 2)


def test_a_later_verdict_replaces_its_own_and_leaves_the_others(expression: Make, account: Account) -> None:
    ghana, screener = expression(met=True), account(Role.SCREENER)

    judging.judge(ghana, {"pledge": NOT_MET}, screener=screener, version=ghana.version)

    assert {criterion: outcome for criterion, (outcome, _) in given(ghana).items()} == {
        "commitment": Outcome.MET,
        "pledge": Outcome.NOT_MET,
        "participation": Outcome.MET,
        "engagement": Outcome.MET,
    }
    assert ghana.criteria_met == 3


def test_a_verdict_on_answers_that_have_changed_is_stale(expression: Make, account: Account) -> None:
    ghana = expression()
    seen = ghana.version
    ghana.communities = "Islands"
    db.session.commit()

    with pytest.raises(Stale):
        judging.judge(ghana, {"pledge": MET}, screener=account(Role.SCREENER), version=seen)

    assert given(ghana) == {}


@pytest.mark.parametrize("state", sorted(set(State) - JUDGEABLE))
def test_a_completed_screening_is_frozen(expression: Make, account: Account, state: State) -> None:
    ghana = expression(state)

    with pytest.raises(Refused, match="cannot be changed in this state"):
        judging.judge(ghana, {"pledge": NOT_MET}, screener=account(Role.SCREENER), version=ghana.version)


@pytest.mark.parametrize(
    ("criterion", "judgement", "said"),
    [("charm", MET, "not of this programme"), ("pledge", Judgement(Outcome.MET, " "), "Give a reason")],
)
def test_a_verdict_needs_a_criterion_and_a_reason(
    expression: Make, account: Account, criterion: str, judgement: Judgement, said: str
) -> None:
    ghana = expression()

    with pytest.raises(Refused, match=said):
        judging.judge(ghana, {criterion: judgement}, screener=account(Role.SCREENER), version=ghana.version)

    assert given(ghana) == {}


def test_taking_an_expression_makes_it_the_screeners(expression: Make, account: Account) -> None:
    ghana = expression()

    judging.take(ghana, screener=account(Role.SCREENER))
    db.session.commit()

    assert ghana.screener_id == account(Role.SCREENER).id
