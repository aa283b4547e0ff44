"""Who screens what: given by hand, or shared out by load, with conflicts of interest respected."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from intake import assigning, conflicts
from intake.extensions import db
from intake.models import Assignment, ConflictKind, Expression, User
from tests.colleagues import colleague
from tests.screening.visits import forget
from tests.statements import counted
from workflows.expression import State
from workflows.people import Role
from workflows.workflow import Refused

Make = Callable[..., Expression]
Account = Callable[[Role], User]
SignIn = Callable[[Role], FlaskClient]
EMPLOYER = "Accra Telecom"
NOW = datetime.now(UTC)


@pytest.fixture
def anna(app: Flask) -> User:
    """A screener who works for somebody that could apply."""
    return colleague("Anna", Role.SCREENER, organisation=EMPLOYER)


@pytest.fixture
def bela(app: Flask) -> User:
    """Another screener."""
    return colleague("Béla", Role.SCREENER, email="bela@staff.example.org")


@pytest.fixture
def boss(account: Account) -> User:
    """The secretariat."""
    return account(Role.SECRETARIAT)


def planned() -> list[tuple[str, str]]:
    """The plan in names."""
    return [(expression.organisation_name, person.name) for expression, person in assigning.plan().pairs]


def as_sent(plan: assigning.Plan) -> dict[str, int]:
    """The plan as a form sends it."""
    return {expression.reference: person.id for expression, person in plan.pairs}


def holder(expression: Expression) -> int | None:
    """Who screens it, read anew."""
    db.session.rollback()
    db.session.refresh(expression)
    return expression.screener_id


def test_the_oldest_goes_first_to_whoever_holds_least(expression: Make, anna: User, bela: User) -> None:
    expression(screener_id=anna.id)
    for age, name in ((1, "Kenya"), (3, "Ghana"), (2, "Rwanda")):
        expression(organisation_name=name, submitted_at=NOW - timedelta(days=age))

    assert planned() == [("Ghana", "Béla"), ("Rwanda", "Anna"), ("Kenya", "Béla")]


def test_only_what_is_open_and_held_by_nobody_is_shared_out(expression: Make, anna: User) -> None:
    for state in sorted(State):
        expression(state, organisation_name=state.value)
    expression(organisation_name="Held", screener_id=anna.id)

    assert sorted(name for name, _person in planned()) == ["returned", "submitted"]


def test_a_conflict_of_interest_is_respected(expression: Make, anna: User, bela: User) -> None:
    for _ in range(3):
        expression(screener_id=bela.id)
    expression(organisation_name=EMPLOYER)

    assert planned() == [(EMPLOYER, "Béla")]


def test_what_nobody_can_take_is_left_and_named(expression: Make, anna: User) -> None:
    theirs = expression(organisation_name=EMPLOYER)

    plan = assigning.plan()

    assert (plan.pairs, plan.left, plan.unheld) == ((), (theirs,), 1)


def test_the_loads_name_who_does_not_screen_any_more(expression: Make, anna: User, bela: User) -> None:
    expression(screener_id=bela.id, decision_due_on=NOW.date() - timedelta(days=3))
    expression(State.RETURNED, screener_id=bela.id)
    expression(State.DECLINED, screener_id=bela.id)
    bela.active = False
    db.session.commit()

    found = [(load.person.name, load.open, load.overdue, load.returned, load.screens) for load in assigning.loads()]

    assert found == [("Anna", 0, 0, 0, True), ("Béla", 2, 1, 1, False)]


def test_sharing_out_gives_all_of_it_and_keeps_every_version(
    expression: Make, anna: User, bela: User, boss: User
) -> None:
    made = [expression(submitted_at=NOW - timedelta(days=5 - number)) for number in range(4)]
    versions = [each.version for each in made]

    assigning.share(as_sent(assigning.plan()), by=boss)
    db.session.commit()

    assert [holder(each) for each in made] == [anna.id, bela.id, anna.id, bela.id]
    assert [each.version for each in made] == versions
    assert {given.by_name for given in db.session.query(Assignment)} == {"The secretariat"}


def test_when_somebody_took_one_meanwhile_nothing_is_given(
    expression: Make, anna: User, bela: User, boss: User
) -> None:
    ghana, kenya = expression(organisation_name="Ghana"), expression(organisation_name="Kenya")
    plan = as_sent(assigning.plan())
    ghana.screener_id = bela.id
    db.session.commit()

    with pytest.raises(Refused) as refused:
        assigning.share(plan, by=boss)

    assert [str(reason) for reason in refused.value.reasons] == [
        f"Ghana, {ghana.reference}: Béla has become its screener meanwhile."
    ]
    assert (holder(ghana), holder(kenya)) == (bela.id, None)


@pytest.mark.parametrize("what", ["decided", "conflict", "closed", "unknown", "draft"])
def test_a_plan_that_does_not_hold_any_more_gives_nothing(what: str, expression: Make, anna: User, boss: User) -> None:
    ghana = expression()
    plan = as_sent(assigning.plan())
    if what == "decided":
        ghana.state = State.WITHDRAWN
    elif what == "conflict":
        conflicts.declare(ghana, by=anna, kind=ConflictKind.ADVICE, reason="I helped them.")
    elif what == "closed":
        anna.active = False
    else:
        other = expression(State.DRAFT).reference if what == "draft" else "P2C-XXXX-XXXX"
        plan = {other: anna.id, **plan}
    db.session.commit()

    with pytest.raises(Refused) as refused:
        assigning.share(plan, by=boss)

    codes = {"decided": "left_meanwhile", "conflict": "conflict_meanwhile", "closed": "gone_meanwhile"}
    assert [reason.code for reason in refused.value.reasons] == [codes.get(what, "unknown")]
    assert (holder(ghana), db.session.query(Assignment).count()) == (None, 0)


def test_five_hundred_are_shared_out_at_once_and_the_rest_wait(
    expression: Make, anna: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assigning, "MOST", 3)
    for _ in range(5):
        expression()

    plan = assigning.plan()

    assert (len(plan.pairs), plan.unheld) == (3, 5)


def test_a_plan_of_thirty_costs_as_many_statements_as_one_of_one(
    expression: Make, anna: User, bela: User, boss: User
) -> None:
    numbers = []
    for more in (2, 28):
        for _ in range(more):
            expression()
        db.session.expire_all()
        with counted() as statements:
            assigning.share(as_sent(assigning.plan()), by=boss)
        db.session.rollback()
        numbers.append(len(statements))

    assert numbers[0] == numbers[1]
    assert numbers[1] <= 20


def test_the_secretariat_gives_one_to_a_screener_by_hand(expression: Make, anna: User, boss: User) -> None:
    ghana = expression()

    assigning.give(ghana, to=anna, by=boss, held_by=None)
    db.session.commit()

    assert holder(ghana) == anna.id
    given = assigning.last_given(ghana)
    assert given is not None
    assert (given.by_name, given.screener_id, given.told_at) == ("The secretariat", anna.id, None)


def test_a_screener_hands_it_on_or_gives_it_back(expression: Make, anna: User, bela: User) -> None:
    ghana = expression(screener_id=bela.id)

    assigning.give(ghana, to=anna, by=bela, held_by=bela.id)
    db.session.commit()
    assert holder(ghana) == anna.id

    assigning.give(ghana, to=None, by=anna, held_by=anna.id)
    db.session.commit()
    assert (holder(ghana), assigning.last_given(ghana)) == (None, None)


def test_giving_it_to_whom_it_belongs_already_leaves_no_trace(expression: Make, anna: User, boss: User) -> None:
    ghana = expression(screener_id=anna.id)

    assigning.give(ghana, to=anna, by=boss, held_by=anna.id)
    db.session.commit()

    assert (holder(ghana), db.session.query(Assignment).count()) == (anna.id, 0)


@pytest.mark.parametrize(
    ("changes", "held", "code"),
    [
        ({"state": State.SCREENED}, "bela", "not_open"),
        ({}, "nobody", "screener_changed"),
        ({"organisation_name": EMPLOYER}, "bela", "conflict_of_colleague"),
    ],
)
def test_a_screener_is_not_changed_against_the_rules(
    changes: dict[str, object], held: str, code: str, expression: Make, anna: User, bela: User, boss: User
) -> None:
    ghana = expression(screener_id=bela.id, **changes)

    with pytest.raises(Refused) as refused:
        assigning.give(ghana, to=anna, by=boss, held_by=bela.id if held == "bela" else None)

    assert ([reason.code for reason in refused.value.reasons], holder(ghana)) == ([code], bela.id)


def test_nobody_gives_away_what_a_colleague_screens(expression: Make, anna: User, bela: User) -> None:
    ghana = expression(screener_id=bela.id)

    with pytest.raises(Refused) as refused:
        assigning.give(ghana, to=None, by=anna, held_by=bela.id)

    assert ([reason.code for reason in refused.value.reasons], holder(ghana)) == (["not_yours"], bela.id)


def test_who_has_a_conflict_gives_it_back_and_to_nobody_else(expression: Make, anna: User, bela: User) -> None:
    ghana = expression(organisation_name=EMPLOYER, screener_id=anna.id)

    with pytest.raises(Refused) as refused:
        assigning.give(ghana, to=bela, by=anna, held_by=anna.id)
    assert [reason.code for reason in refused.value.reasons] == ["conflict_of_interest"]

    assigning.give(ghana, to=None, by=anna, held_by=anna.id)
    db.session.commit()
    assert holder(ghana) is None


def test_an_account_that_does_not_screen_gets_nothing(expression: Make, boss: User) -> None:
    ghana = expression()

    with pytest.raises(Refused) as refused:
        assigning.give(ghana, to=boss, by=boss, held_by=None)

    assert ([reason.code for reason in refused.value.reasons], holder(ghana)) == (["no_screener"], None)


def test_the_page_of_screeners_counts_and_leads_to_the_plan(
    expression: Make, anna: User, bela: User, sign_in: SignIn
) -> None:
    expression(organisation_name="Ghana")
    expression(organisation_name="Kenya")
    browser = sign_in(Role.SECRETARIAT)

    page = browser.get("/staff/screeners").text
    plan = browser.get("/staff/screeners/share").text

    assert "2 expressions are held by nobody." in page
    assert "Share out the 2 that nobody holds" in page
    assert [name in plan for name in ("Ghana", "Kenya", "Anna", "Béla", "Share out the 2")] == [True] * 5


def test_a_screener_sees_the_loads_and_shares_nothing_out(expression: Make, anna: User, sign_in: SignIn) -> None:
    expression()
    browser = sign_in(Role.SCREENER)

    page = browser.get("/staff/screeners").text

    assert ("1 expression is held by nobody." in page, "Share out" in page) == (True, False)
    assert [browser.get("/staff/screeners/share").status_code, browser.post("/staff/screeners/share").status_code] == [
        403,
        403,
    ]


def test_one_confirmation_shares_out_what_the_page_showed(expression: Make, anna: User, sign_in: SignIn) -> None:
    ghana = expression()

    answer = sign_in(Role.SECRETARIAT).post("/staff/screeners/share", data={"plan": f"{ghana.reference}:{anna.id}"})

    assert (answer.status_code, answer.location, holder(ghana)) == (303, "/staff/screeners", anna.id)


def test_the_page_says_who_was_faster_and_shows_a_new_plan(
    expression: Make, anna: User, bela: User, sign_in: SignIn
) -> None:
    ghana, kenya = expression(organisation_name="Ghana", screener_id=bela.id), expression(organisation_name="Kenya")
    plan = " ".join(f"{each.reference}:{anna.id}" for each in (ghana, kenya))

    answer = sign_in(Role.SECRETARIAT).post("/staff/screeners/share", data={"plan": plan})

    assert answer.status_code == 409
    assert f"Ghana, {ghana.reference}: Béla has become its screener meanwhile." in answer.text
    assert f'value="{kenya.reference}:{anna.id}"' in answer.text
    assert (holder(ghana), holder(kenya)) == (bela.id, None)


@pytest.mark.parametrize("plan", ["", "x", "P2C-XXXX-XXXX", "P2C-XXXX-XXXX:1 P2C-XXXX-XXXX:2", "P2C-XXXX-XXXX:1;"])
def test_a_plan_that_is_none_is_refused_and_replaced(plan: str, expression: Make, anna: User, sign_in: SignIn) -> None:
    ghana = expression()

    answer = sign_in(Role.SECRETARIAT).post("/staff/screeners/share", data={"plan": plan})

    assert (answer.status_code, "The plan could not be read." in answer.text, holder(ghana)) == (422, True, None)


def test_giving_by_hand_on_the_page_of_the_expression(
    expression: Make, anna: User, sign_in: SignIn, account: Account
) -> None:
    ghana = expression()
    browser = sign_in(Role.SECRETARIAT)

    answer = browser.post(
        f"/staff/expressions/{ghana.reference}/screener",
        data={"screener-screener": str(anna.id), "screener-held": "0"},
    )
    page = " ".join(browser.get(answer.location).text.split())

    assert (answer.status_code, holder(ghana)) == (303, anna.id)
    assert "Anna screens it now and is told in the daily letter." in page
    assert "given by The secretariat on" in page


@pytest.mark.parametrize("typed", ["", "7777", "x"])
def test_an_unknown_screener_is_refused_on_a_page_with_the_form(
    typed: str, expression: Make, anna: User, sign_in: SignIn
) -> None:
    ghana = expression()

    answer = sign_in(Role.SECRETARIAT).post(
        f"/staff/expressions/{ghana.reference}/screener", data={"screener-screener": typed, "screener-held": "0"}
    )

    assert (answer.status_code, "There is a problem" in answer.text, holder(ghana)) == (422, True, None)


def test_the_form_is_offered_to_those_alone_who_may_give_it(
    expression: Make, sign_in: SignIn, account: Account
) -> None:
    own, other = (
        f"/staff/expressions/{each.reference}"
        for each in (expression(screener_id=account(Role.SCREENER).id), expression())
    )
    browser = sign_in(Role.SCREENER)

    shown = ["Give it to somebody" in browser.get(address).text for address in (own, other)]
    browser.post("/staff/logout")
    forget()
    shown.append("Give it to somebody" in sign_in(Role.ADMINISTRATOR).get(own).text)

    assert shown == [True, False, False]
