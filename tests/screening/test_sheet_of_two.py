"""The sheet where the programme asks for two screeners: what is hidden from whom, and settling on the page."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from intake import judging
from intake.extensions import accounts, db
from intake.judging import Judgement
from intake.models import Expression, Outcome, SecondOpinion, SheetDraft, User
from tests.screening.visits import forget
from workflows.people import Role

Make = Callable[..., Expression]
FIRST = "First screener"
HIDDEN = "What they found is hidden until you have judged it yourself."


@pytest.fixture(autouse=True)
def two_screeners(app: Flask) -> Iterator[None]:
    """The programme asks for a second screener."""
    programme = app.extensions["programme"]
    app.extensions["programme"] = replace(programme, call=replace(programme.call, two_screeners=True))
    yield
    app.extensions["programme"] = programme


@pytest.fixture
def ana(app: Flask) -> User:
    """A colleague who screens."""
    accounts.find_or_create_role(Role.SCREENER.value)
    made = accounts.create_user(email="ana@example.org", name="Ana", password="-", roles=["screener"])
    db.session.commit()
    return made


@pytest.fixture
def ghana(expression: Make, ana: User) -> str:
    """An expression of which the colleague has judged one criterion; its reference."""
    made = expression()
    judging.judge(made, {"pledge": Judgement(Outcome.NOT_MET, "Ana saw no target.")}, screener=ana, version=1)
    db.session.commit()
    return made.reference


@pytest.fixture
def browser(sign_in: Callable[[Role], FlaskClient]) -> FlaskClient:
    """Whoever comes second."""
    return sign_in(Role.SCREENER)


def page(browser: FlaskClient, reference: str) -> str:
    """The page in one line."""
    forget()
    return " ".join(browser.get(f"/staff/expressions/{reference}").text.split())


def post(browser: FlaskClient, reference: str, path: str = "", version: int = 0, **fields: str) -> Any:
    """Send the sheet as it is now."""
    forget()
    now = db.session.query(Expression).filter_by(reference=reference).one().version
    data = {"version": str(version or now)} | {name.replace("_", "-"): text for name, text in fields.items()}
    forget()
    return browser.post(f"/staff/expressions/{reference}/verdicts{path}", data=data)


def test_the_second_judges_without_knowing_what_the_first_found(browser: FlaskClient, ghana: str) -> None:
    before = page(browser, ghana)
    answer = post(browser, ghana, pledge_outcome="met", pledge_reason="Page two has one.")
    after = page(browser, ghana)

    assert ("You are the second screener" in before, HIDDEN in before) == (True, True)
    assert [words for words in ("Ana saw", "Not met</span>", FIRST, "Readiness to pledge;") if words in before] == []
    assert answer.status_code == 303
    shown = ("Ana saw no target.", "Page two has one.", FIRST, "Second screener", "Disagreement", "Ana")
    assert [words for words in shown if words not in after] == []
    assert HIDDEN not in after


def test_agreement_is_shown_and_nothing_is_to_be_settled(browser: FlaskClient, ghana: str) -> None:
    post(browser, ghana, pledge_outcome="not_met", pledge_reason="Nor do I.")

    after = page(browser, ghana)

    assert ("Agreement</span>" in after, "Disagreement" in after, "Change what both found" in after) == (
        True,
        False,
        True,
    )


def test_a_disagreement_is_settled_on_the_page_and_other_words_stay_typed(
    browser: FlaskClient, ghana: str, account: Callable[[Role], User]
) -> None:
    post(browser, ghana, pledge_outcome="met", pledge_reason="Page two has one.")
    settled = {"settle_pledge_outcome": "met", "settle_pledge_reason": "We read page two together."}

    answer = post(browser, ghana, "/settle", criterion="pledge", commitment_reason="Half a word", **settled)
    after = page(browser, ghana)

    assert (answer.status_code, answer.location) == (303, f"/staff/expressions/{ghana}#criterion-pledge")
    shown = ("Settled", "We read page two together.", "Half a word</textarea>", account(Role.SCREENER).name, FIRST)
    assert [words for words in shown if words not in after] == []
    assert "Disagreement" not in after


@pytest.mark.parametrize("missing", ["outcome", "reason"])
def test_settling_needs_an_outcome_and_a_reason(browser: FlaskClient, ghana: str, missing: str) -> None:
    post(browser, ghana, pledge_outcome="met", pledge_reason="Page two has one.")
    written = {"settle_pledge_outcome": "met", "settle_pledge_reason": "We read it."}
    del written[f"settle_pledge_{missing}"]

    answer = post(browser, ghana, "/settle", criterion="pledge", **written)

    assert (answer.status_code, "this answer is needed." in answer.text) == (422, True)


def test_settling_what_has_moved_on_keeps_the_words(browser: FlaskClient, ghana: str) -> None:
    post(browser, ghana, pledge_outcome="met", pledge_reason="Page two has one.")
    settled = {"settle_pledge_outcome": "met", "settle_pledge_reason": "We read it."}

    answer = post(browser, ghana, "/settle", version=1, criterion="pledge", **settled)

    assert (answer.status_code, "Somebody was faster" in answer.text) == (409, True)
    assert "We read it.</textarea>" in answer.text


@pytest.mark.parametrize(("criterion", "code"), [("charm", 404), ("", 404), ("commitment", 409)])
def test_nothing_else_is_settled(browser: FlaskClient, ghana: str, criterion: str, code: int) -> None:
    written = {f"settle_{criterion}_outcome": "met", f"settle_{criterion}_reason": "We read it."}

    answer = post(browser, ghana, "/settle", criterion=criterion, **written)

    assert (answer.status_code, db.session.query(SecondOpinion).all()) == (code, [])
    assert db.session.query(SheetDraft).all() == []


def test_the_secretariat_sees_what_both_found(sign_in: Callable[[Role], FlaskClient], ghana: str) -> None:
    shown = page(sign_in(Role.SECRETARIAT), ghana)

    assert ("Ana saw no target." in shown, HIDDEN in shown) == (True, False)
