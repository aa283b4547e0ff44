"""Conflicts of interest: when one holds, how it is declared and lifted, and what it stops."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from intake import conflicts, judging
from intake.advance import advance
from intake.extensions import db
from intake.judging import Judgement
from intake.models import Conflict, ConflictKind, Expression, Outcome, SecondOpinion, Settlement, User, now
from tests.making import ANSWERS
from tests.statements import counted
from workflows.expression import State
from workflows.people import Role
from workflows.workflow import Refused

Make = Callable[..., Expression]
Account = Callable[[Role], User]
ADVICE = ConflictKind.ADVICE
ADVISED = "you declared advice to the applicant, or help with this expression"


@pytest.fixture
def screener(account: Account) -> User:
    """A screener whose address is of a ministry and whose account names an employer."""
    user = account(Role.SCREENER)
    user.email, user.organisation = "reader@mail.ministry.gov.xx", "The Blue Consultancy Ltd."
    db.session.commit()
    return user


def words(expression: Expression, user: User) -> str | None:
    """What ties a person to an applicant."""
    found = conflicts.conflict_of(expression, user)
    return found.words if found else None


def test_nobody_has_a_conflict_of_interest_with_a_stranger(expression: Make, screener: User) -> None:
    assert words(expression(), screener) is None


@pytest.mark.parametrize(
    ("where", "address"),
    [
        ("contact_email", "officer@ministry.gov.xx"),
        ("second_email", "officer@mail.ministry.gov.xx"),
        ("website", "https://www.ministry.gov.xx/connect"),
    ],
)
def test_a_common_domain_is_a_conflict_of_interest(expression: Make, screener: User, where: str, address: str) -> None:
    found = words(expression(**{where: address}), screener)

    common = "mail.ministry.gov.xx" if "mail." in address else "ministry.gov.xx"
    assert found == f"your address and one of the applicant's are both at {common}"


def test_the_address_of_the_nominee_counts_too(expression: Make, screener: User) -> None:
    answers = {**ANSWERS, "engagement": {**ANSWERS["engagement"], "nominee_email": "head@ministry.gov.xx"}}

    assert words(expression(criteria=answers), screener) == (
        "your address and one of the applicant's are both at ministry.gov.xx"
    )


@pytest.mark.parametrize("address", ["officer@health.gov.xx", "officer@gmail.com", "officer@example.org"])
def test_what_many_share_is_none(expression: Make, screener: User, address: str) -> None:
    screener.email = f"reader@{address.partition('@')[2].replace('health.', '')}"
    db.session.commit()

    assert words(expression(contact_email=address), screener) is None


def test_the_organisation_of_the_account_counts_however_it_is_written(expression: Make, screener: User) -> None:
    ours = expression(organisation_name="Blue Consultancy")

    assert words(ours, screener) == "the account says that you work for The Blue Consultancy Ltd."


def test_an_account_without_an_organisation_works_for_nobody(expression: Make, account: Account) -> None:
    assert words(expression(organisation_name="", organisation_key=""), account(Role.SECRETARIAT)) is None


def test_a_declared_conflict_holds_until_it_is_lifted(expression: Make, screener: User, account: Account) -> None:
    ghana, other = expression(), expression()
    conflicts.declare(ghana, by=screener, kind=ADVICE, reason="I wrote a part.")
    db.session.commit()
    row = db.session.scalars(select(Conflict)).one()
    before = words(ghana, screener), words(other, screener), words(ghana, account(Role.SECRETARIAT))

    conflicts.lift(row, by=account(Role.SECRETARIAT), reason="Mixed up with another.")
    db.session.commit()

    assert before == (ADVISED, None, None)
    assert words(ghana, screener) is None
    assert (row.kind, row.reason, row.lifted_by_id, row.lift_reason) == (
        ADVICE, "I wrote a part.", account(Role.SECRETARIAT).id, "Mixed up with another.",
    )  # fmt: skip
    assert row.lifted_at is not None
    assert now() - row.lifted_at < timedelta(minutes=1)


def test_after_a_lift_one_can_declare_again(expression: Make, screener: User, account: Account) -> None:
    ghana = expression()
    conflicts.declare(ghana, by=screener, kind=ADVICE, reason="I wrote a part.")
    conflicts.lift(db.session.scalars(select(Conflict)).one(), by=account(Role.SECRETARIAT), reason="An error.")

    conflicts.declare(ghana, by=screener, kind=ConflictKind.PERSONAL, reason="A cousin.")
    db.session.commit()

    assert [(row.reason, row.lift_reason) for row in conflicts.of_expression(ghana)] == [
        ("A cousin.", ""), ("I wrote a part.", "An error."),
    ]  # fmt: skip


@pytest.mark.parametrize(("reason", "said"), [(" ", "Give a reason"), ("Again.", "declared a conflict")])
def test_a_declaration_needs_a_reason_and_is_made_once(
    expression: Make, screener: User, reason: str, said: str
) -> None:
    ghana = expression()
    conflicts.declare(ghana, by=screener, kind=ADVICE, reason="I wrote a part.")
    db.session.commit()

    with pytest.raises(Refused, match=said):
        conflicts.declare(ghana, by=screener, kind=ADVICE, reason=reason)


def test_nobody_lifts_their_own_conflict_nor_without_a_reason_nor_twice(
    expression: Make, screener: User, account: Account
) -> None:
    conflicts.declare(expression(), by=screener, kind=ADVICE, reason="I wrote a part.")
    db.session.commit()
    row, secretariat = db.session.scalars(select(Conflict)).one(), account(Role.SECRETARIAT)

    with pytest.raises(Refused, match="Nobody lifts a conflict of interest of their own"):
        conflicts.lift(row, by=screener, reason="It is over.")
    with pytest.raises(Refused, match="Give a reason"):
        conflicts.lift(row, by=secretariat, reason=" ")
    conflicts.lift(row, by=secretariat, reason="It is over.")
    db.session.commit()
    with pytest.raises(Refused, match="has been lifted already"):
        conflicts.lift(row, by=secretariat, reason="Once more.")


def test_who_declares_a_conflict_is_no_longer_the_screener(expression: Make, screener: User, account: Account) -> None:
    ours, colleagues = expression(screener_id=screener.id), expression(screener_id=account(Role.SECRETARIAT).id)

    dropped = [conflicts.declare(each, by=screener, kind=ADVICE, reason="Advised.") for each in (ours, colleagues)]
    db.session.commit()

    assert dropped == [True, False]
    assert (ours.screener_id, colleagues.screener_id) == (None, account(Role.SECRETARIAT).id)


def test_what_whoever_declares_a_conflict_had_found_no_longer_counts(
    expression: Make, screener: User, account: Account
) -> None:
    ghana = expression(met=True)
    for verdict in ghana.verdicts:
        verdict.screener_id = account(Role.SECRETARIAT).id
    ghana.verdicts[1].screener_id = screener.id
    db.session.commit()

    conflicts.declare(ghana, by=screener, kind=ADVICE, reason="Advised.")
    db.session.commit()

    assert [verdict.criterion for verdict in ghana.verdicts] == ["commitment", "participation", "engagement"]
    assert ghana.criteria_met == 3
    assert conflicts.of_expression(ghana)[0].taken_back == [
        {"criterion": "pledge", "outcome": "met", "reason": "Shown in the statement."}
    ]


def test_what_was_settled_with_whoever_declares_a_conflict_is_open_again(
    expression: Make, screener: User, account: Account
) -> None:
    ghana, first = expression(met=True), account(Role.SECRETARIAT)
    ghana.verdicts[0].screener_id, ghana.verdicts[1].screener_id = screener.id, first.id
    ghana.verdicts[1].settled = "The second is right."
    told = {"expression_id": ghana.id, "reason": "Read again.", "outcome": Outcome.MET}
    db.session.add(SecondOpinion(criterion="commitment", screener_id=first.id, **told))
    db.session.add(SecondOpinion(criterion="pledge", screener_id=screener.id, **told))
    for criterion in ("commitment", "pledge"):
        db.session.add(Settlement(expression_id=ghana.id, criterion=criterion, first_outcome=Outcome.NEED_MORE))
    db.session.commit()

    conflicts.declare(ghana, by=screener, kind=ADVICE, reason="Advised.")
    db.session.commit()

    pledge = ghana.verdicts[0]
    assert (pledge.criterion, pledge.outcome, pledge.settled) == ("pledge", Outcome.NEED_MORE, "")
    assert [opinion.criterion for opinion in db.session.scalars(select(SecondOpinion))] == ["commitment"]
    assert db.session.scalars(select(Settlement)).all() == []
    assert ghana.criteria_met == 2
    assert [each["criterion"] for each in conflicts.of_expression(ghana)[0].taken_back] == ["commitment", "pledge"]


def test_a_completed_screening_keeps_its_verdicts(expression: Make, screener: User) -> None:
    ghana = expression(State.SCREENED)
    for verdict in ghana.verdicts:
        verdict.screener_id = screener.id
    db.session.commit()

    conflicts.declare(ghana, by=screener, kind=ADVICE, reason="Advised.")
    db.session.commit()

    assert (len(ghana.verdicts), conflicts.of_expression(ghana)[0].taken_back) == (4, [])


def test_a_conflicted_screener_neither_judges_nor_takes_the_expression(expression: Make, screener: User) -> None:
    ghana = expression(contact_email="officer@ministry.gov.xx")

    with pytest.raises(Refused, match="You have a conflict of interest with this applicant") as judging_refused:
        judging.judge(ghana, {"pledge": Judgement(Outcome.MET, "Shown.")}, screener=screener, version=ghana.version)
    with pytest.raises(Refused) as taking_refused:
        judging.take(ghana, screener=screener)
    db.session.rollback()

    assert judging_refused.value.reasons == taking_refused.value.reasons
    assert (ghana.verdicts, ghana.screener_id) == ([], None)


def test_the_conflicts_of_many_cost_one_statement(expression: Make, screener: User, account: Account) -> None:
    declared, seen, none = expression(), expression(organisation_name="Blue Consultancy"), expression()
    conflicts.declare(declared, by=screener, kind=ADVICE, reason="I wrote a part.")
    db.session.commit()
    many, people = [declared, seen, none], [screener, account(Role.SECRETARIAT)]
    loaded = [each.id for each in (*many, *people)]

    with counted() as statements:
        found = conflicts.among(many, people)

    assert {key: each.words for key, each in found.items()} == {
        (declared.id, screener.id): ADVISED,
        (seen.id, screener.id): "the account says that you work for The Blue Consultancy Ltd.",
    }
    assert (len(loaded), len(statements)) == (5, 1)


def test_a_step_asks_for_conflicts_once(expression: Make, screener: User) -> None:
    ghana = expression(State.SUBMITTED, met=True)
    actor = screener.actor

    with counted() as statements:
        advance(ghana, "screen", actor=actor, version=ghana.version)

    assert (ghana.state, sum("FROM conflicts" in each for each in statements)) == (State.SCREENED, 1)


def test_a_corrected_category_is_told_with_what_it_was_and_why(expression: Make, screener: User) -> None:
    ghana = expression(State.ASSIGNED)

    entry = advance(
        ghana, "correct_category", actor=screener.actor, version=ghana.version,
        category="academia", sub_type="university", reason="A university applied.",
    )  # fmt: skip

    assert (ghana.state, ghana.category, ghana.sub_type) == (State.ASSIGNED, "academia", "university")
    assert (entry.before["category"], entry.before["sub_type"]) == ("member_states", "ministry")
    for letter in ghana.letters:
        assert "Until now: Member States: Ministry\nFrom now on: Academia: University" in letter.body
        assert "eason: A university applied." in letter.body
    advance(ghana, "undo", actor=screener.actor, version=ghana.version)
    assert (ghana.category, ghana.sub_type) == ("member_states", "ministry")
    assert {(letter.audience, letter.status) for letter in ghana.letters} == {
        ("applicant", "cancelled"), ("secretariat", "cancelled"),
    }  # fmt: skip
