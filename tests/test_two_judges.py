"""Two screeners on one sheet: who is the second, what neither changes alone, and how a disagreement is settled."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from flask import Flask

from intake import drafting, judging
from intake.advance import Stale, advance
from intake.extensions import accounts, db
from intake.judging import Judgement
from intake.models import Expression, Outcome, Revision, SecondOpinion, Settlement, User
from intake.seconding import Pair
from tests.making import ANSWERS, CRITERIA, SCREENER
from workflows.expression import State
from workflows.people import Role
from workflows.workflow import Refused

Make = Callable[..., Expression]
MET = Judgement(Outcome.MET, "Shown.")
NOT_MET = Judgement(Outcome.NOT_MET, "Only plans.")


@pytest.fixture(autouse=True)
def two_screeners(app: Flask) -> Iterator[None]:
    """The programme asks for a second screener."""
    programme = app.extensions["programme"]
    app.extensions["programme"] = replace(programme, call=replace(programme.call, two_screeners=True))
    yield
    app.extensions["programme"] = programme


@pytest.fixture
def people(app: Flask) -> list[User]:
    """Three screeners."""
    accounts.find_or_create_role(Role.SCREENER.value)
    made = [
        accounts.create_user(email=f"{name}@example.org", name=name, password="-", roles=["screener"])
        for name in ("Ana", "Bo", "Chi")
    ]
    db.session.commit()
    return made


def judge(ghana: Expression, by: User, **given: Judgement) -> None:
    """Save what somebody found."""
    judging.judge(ghana, given, screener=by, version=ghana.version)
    db.session.commit()


def settle(ghana: Expression, by: User, judgement: Judgement) -> None:
    """Settle the pledge."""
    judging.settle(ghana, "pledge", judgement, by=by, version=ghana.version)
    db.session.commit()


def found(ghana: Expression) -> dict[str, list[tuple[str, Outcome]]]:
    """Who found what, first and second, by criterion."""
    db.session.expire_all()
    pair = Pair(ghana, ghana.verdicts)
    given = [*pair.verdicts.values(), *pair.opinions.values()]
    names = {user.id: user.name for user in db.session.query(User)}
    return {
        criterion: [(names[each.screener_id], each.outcome) for each in given if each.criterion == criterion]
        for criterion in sorted({each.criterion for each in given})
    }


def test_what_a_second_screener_finds_stands_beside_the_verdict(expression: Make, people: list[User]) -> None:
    ghana, (ana, bo, _chi) = expression(), people

    judge(ghana, ana, pledge=MET)
    judge(ghana, bo, pledge=NOT_MET, commitment=MET)

    assert found(ghana) == {
        "commitment": [("Bo", Outcome.MET)],
        "pledge": [("Ana", Outcome.MET), ("Bo", Outcome.NOT_MET)],
    }
    assert (ghana.criteria_met, ghana.screener_id) == (1, ana.id)


def test_whoever_takes_it_over_may_give_what_the_first_has_not(expression: Make, people: list[User]) -> None:
    ghana, (ana, _bo, chi) = expression(), people
    judge(ghana, ana, pledge=MET)

    judging.take(ghana, screener=chi)
    db.session.commit()
    judge(ghana, chi, commitment=MET)

    assert found(ghana) == {"commitment": [("Chi", Outcome.MET)], "pledge": [("Ana", Outcome.MET)]}
    assert db.session.query(SecondOpinion).all() == []


def test_a_third_screener_replaces_the_opinion_and_not_the_verdict(expression: Make, people: list[User]) -> None:
    ghana, (ana, bo, chi) = expression(), people
    judge(ghana, ana, pledge=MET)
    judge(ghana, bo, pledge=NOT_MET)

    judge(ghana, chi, pledge=NOT_MET)

    assert found(ghana) == {"pledge": [("Ana", Outcome.MET), ("Chi", Outcome.NOT_MET)]}


@pytest.mark.parametrize("who", [0, 1])
def test_what_both_have_judged_neither_changes_alone(expression: Make, people: list[User], who: int) -> None:
    ghana, (ana, bo, _chi) = expression(), people
    judge(ghana, ana, pledge=MET)
    judge(ghana, bo, pledge=NOT_MET)

    with pytest.raises(Refused, match="Settle it with a reason"):
        judge(ghana, people[who], pledge=Judgement(Outcome.NEED_MORE, "On second thoughts."))
    db.session.rollback()
    judge(ghana, people[who], pledge=(MET, NOT_MET)[who], commitment=MET)

    assert found(ghana)["pledge"] == [("Ana", Outcome.MET), ("Bo", Outcome.NOT_MET)]


@pytest.mark.parametrize("who", [0, 1])
def test_either_settles_a_disagreement_and_the_screening_can_be_completed(
    expression: Make, people: list[User], who: int
) -> None:
    ghana, (ana, bo, _chi) = expression(), people
    judge(ghana, ana, **dict.fromkeys(CRITERIA, MET) | {"pledge": NOT_MET})
    judge(ghana, bo, **dict.fromkeys(CRITERIA, MET))
    given_at = ghana.verdicts[1].given_at

    settle(ghana, people[who], Judgement(Outcome.MET, "The target is on page two."))
    advance(ghana, "screen", actor=SCREENER, version=ghana.version)

    verdict, settlement = ghana.verdicts[1], db.session.query(Settlement).one()
    assert (verdict.outcome, verdict.reason, verdict.settled) == (
        Outcome.MET,
        "Only plans.",
        "The target is on page two.",
    )
    assert (verdict.given_at, verdict.screener_id) == (given_at, ana.id)
    assert (settlement.first_outcome, settlement.user_id) == (Outcome.NOT_MET, people[who].id)
    assert ghana.state is State.SCREENED


def test_what_is_settled_can_be_settled_again_by_the_two_alone(expression: Make, people: list[User]) -> None:
    ghana, (ana, bo, chi) = expression(), people
    judge(ghana, ana, pledge=MET)
    judge(ghana, bo, pledge=NOT_MET)
    settle(ghana, bo, MET)

    with pytest.raises(Refused, match="One of the two screeners"):
        settle(ghana, chi, NOT_MET)
    db.session.rollback()
    with pytest.raises(Refused, match="Settle it with a reason"):
        judge(ghana, chi, pledge=NOT_MET)
    db.session.rollback()
    settle(ghana, ana, Judgement(Outcome.NOT_MET, "Read again."))

    assert (ghana.verdicts[0].outcome, ghana.verdicts[0].settled, ghana.criteria_met) == (
        Outcome.NOT_MET,
        "Read again.",
        0,
    )
    assert db.session.query(Settlement).one().first_outcome is Outcome.MET


def test_what_one_alone_has_judged_is_not_settled(expression: Make, people: list[User]) -> None:
    ghana, (ana, *_others) = expression(), people
    judge(ghana, ana, pledge=MET)

    with pytest.raises(Refused, match="nothing to settle"):
        settle(ghana, ana, NOT_MET)


def test_settling_what_has_changed_is_stale(expression: Make, people: list[User]) -> None:
    ghana, (ana, bo, _chi) = expression(), people
    judge(ghana, ana, pledge=MET)
    seen = ghana.version
    judge(ghana, bo, pledge=NOT_MET)

    with pytest.raises(Stale):
        judging.settle(ghana, "pledge", MET, by=ana, version=seen)


def test_a_change_by_the_applicant_voids_both_and_what_was_settled(expression: Make, people: list[User]) -> None:
    ghana, (ana, bo, _chi) = expression(), people
    judge(ghana, ana, pledge=MET, commitment=MET)
    judge(ghana, bo, pledge=NOT_MET, commitment=MET)
    settle(ghana, bo, MET)

    drafting.change(ghana, {"criteria": {"pledge": {**ANSWERS["pledge"], "target": "90 schools"}}})
    db.session.commit()

    void = db.session.query(Revision).one().verdicts
    assert {
        id: [(each["name"], each["outcome"], each["second"]) for each in judged] for id, judged in void.items()
    } == {"pledge": [("Ana", "met", False), ("Bo", "not_met", True)]}
    assert found(ghana) == {"commitment": [("Ana", Outcome.MET), ("Bo", Outcome.MET)]}
    assert (db.session.query(Settlement).all(), ghana.criteria_met) == ([], 1)
