"""Where the programme asks for two screeners: what a screening waits for, and what settles a disagreement."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from flask import Flask

from intake.advance import advance
from intake.extensions import db
from intake.models import Expression, Outcome, SecondOpinion, User
from tests.making import CRITERIA, SCREENER
from tests.statements import counted
from workflows.expression import State
from workflows.people import Role
from workflows.workflow import Refused

Make = Callable[..., Expression]
Account = Callable[[Role], User]
PLEDGE = "Readiness to pledge"


@pytest.fixture
def two_screeners(app: Flask) -> Iterator[None]:
    """The programme asks for a second screener."""
    programme = app.extensions["programme"]
    app.extensions["programme"] = replace(programme, call=replace(programme.call, two_screeners=True))
    yield
    app.extensions["programme"] = programme


def seconded(ghana: Expression, by: User | None = None, **outcomes: Outcome) -> None:
    """The second screener judges each criterion: as met, but for those named."""
    for criterion in CRITERIA:
        outcome = outcomes.get(criterion, Outcome.MET)
        given = SecondOpinion(expression_id=ghana.id, criterion=criterion, outcome=outcome, reason="Read again.")
        given.screener_id = by.id if by else None
        db.session.add(given)
    db.session.commit()


def refusals(ghana: Expression) -> list[str]:
    """Why the screening cannot be completed."""
    with pytest.raises(Refused) as refused:
        advance(ghana, "screen", actor=SCREENER, version=ghana.version)
    return [str(reason) for reason in refused.value.reasons]


@pytest.mark.usefixtures("two_screeners")
def test_a_screening_waits_for_the_second_screener(expression: Make) -> None:
    ghana = expression(met=True)
    seconded(ghana)
    db.session.delete(db.session.query(SecondOpinion).filter_by(criterion="pledge").one())
    db.session.commit()

    assert refusals(ghana) == [f"These criteria wait for the second screener: {PLEDGE}."]


@pytest.mark.usefixtures("two_screeners")
def test_nobody_is_the_second_screener_of_an_own_verdict(expression: Make, account: Account) -> None:
    ghana, screener = expression(met=True), account(Role.SCREENER)
    ghana.verdicts[1].screener_id = screener.id
    seconded(ghana, screener)

    assert refusals(ghana) == [f"These criteria wait for the second screener: {PLEDGE}."]


@pytest.mark.usefixtures("two_screeners")
def test_a_disagreement_is_settled_with_a_reason(expression: Make) -> None:
    ghana = expression(met=True)
    seconded(ghana, pledge=Outcome.NEED_MORE)
    before = refusals(ghana)
    ghana.verdicts[1].settled = "Asked by telephone."
    db.session.commit()

    advance(ghana, "screen", actor=SCREENER, version=ghana.version)

    assert before == [f"The screeners disagree on: {PLEDGE}. Settle each with a reason."]
    assert ghana.state is State.SCREENED


@pytest.mark.usefixtures("two_screeners")
def test_two_who_agree_complete_the_screening(expression: Make) -> None:
    ghana = expression(met=True)
    seconded(ghana)

    advance(ghana, "screen", actor=SCREENER, version=ghana.version)

    assert ghana.state is State.SCREENED


@pytest.mark.usefixtures("two_screeners")
def test_what_nobody_has_judged_first_is_no_disagreement(expression: Make) -> None:
    ghana = expression()
    seconded(ghana)

    assert [reason.partition(":")[0] for reason in refusals(ghana)] == ["These criteria have no verdict “met”"]


def test_one_screener_is_enough_where_the_programme_does_not_ask_for_two(expression: Make) -> None:
    ghana = expression(met=True)

    with counted() as statements:
        advance(ghana, "screen", actor=SCREENER, version=ghana.version)

    assert ghana.state is State.SCREENED
    assert [each for each in statements if "second_opinions" in each] == []
