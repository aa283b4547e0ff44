"""Every step that staff take through the pages: what it needs, what it says, and what two people at once see."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update

from intake.extensions import db
from intake.models import Expression, Letter, LetterStatus, Mode, Outcome, Verdict
from tests.making import verdicts
from tests.screening.visits import CONFIRMED, forget, look, send
from workflows.expression import State
from workflows.people import Role

Make = Callable[..., Expression]
SignIn = Callable[[Role], FlaskClient]
S, SCREENER, SECRETARIAT = State, Role.SCREENER, Role.SECRETARIAT
DUE = (datetime.now(UTC).date() + timedelta(days=20)).isoformat()
DECISION = {"criteria": ["pledge"], "reason": "No pledge is in sight.", "change": "A target with a date."}


def ticked(page: str) -> list[str]:
    """The values of all boxes and choices of a page that are ticked."""
    return re.findall(r'<input(?=[^>]*\schecked\b)[^>]*\svalue="([^"]*)"', page)


@pytest.mark.parametrize(
    ("role", "state", "trigger", "facts", "target"),
    [
        (SCREENER, S.SUBMITTED, "request_information", {"points-0": "How many?", "due_on": DUE}, S.RETURNED),
        (SECRETARIAT, S.SUBMITTED, "request_information", {"points-4": "How many?", "due_on": DUE}, S.RETURNED),
        (SCREENER, S.SUBMITTED, "screen", {}, S.SCREENED),
        (SCREENER, S.SUBMITTED, "decline", DECISION, S.DECLINED),
        (SECRETARIAT, S.SCREENED, "decline", DECISION, S.DECLINED),
        (SECRETARIAT, S.SCREENED, "assign", {"focus_area": "access", "reason": ""}, S.ASSIGNED),
        (SECRETARIAT, S.ASSIGNED, "reassign", {"focus_area": "adoption", "reason": "Balance."}, S.ASSIGNED),
        (SECRETARIAT, S.ASSIGNED, "confirm", {"seat_mode": "remote"}, S.CONFIRMED),
        (SECRETARIAT, S.CONFIRMED, "release", {"reason": "The minister cannot come."}, S.ASSIGNED),
        (SECRETARIAT, S.CONFIRMED, "withdraw", {"reason": "By telephone."}, S.WITHDRAWN),
        (SECRETARIAT, S.DECLINED, "reopen", {"reason": "New facts."}, S.SUBMITTED),
    ],
)
def test_each_step_is_taken_and_said(
    role: Role,
    state: State,
    trigger: str,
    facts: dict[str, Any],
    target: State,
    expression: Make,
    sign_in: SignIn,
) -> None:
    ghana = expression(state, met=True)
    browser = sign_in(role)

    answer = send(browser, ghana, trigger, **facts)

    assert (answer.status_code, answer.location) == (303, f"/staff/expressions/{ghana.reference}")
    page = browser.get(answer.location).text
    db.session.refresh(ghana)
    assert ghana.state is target
    assert [entry.trigger for entry in ghana.history] == [trigger]
    assert f"{len(ghana.letters)} letters were written." in page


def test_an_expression_lapses_after_its_date_when_the_secretariat_confirms_it(
    expression: Make, sign_in: SignIn
) -> None:
    ghana = expression(State.RETURNED, answer_due_on=datetime.now(UTC).date() - timedelta(days=2))
    browser = sign_in(SECRETARIAT)

    shown = look(browser, ghana, "lapse")
    db.session.refresh(ghana)
    before = ghana.state
    taken = send(browser, ghana, "lapse")

    db.session.refresh(ghana)
    assert (shown.status_code, "Letters that will be written" in shown.text, before) == (200, True, State.RETURNED)
    assert (taken.status_code, ghana.state) == (303, State.LAPSED)


def test_a_full_roundtable_puts_a_delegate_on_the_waiting_list_and_a_release_offers_the_seat(
    expression: Make, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = expression(State.CONFIRMED, organisation_name="Holder")
    first = expression(State.ASSIGNED, organisation_name="Next in line")
    monkeypatch.setattr("intake.programme.Roundtable.seats", lambda self, mode: 1 if mode == "in_person" else 0)
    browser = sign_in(SECRETARIAT)

    send(browser, first, "waitlist", seat_mode="in_person")
    answer = send(browser, held, "release", reason="The minister cannot come.")

    db.session.refresh(first)
    assert (first.state, first.seat_mode) == (State.WAITLISTED, Mode.IN_PERSON)
    said = f"First on the waiting list: Next in line, {first.reference}."
    assert said in browser.get(answer.location).text
    assert "Offer it to the first on the waiting list" in browser.get("/staff/composition").text


def test_a_screener_cannot_assign(expression: Make, sign_in: SignIn) -> None:
    ghana = expression(State.SCREENED)
    browser = sign_in(SCREENER)

    answer = send(browser, ghana, "assign", focus_area="access")

    db.session.refresh(ghana)
    assert (answer.status_code, ghana.state) == (403, State.SCREENED)
    assert "This step belongs to: secretariat." in answer.text
    assert "/assign" not in browser.get(f"/staff/expressions/{ghana.reference}").text


def test_a_step_that_ends_the_way_asks_first_and_keeps_the_words(expression: Make, sign_in: SignIn) -> None:
    ghana = expression(State.CONFIRMED)

    answer = look(sign_in(SECRETARIAT), ghana, "withdraw", reason="They called <us>.")

    db.session.refresh(ghana)
    assert (answer.status_code, ghana.state) == (200, State.CONFIRMED)
    assert "This step cannot be undone, or ends the way of this expression." in answer.text
    assert 'name="reason" value="They called &lt;us&gt;."' in answer.text
    assert ghana.contact_email in answer.text
    assert CONFIRMED.search(answer.text)


def test_a_refused_step_says_why_and_keeps_the_words(expression: Make, sign_in: SignIn) -> None:
    ghana = expression(State.SCREENED, preferences=["access"])
    facts = {"focus_area": "accelerate", "reason": " "}

    answer = send(sign_in(SECRETARIAT), ghana, "assign", **facts)

    assert answer.status_code == 409
    assert "The applicant did not rank this focus area" in answer.text
    assert ticked(answer.text) == ["accelerate"]


def test_a_wrong_form_is_said_at_its_field(expression: Make, sign_in: SignIn) -> None:
    ghana = expression(State.SUBMITTED)

    answer = send(sign_in(SCREENER), ghana, "request_information", **{"points-0": "x" * 1001, "due_on": "tomorrow"})

    assert answer.status_code == 422
    assert "Answers are due on: write the date as year-month-day" in answer.text
    assert "write at most 1,000 characters (you have 1,001)" in answer.text


def test_the_second_of_two_browsers_is_told_who_did_what_and_keeps_the_words(
    expression: Make, sign_in: SignIn, account: Callable[[Role], Any], app: Any
) -> None:
    ghana = expression(State.SUBMITTED, met=True)
    reference, seen = ghana.reference, ghana.version
    account(SECRETARIAT)
    send(sign_in(SCREENER), ghana, "screen")
    forget()
    second = app.test_client()
    second.post("/staff/login", data={"email": "secretariat@example.org", "password": "a long enough password"})

    facts = {"points-0": "Which schools?", "due_on": DUE}
    late = second.post(f"/staff/expressions/{reference}/request_information", data={"version": seen, **facts})
    decline = second.post(f"/staff/expressions/{reference}/decline", data={"version": seen, **DECISION})

    assert late.status_code == 409
    assert "Somebody was faster" in late.text
    assert "The screener (screener)" in late.text
    assert "Which schools?" in late.text
    assert "This step is no longer open" in late.text
    assert decline.status_code == 409
    assert "This step is no longer open" not in decline.text
    now_at = db.session.scalars(select(Expression.version)).one()
    assert (now_at > seen, f'name="version" type="hidden" value="{now_at}"' in decline.text) == (True, True)
    assert "No pledge is in sight." in decline.text


def test_a_form_without_a_version_is_stale(expression: Make, sign_in: SignIn) -> None:
    ghana = expression(State.SUBMITTED, met=True)

    answer = sign_in(SCREENER).post(f"/staff/expressions/{ghana.reference}/screen", data={})

    db.session.refresh(ghana)
    assert (answer.status_code, ghana.state) == (409, State.SUBMITTED)


def test_a_step_can_be_undone_while_its_letters_are_held(expression: Make, sign_in: SignIn) -> None:
    ghana = expression(State.SCREENED)
    browser = sign_in(SECRETARIAT)
    page = browser.get(send(browser, ghana, "assign", focus_area="access").location).text
    db.session.refresh(ghana)

    answer = send(browser, ghana, "undo")

    assert "Takes back “Assigned” and its letters. Possible until" in " ".join(page.split())
    assert answer.status_code == 303
    assert "The letters of that step were cancelled." in browser.get(answer.location).text
    db.session.refresh(ghana)
    assert (ghana.state, {letter.status for letter in ghana.letters}) == (State.SCREENED, {LetterStatus.CANCELLED})


@pytest.mark.parametrize("fate", [LetterStatus.SENT, LetterStatus.BOUNCED])
def test_a_step_whose_letters_have_left_is_not_undone(expression: Make, sign_in: SignIn, fate: LetterStatus) -> None:
    ghana = expression(State.SCREENED)
    browser = sign_in(SECRETARIAT)
    send(browser, ghana, "assign", focus_area="access")
    db.session.execute(update(Letter).values(status=fate))
    db.session.commit()
    db.session.refresh(ghana)

    page = browser.get(f"/staff/expressions/{ghana.reference}").text
    answer = send(browser, ghana, "undo")

    assert "can no longer be undone" in page
    assert "/undo" not in page
    assert answer.status_code == 409
    assert "The letters of this step have left, so it cannot be undone." in answer.text


def test_the_request_begins_with_what_the_verdicts_ask_for(expression: Make, sign_in: SignIn) -> None:
    asking = Verdict(criterion="pledge", outcome=Outcome.NEED_MORE, reason="By which year?")
    ghana = expression(State.SUBMITTED)
    ghana.verdicts = [asking]
    db.session.commit()

    page = sign_in(SCREENER).get(f"/staff/expressions/{ghana.reference}/request_information").text

    assert "Readiness to pledge: By which year?</textarea>" in page


def test_a_decision_begins_with_the_criteria_that_are_not_met(expression: Make, sign_in: SignIn) -> None:
    ghana = expression(State.SUBMITTED)
    ghana.verdicts = verdicts(Outcome.NOT_MET)[:1]
    db.session.commit()

    page = sign_in(SCREENER).get(f"/staff/expressions/{ghana.reference}/decline").text

    assert page.count('name="criteria"') == 4
    assert ticked(page) == ["commitment"]


def test_what_speaks_against_a_step_is_said_beside_its_button(expression: Make, sign_in: SignIn) -> None:
    ghana = expression(State.SUBMITTED)

    page = sign_in(SCREENER).get(f"/staff/expressions/{ghana.reference}").text

    assert "Cannot be done now: These criteria have no verdict “met”" in page
    assert "Give a reason" not in page
    assert "Name at least one point" not in page


def test_assigning_shows_the_gap_that_each_choice_would_close(expression: Make, sign_in: SignIn) -> None:
    expression(State.ASSIGNED, focus_area="access")
    ghana = expression(State.SCREENED, preferences=["adoption", "access"])

    page = " ".join(sign_in(SECRETARIAT).get(f"/staff/expressions/{ghana.reference}/assign").text.split())

    assert "Preference 1. Closes a gap: no Member States in this group yet. Members so far: 0." in page
    assert "Preference 2. Member States in this group already: 1. Members so far: 1." in page
    assert page.count('class="cell-gap cell-here"') == 1
    assert page.index('value="adoption"') < page.index('value="access"') < page.index('value="value_creation"')


def test_reopening_tells_the_screener_who_had_it(
    expression: Make, sign_in: SignIn, account: Callable[[Role], Any]
) -> None:
    ghana = expression(State.DECLINED, screener_id=account(SCREENER).id)

    answer = send(sign_in(SECRETARIAT), ghana, "reopen", reason="New facts.")

    assert answer.status_code == 303
    recipients = {letter.recipient for letter in ghana.letters}
    assert "screener@example.org" in recipients


def test_an_unknown_step_is_no_page(expression: Make, sign_in: SignIn) -> None:
    ghana = expression(State.SUBMITTED)

    answer = sign_in(SECRETARIAT).post(f"/staff/expressions/{ghana.reference}/approve", data={"version": ghana.version})

    assert answer.status_code == 404


def test_what_was_chosen_for_a_step_that_has_closed_is_shown_by_name(expression: Make, sign_in: SignIn) -> None:
    ghana = expression(State.SCREENED)
    seen = ghana.version
    browser = sign_in(SECRETARIAT)
    send(browser, ghana, "assign", focus_area="access")

    answer = browser.post(f"/staff/expressions/{ghana.reference}/decline", data={"version": seen, **DECISION})

    assert answer.status_code == 409
    assert "<bdi>Readiness to pledge</bdi>" in answer.text
    assert ">No pledge is in sight.<" in answer.text
