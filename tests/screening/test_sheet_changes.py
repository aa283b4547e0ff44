"""What an applicant changes after sending: it is kept, shown word by word, and its verdict can be taken over."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from intake import drafting
from intake.extensions import db
from intake.models import Expression, Outcome, Revision, SheetDraft, User
from tests.making import ANSWERS
from tests.screening.visits import forget
from workflows.expression import State
from workflows.people import Role

Make = Callable[..., Expression]
SignIn = Callable[[Role], FlaskClient]
EVIL = "<script>alert('x')</script>"


def change(subject: Expression, statement: str, **others: Any) -> None:
    """The applicant writes another statement about the pledge, and other answers."""
    drafting.change(subject, {"criteria": {"pledge": {**ANSWERS["pledge"], "statement": statement}}, **others})
    db.session.commit()


def page(browser: FlaskClient, reference: str) -> str:
    """The page of an expression in one line, with its tags, but without the words that only listeners need."""
    seen = re.sub(
        r'<span class="visually-hidden"[^>]*>[^<]*</span>', "", browser.get(f"/staff/expressions/{reference}").text
    )
    return " ".join(seen.split())


def test_a_change_stands_in_its_criterion_with_the_void_verdict(
    expression: Make, sign_in: SignIn, account: Callable[[Role], User]
) -> None:
    ghana = expression(met=True)
    ghana.verdicts[1].screener_id = account(Role.SCREENER).id
    db.session.commit()
    change(ghana, "We intend to connect ninety.")

    shown = page(sign_in(Role.SCREENER), ghana.reference)
    section = shown[shown.index('data-criterion="2"') : shown.index('data-criterion="3"')]

    assert "Changed by the applicant on" in section
    assert "more</del>" in section
    assert "ninety</ins>" in section
    assert "<s>Met</s>" in section
    assert "Shown in the statement." in section
    assert "The screener" in section
    assert "Take it over into the form" in section
    assert shown.count("Changed by the applicant on") == 1


def test_a_void_verdict_is_taken_over_beside_what_is_typed(expression: Make, sign_in: SignIn) -> None:
    ghana = expression(met=True)
    change(ghana, "We intend to connect ninety.")
    browser = sign_in(Role.SCREENER)
    typed = {"commitment-outcome": "not_met", "commitment-reason": "No proof.", "pledge-reason": "Read again."}

    answer = browser.post(
        f"/staff/expressions/{ghana.reference}/verdicts/take-over", data={"criterion": "pledge", **typed}
    )
    shown = browser.get(f"/staff/expressions/{ghana.reference}").text

    assert (answer.status_code, answer.location) == (303, f"/staff/expressions/{ghana.reference}#criterion-pledge")
    assert db.session.scalars(select(SheetDraft)).one().typed["pledge"] == {
        "outcome": "met",
        "reason": "Read again.\n\nShown in the statement.",
    }
    assert "No proof.</textarea>" in shown
    assert len(db.session.get_one(Expression, ghana.id).verdicts) == 3


@pytest.mark.parametrize("criterion", ["commitment", "other", ""])
def test_where_nothing_is_void_there_is_nothing_to_take_over(criterion: str, expression: Make, sign_in: SignIn) -> None:
    ghana = expression(met=True)

    answer = sign_in(Role.SCREENER).post(
        f"/staff/expressions/{ghana.reference}/verdicts/take-over", data={"criterion": criterion}
    )

    assert (answer.status_code, db.session.scalars(select(SheetDraft)).all()) == (404, [])


def test_a_new_verdict_folds_the_change_away(expression: Make, sign_in: SignIn) -> None:
    ghana = expression(met=True)
    change(ghana, "We intend to connect ninety.")
    browser = sign_in(Role.SCREENER)
    data = {"version": ghana.version, "pledge-outcome": "met", "pledge-reason": "Ninety is clear."}

    browser.post(f"/staff/expressions/{ghana.reference}/verdicts", data=data)
    shown = page(browser, ghana.reference)

    assert '<details class="change">' in shown
    assert "Take it over" not in shown


def test_other_answers_show_what_is_different_since_they_were_sent(expression: Make, sign_in: SignIn) -> None:
    ghana = expression(met=True)
    drafting.change(ghana, {"communities": "Rural clinics", "countries_served": ["RWA", "BDI", "UGA"]})
    db.session.commit()
    drafting.name_delegate(ghana, name="The Deputy Minister", title="Deputy")
    db.session.commit()

    shown = page(sign_in(Role.SECRETARIAT), ghana.reference)

    assert "Changes since it was sent" in shown
    assert "schools</del>" in shown
    assert "clinics</ins>" in shown
    assert "Uganda" in shown
    assert "Deputy" in shown
    assert "Changed by the applicant on" not in shown


def test_an_answer_that_is_again_as_it_was_says_so(expression: Make, sign_in: SignIn) -> None:
    ghana = expression()
    change(ghana, "We intend to connect ninety.")
    change(ghana, ANSWERS["pledge"]["statement"])

    assert "The answers are again as they were." in page(sign_in(Role.SCREENER), ghana.reference)


def test_words_of_a_change_never_become_html(expression: Make, sign_in: SignIn) -> None:
    ghana = expression(met=True)
    ghana.verdicts[1].reason = EVIL
    change(ghana, EVIL, communities=EVIL, organisation_name=EVIL)

    shown = page(sign_in(Role.SCREENER), ghana.reference)

    assert ("<script>alert" in shown, "&lt;" in shown) == (False, True)


def test_changes_until_the_screener_looks_are_one_revision(
    expression: Make, sign_in: SignIn, account: Callable[[Role], User]
) -> None:
    ghana = expression(met=True, screener_id=account(Role.SCREENER).id)
    change(ghana, "First.")
    change(ghana, "Second.", communities="Islands")
    before = db.session.scalars(select(Revision)).one().before
    page(sign_in(Role.SCREENER), ghana.reference)
    forget()
    ghana = db.session.scalars(select(Expression)).one()
    read = ghana.unread
    change(ghana, "Third.")

    assert before == {"criteria": {"pledge": ANSWERS["pledge"]}, "communities": "Rural schools"}
    kept = db.session.scalars(select(Revision.before).order_by(Revision.id)).all()
    assert [each["criteria"]["pledge"]["statement"] for each in kept] == ["We intend to connect more.", "Second."]
    assert (read, ghana.unread) == (False, True)


def test_a_frozen_sheet_shows_the_change_and_offers_nothing(expression: Make, sign_in: SignIn) -> None:
    ghana = expression(State.RETURNED, met=True)
    change(ghana, "We intend to connect ninety.")

    shown = page(sign_in(Role.SCREENER), ghana.reference)

    assert ("Changed by the applicant on" in shown, "Take it over" in shown) == (True, False)
    assert [verdict.outcome for verdict in ghana.verdicts] == [Outcome.MET] * 3
