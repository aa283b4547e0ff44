"""How the same organisation was judged elsewhere: the latest five, in one statement, in the criterion it is about."""

from collections.abc import Callable

from flask.testing import FlaskClient

from intake.extensions import db
from intake.models import Call, Expression
from intake.screening.elsewhere import elsewhere
from tests.statements import counted
from workflows.expression import State
from workflows.people import Role

Make = Callable[..., Expression]
NAME = "Ministry of Connectivity of Ghana"


def test_a_criterion_shows_how_it_was_judged_elsewhere(
    expression: Make, sign_in: Callable[[Role], FlaskClient]
) -> None:
    last_year = Call(slug="2025", title="The call of 2025")
    db.session.add(last_year)
    db.session.flush()
    earlier = expression(State.DECLINED, met=True, organisation_name=NAME, call_id=last_year.id)
    earlier.verdicts[0].reason = "Only plans were shown."
    db.session.commit()
    ghana = expression(organisation_name=NAME)
    expression(met=True, organisation_name="Somebody else")

    shown = " ".join(sign_in(Role.SCREENER).get(f"/staff/expressions/{ghana.reference}").text.split())
    section = shown[shown.index('data-criterion="1"') : shown.index('data-criterion="2"')]

    for words in ("Judged elsewhere (1)", earlier.reference, "Only plans were shown.", "The call of 2025", "Declined"):
        assert words in section


def test_drafts_and_criteria_without_a_verdict_are_left_out(expression: Make) -> None:
    expression(State.DRAFT, organisation_name=NAME)
    waiting = expression(State.WITHDRAWN, organisation_name=NAME)
    ghana = expression(organisation_name=NAME)

    assert [(each.reference, each.call, each.verdicts) for each in elsewhere(ghana)] == [(waiting.reference, "", {})]


def test_the_latest_five_cost_one_statement(expression: Make) -> None:
    others = [expression(State.WITHDRAWN, met=True, organisation_name=NAME) for _ in range(7)]
    ghana = expression(organisation_name=NAME)
    assert ghana.organisation_key  # read before counting

    with counted() as statements:
        found = elsewhere(ghana)

    assert [each.reference for each in found] == [each.reference for each in reversed(others[2:])]
    assert [len(each.verdicts) for each in found] == [4] * 5
    assert len(statements) == 1
