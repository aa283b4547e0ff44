"""The page of one expression: what it shows, verdicts with their freezing, and words that must not become HTML."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from intake.advance import advance
from intake.extensions import db
from intake.models import Expression, Note, Outcome, Revision, SheetDraft, Verdict
from tests.making import ANSWERS, CRITERIA, SECRETARIAT
from tests.screening.visits import forget, send
from tests.statements import counted
from workflows.expression import State
from workflows.people import Role

Make = Callable[..., Expression]
SignIn = Callable[[Role], FlaskClient]
EVIL = "<script>alert('x')</script> %(name)s {{ 7*7 }}"


def judge(browser: FlaskClient, subject: Expression, version: int | None = None, **fields: str) -> Any:
    """Send the form of the verdicts; underscores of the names stand for hyphens."""
    data = {name.replace("_", "-"): value for name, value in fields.items()}
    address = f"/staff/expressions/{subject.reference}/verdicts"
    return browser.post(address, data={"version": version or subject.version, **data})


def stored(subject: Expression) -> dict[str, tuple[str, str]]:
    """The verdicts by criterion."""
    db.session.refresh(subject)
    return {verdict.criterion: (verdict.outcome, verdict.reason) for verdict in subject.verdicts}


def test_verdicts_that_are_given_are_stored_and_the_others_wait(expression: Make, sign_in: SignIn) -> None:
    ghana = expression(State.SUBMITTED)
    browser = sign_in(Role.SCREENER)

    answer = judge(browser, ghana, pledge_outcome="met", pledge_reason="A target with a year.")

    assert (answer.status_code, answer.location) == (303, f"/staff/expressions/{ghana.reference}")
    assert stored(ghana) == {"pledge": (Outcome.MET, "A target with a year.")}
    assert (ghana.criteria_met, ghana.screener_id) == (1, ghana.verdicts[0].screener_id)
    assert "A target with a year.</textarea>" in browser.get(answer.location).text


def test_four_met_verdicts_open_the_next_step(expression: Make, sign_in: SignIn) -> None:
    ghana = expression(State.SUBMITTED)
    browser = sign_in(Role.SCREENER)
    fields = {f"{id}_outcome": "met" for id in CRITERIA} | {f"{id}_reason": "Shown." for id in CRITERIA}
    judge(browser, ghana, **fields)
    db.session.refresh(ghana)

    answer = send(browser, ghana, "screen")

    db.session.refresh(ghana)
    assert (answer.status_code, ghana.state) == (303, State.SCREENED)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"pledge_outcome": "met"}, "Readiness to pledge: give a reason for this verdict."),
        ({"pledge_reason": "Fine."}, "Readiness to pledge: choose what you found, or empty the reason."),
        ({}, "Give a verdict on at least one criterion."),
        ({"pledge_outcome": "perhaps", "pledge_reason": "Fine."}, "choose one of the answers offered."),
        ({"pledge_outcome": "met", "pledge_reason": "a\x00b"}, "invisible control character"),
    ],
)
def test_a_verdict_needs_an_outcome_and_a_reason(
    fields: dict[str, str], said: str, expression: Make, sign_in: SignIn
) -> None:
    ghana = expression(State.SUBMITTED)

    answer = judge(sign_in(Role.SCREENER), ghana, **fields)

    assert (answer.status_code, said in answer.text, stored(ghana)) == (422, True, {})


def test_a_criterion_of_another_programme_is_not_stored(expression: Make, sign_in: SignIn) -> None:
    ghana = expression(State.SUBMITTED)

    answer = judge(sign_in(Role.SCREENER), ghana, other_outcome="met", other_reason="?")

    assert (answer.status_code, stored(ghana)) == (422, {})


def test_a_completed_screening_is_frozen_and_shown(expression: Make, sign_in: SignIn) -> None:
    ghana = expression(State.SCREENED)
    browser = sign_in(Role.SCREENER)

    page = browser.get(f"/staff/expressions/{ghana.reference}").text
    answer = judge(browser, ghana, pledge_outcome="not_met", pledge_reason="On second thoughts.")

    assert ("Save the verdicts" in page, page.count("Shown in the statement.")) == (False, 4)
    assert answer.status_code == 409
    assert "The screening is complete or interrupted" in answer.text
    assert "On second thoughts." in answer.text
    assert stored(ghana)["pledge"] == (Outcome.MET, "Shown in the statement.")


def test_the_second_screener_is_told_and_keeps_the_words(expression: Make, sign_in: SignIn) -> None:
    ghana = expression(State.SUBMITTED)
    seen = ghana.version
    browser = sign_in(Role.SCREENER)
    judge(browser, ghana, seen, pledge_outcome="met", pledge_reason="Mine was first.")

    answer = judge(browser, ghana, seen, pledge_outcome="not_met", pledge_reason="Mine was second.")

    assert answer.status_code == 409
    assert "The answers or the verdicts were changed since you opened the page." in answer.text
    assert "Mine was second.</textarea>" in answer.text
    assert stored(ghana) == {"pledge": (Outcome.MET, "Mine was first.")}
    assert f'value="{ghana.version}"' in answer.text


def test_taking_it_makes_me_the_screener(expression: Make, sign_in: SignIn, account: Callable[[Role], Any]) -> None:
    ghana = expression(State.RETURNED)

    answer = sign_in(Role.SCREENER).post(f"/staff/expressions/{ghana.reference}/take")

    db.session.refresh(ghana)
    assert (answer.status_code, ghana.screener_id) == (303, account(Role.SCREENER).id)


def test_nobody_takes_what_is_decided(expression: Make, sign_in: SignIn) -> None:
    ghana = expression(State.ASSIGNED)
    browser = sign_in(Role.SCREENER)

    answer = browser.post(f"/staff/expressions/{ghana.reference}/take")

    db.session.refresh(ghana)
    assert (answer.status_code, ghana.screener_id) == (409, None)
    assert "Take it" not in browser.get(f"/staff/expressions/{ghana.reference}").text


def test_an_administrator_reads_and_has_no_step(expression: Make, sign_in: SignIn) -> None:
    ghana = expression(State.SUBMITTED, met=True)

    page = sign_in(Role.ADMINISTRATOR).get(f"/staff/expressions/{ghana.reference}").text

    assert "Nothing: no step from this state belongs to your role." in page
    assert "Save the verdicts" not in page


def test_the_answers_are_shown_in_words(expression: Make, sign_in: SignIn) -> None:
    pledge = {
        "statement": "We intend to connect more.",
        "pledge_type": "financial",
        "target": "100 schools",
        "target_date": "2027-06-30",
        "value": "2500000",
        "currency": "CHF",
        "countries": ["RWA"],
        "public": "no",
    }
    ghana = expression(State.SUBMITTED, criteria={**ANSWERS, "pledge": pledge}, second_email="second@example.org")

    page = " ".join(sign_in(Role.SECRETARIAT).get(f"/staff/expressions/{ghana.reference}").text.split())

    shown = ["Financial", "30 June 2027", "CHF 2,500,000", "Rwanda (LDC and LLDC)", "second@example.org"]
    more = ["1. ACCESS", "4. Quality Education", "The Minister, Minister of Connectivity", "in person", "Past work"]
    assert [words for words in shown + more if words not in page] == []


@pytest.mark.parametrize("path", ["", "/decline", "/request_information"])
def test_words_of_applicants_and_screeners_never_become_html(path: str, expression: Make, sign_in: SignIn) -> None:
    criteria = {id: {**ANSWERS[id], "statement": EVIL, "target": EVIL, "link": EVIL} for id in CRITERIA}
    texts = dict.fromkeys(("organisation_name", "contact_name", "delegate_name", "communities", "website"), EVIL)
    ghana = expression(State.SUBMITTED, criteria=criteria, **texts)
    ghana.verdicts = [Verdict(criterion="pledge", outcome=Outcome.NEED_MORE, reason=EVIL)]
    db.session.commit()
    browser = sign_in(Role.SCREENER)

    pages = [browser.get(f"/staff/expressions/{ghana.reference}{path}").text, browser.get("/staff/queue").text]

    assert [page for page in pages if "<script>" in page] == []
    assert all("&lt;script&gt;" in page and "{{ 7*7 }}" in page for page in pages)


def test_a_flash_with_a_name_is_escaped(expression: Make, sign_in: SignIn) -> None:
    ghana = expression(State.SUBMITTED, met=True, organisation_name=EVIL)
    browser = sign_in(Role.SCREENER)

    answer = send(browser, ghana, "screen")
    page = browser.get(answer.location).text

    assert ("Screened: &lt;script&gt;" in page, "<script>" in page) == (True, False)


@pytest.mark.parametrize("address", ["/staff/", "/staff/queue?state=all", "/staff/composition", "/staff/outbox"])
def test_a_list_of_thirty_costs_as_many_statements_as_one_of_one(
    address: str, expression: Make, sign_in: SignIn, account: Callable[[Role], Any]
) -> None:
    browser, numbers = sign_in(Role.SECRETARIAT), []
    screener = account(Role.SCREENER).id
    for more in (1, 29):
        for _ in range(more):
            ghana = expression(State.SCREENED, screener_id=screener)
            advance(ghana, "assign", actor=SECRETARIAT, version=ghana.version, focus_area="access")
        forget()
        with counted() as statements:
            assert browser.get(address).status_code == 200
        numbers.append(len(statements))

    assert numbers[0] == numbers[1]
    assert numbers[1] <= 8


def test_an_expression_with_a_long_history_costs_no_more(expression: Make, sign_in: SignIn) -> None:
    ghana = expression(State.ASSIGNED)
    browser = sign_in(Role.SECRETARIAT)
    address, numbers = f"/staff/expressions/{ghana.reference}", []
    browser.get(address)  # the first visit in a minute is noted
    for area in ("adoption", "access", "adoption", "access"):
        ghana = db.session.scalars(select(Expression)).one()
        advance(ghana, "reassign", actor=SECRETARIAT, version=ghana.version, focus_area=area, reason="Balance.")
        forget()
        with counted() as statements:
            assert browser.get(address).status_code == 200
        numbers.append(len(statements))

    assert len(set(numbers)) == 1
    assert numbers[0] <= 22


@pytest.mark.parametrize("role", [Role.SCREENER, Role.SECRETARIAT])
def test_a_sheet_with_thirty_rows_of_each_kind_costs_no_more(
    role: Role, expression: Make, sign_in: SignIn, account: Callable[[Role], Any]
) -> None:
    ghana = expression(met=True, organisation_name="Ministry of Many Calls")
    browser, me, numbers = sign_in(role), account(role).id, []
    db.session.add(SheetDraft(expression_id=ghana.id, user_id=me, typed={"pledge": {"reason": "Hm."}}))
    address = f"/staff/expressions/{ghana.reference}"
    browser.get(address)  # the first visit in a minute is noted
    for more in (1, 29):
        for number in range(more):
            ghana = db.session.scalars(select(Expression).where(Expression.reference == address[-13:])).one()
            before = {"communities": f"Islands {number}", "criteria": {"pledge": {"statement": "Once."}}}
            db.session.add(Revision(expression_id=ghana.id, before=before, verdicts={}))
            db.session.add(Note(expression_id=ghana.id, author_name="A colleague", text="Seen."))
            db.session.commit()
            expression(State.WITHDRAWN, met=True, organisation_name="Ministry of Many Calls")
        forget()
        with counted() as statements:
            assert browser.get(address).status_code == 200
        numbers.append(len(statements))

    assert numbers[0] == numbers[1]
    assert numbers[1] <= 21
