"""Words on a sheet that are not saved as verdicts: kept for whoever typed them, shown again, and discarded at will."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from intake.extensions import accounts, db
from intake.models import Conflict, ConflictKind, Expression, SheetDraft, User
from workflows.expression import State
from workflows.people import Role

Make = Callable[..., Expression]
SignIn = Callable[[Role], FlaskClient]
Account = Callable[[Role], User]
NOTICE = "You have words that are not saved as verdicts yet"


def send(browser: FlaskClient, subject: Expression, path: str = "/draft", **fields: str) -> Any:
    """Send words of the sheet; underscores of the names stand for hyphens."""
    data = {"version": str(subject.version)} | {name.replace("_", "-"): text for name, text in fields.items()}
    return browser.post(f"/staff/expressions/{subject.reference}/verdicts{path}", data=data)


def kept() -> list[dict[str, Any]]:
    """What all drafts hold."""
    return list(db.session.scalars(select(SheetDraft.typed)))


def test_words_that_are_typed_stand_on_the_page_again(expression: Make, sign_in: SignIn) -> None:
    ghana, browser = expression(), sign_in(Role.SCREENER)

    answer = send(browser, ghana, pledge_reason="A target, but", commitment_outcome="met")
    page = browser.get(f"/staff/expressions/{ghana.reference}").text

    assert (answer.status_code, answer.data) == (204, b"")
    assert kept() == [{"commitment": {"outcome": "met"}, "pledge": {"reason": "A target, but"}}]
    assert (NOTICE in page, "A target, but</textarea>" in page) == (True, True)
    assert db.session.get_one(Expression, ghana.id).version == 1


def test_what_says_the_same_as_the_verdicts_is_no_draft(expression: Make, sign_in: SignIn) -> None:
    ghana, browser = expression(), sign_in(Role.SCREENER)
    send(browser, ghana, "", pledge_outcome="met", pledge_reason="Clear.")
    send(browser, ghana, pledge_outcome="met", pledge_reason="Clear, but")
    changed = kept()

    send(browser, ghana, pledge_outcome="met", pledge_reason="Clear.")

    assert changed == [{"pledge": {"outcome": "met", "reason": "Clear, but"}}]
    assert kept() == []


def test_saving_the_verdicts_clears_the_draft(expression: Make, sign_in: SignIn) -> None:
    ghana, browser = expression(), sign_in(Role.SCREENER)
    send(browser, ghana, pledge_reason="Clear.")

    answer = send(browser, ghana, "", pledge_outcome="met", pledge_reason="Clear.")

    assert (answer.status_code, kept()) == (303, [])
    assert NOTICE not in browser.get(answer.location).text


def test_incomplete_verdicts_are_kept_without_javascript_too(expression: Make, sign_in: SignIn) -> None:
    ghana, browser = expression(), sign_in(Role.SCREENER)

    answer = send(browser, ghana, "", pledge_reason="No outcome yet.", commitment_outcome="met")

    assert (answer.status_code, NOTICE in answer.text) == (422, True)
    assert kept() == [{"commitment": {"outcome": "met"}, "pledge": {"reason": "No outcome yet."}}]
    assert "No outcome yet.</textarea>" in browser.get(f"/staff/expressions/{ghana.reference}").text


def test_verdicts_on_a_sheet_that_has_changed_are_kept_as_a_draft(expression: Make, sign_in: SignIn) -> None:
    ghana, browser = expression(), sign_in(Role.SCREENER)

    answer = browser.post(
        f"/staff/expressions/{ghana.reference}/verdicts",
        data={"version": 7, "pledge-outcome": "met", "pledge-reason": "Clear."},
    )

    assert (answer.status_code, kept()) == (409, [{"pledge": {"outcome": "met", "reason": "Clear."}}])


def test_a_draft_is_discarded_and_the_verdicts_stay(expression: Make, sign_in: SignIn) -> None:
    ghana, browser = expression(met=True), sign_in(Role.SCREENER)
    send(browser, ghana, pledge_reason="Hm.")

    answer = send(browser, ghana, "/draft/discard")
    page = browser.get(answer.location).text

    assert (answer.status_code, kept()) == (303, [])
    assert (NOTICE in page, page.count("Shown in the statement.</textarea>")) == (False, 4)


def test_a_colleagues_draft_is_never_shown(expression: Make, sign_in: SignIn) -> None:
    ghana, browser = expression(), sign_in(Role.SCREENER)
    other = accounts.create_user(email="other@example.org", password="-", roles=[])
    db.session.flush()
    db.session.add(SheetDraft(expression_id=ghana.id, user_id=other.id, typed={"pledge": {"reason": "Between us."}}))
    db.session.commit()

    page = browser.get(f"/staff/expressions/{ghana.reference}").text
    send(browser, ghana, "/draft/discard")

    assert (NOTICE in page, "Between us." in page) == (False, False)
    assert kept() == [{"pledge": {"reason": "Between us."}}]


@pytest.mark.parametrize(
    "fields",
    [{"pledge_reason": "x" * 1001}, {"pledge_reason": "a\x00b"}, {"pledge_outcome": "perhaps"}],
    ids=["too long", "invisible", "not offered"],
)
def test_what_no_verdict_may_hold_is_no_draft_either(fields: dict[str, str], expression: Make, sign_in: SignIn) -> None:
    ghana = expression()

    answer = send(sign_in(Role.SCREENER), ghana, **fields)

    assert (answer.status_code, kept()) == (422, [])


def test_words_for_other_criteria_are_left_out(expression: Make, sign_in: SignIn) -> None:
    ghana = expression()

    answer = send(sign_in(Role.SCREENER), ghana, charm_reason="?", pledge_reason="Fine.")

    assert (answer.status_code, kept()) == (204, [{"pledge": {"reason": "Fine."}}])


def test_a_decided_sheet_takes_no_words_and_shows_those_it_had(expression: Make, sign_in: SignIn) -> None:
    ghana, browser = expression(), sign_in(Role.SCREENER)
    send(browser, ghana, pledge_reason="I was about to say")
    ghana = db.session.get_one(Expression, ghana.id)
    ghana.state = State.WITHDRAWN
    db.session.commit()

    answer = send(browser, ghana, pledge_reason="More.")
    page = browser.get(f"/staff/expressions/{ghana.reference}").text

    assert answer.status_code == 409
    assert ("What you had written" in page, "I was about to say" in page, "data-draft" in page) == (True, True, False)


def test_who_has_a_conflict_of_interest_keeps_no_words(expression: Make, sign_in: SignIn, account: Account) -> None:
    ghana = expression()
    row = Conflict(expression_id=ghana.id, user_id=account(Role.SCREENER).id, kind=ConflictKind.OTHER, reason="-")
    row.declared_at = datetime.now(UTC)
    db.session.add(row)
    db.session.commit()

    answers = [send(sign_in(Role.SCREENER), ghana, path, pledge_reason="x") for path in ("/draft", "", "/take-over")]

    assert ([answer.status_code for answer in answers], kept()) == ([409, 422, 409], [])
