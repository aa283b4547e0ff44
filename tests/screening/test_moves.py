"""Before the click: every consequence of a step on the page, one confirmation, and two people at once."""

import html
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update

from intake import composition
from intake.advance import advance
from intake.current import programme
from intake.extensions import db
from intake.models import Expression, HistoryEntry, Letter, LetterStatus, Mode, now
from intake.notifications import texts
from intake.wording import moment
from tests import making
from tests.conftest import PASSWORD
from tests.screening.visits import CONFIRMED, forget, look, send
from tests.statements import counted
from workflows.expression import State
from workflows.people import Role

Make = Callable[..., Expression]
SignIn = Callable[[Role], FlaskClient]
SCREENER, SECRETARIAT = Role.SCREENER, Role.SECRETARIAT
DECISION = {"criteria": ["pledge"], "reason": "No pledge is in sight.", "change": "A target with a date."}


def words(page: str) -> str:
    """The text of the main part of a page, on one line."""
    main = page.partition("<main")[2].partition(">")[2].partition("</main>")[0]
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", main)).split())


def letters(page: str) -> list[tuple[str, str]]:
    """Subject and text of every letter that a page shows."""
    found = re.findall(
        r'letter-subject"><bdi lang="en">(.*?)</bdi>.*?<pre class="letter-text" lang="en" dir="auto">(.*?)</pre>',
        page,
        re.S,
    )
    return [(html.unescape(subject), html.unescape(text)) for subject, text in found]


def stored() -> tuple[int, int]:
    """How many entries and letters there are."""
    return (
        db.session.scalar(select(func.count()).select_from(HistoryEntry)) or 0,
        db.session.scalar(select(func.count()).select_from(Letter)) or 0,
    )


def test_the_letters_on_the_page_are_word_for_word_those_that_are_written(expression: Make, sign_in: SignIn) -> None:
    ghana = expression(State.SCREENED)
    browser = sign_in(SECRETARIAT)

    shown = look(browser, ghana, "assign", focus_area="accelerate", reason="Balance of <the> group.")
    nothing_yet = stored()
    send(browser, ghana, "assign", focus_area="accelerate", reason="Balance of <the> group.")

    written = db.session.scalars(select(Letter).order_by(Letter.id)).all()
    assert (shown.status_code, nothing_yet) == (200, (0, 0))
    assert letters(shown.text) == [(letter.subject, letter.body) for letter in written]
    assert [letter.recipient in shown.text for letter in written] == [True, True]
    assert words(shown.text).count("English") == 2


def test_a_step_that_asks_for_nothing_shows_its_consequences_at_once(expression: Make, sign_in: SignIn) -> None:
    ghana = expression(State.SUBMITTED, met=True)

    page = sign_in(SCREENER).get(f"/staff/expressions/{ghana.reference}/screen")

    assert page.status_code == 200
    assert "State Submitted → becomes Screened" in words(page.text)
    assert CONFIRMED.search(page.text)
    assert len(letters(page.text)) == 2
    assert stored() == (0, 0)


def test_what_speaks_against_a_step_is_said_before_any_confirmation(expression: Make, sign_in: SignIn) -> None:
    ghana = expression(State.SUBMITTED)

    withdraw = look(sign_in(SECRETARIAT), ghana, "withdraw", reason=" ")

    assert (withdraw.status_code, CONFIRMED.search(withdraw.text)) == (409, None)
    assert "Give a reason; it becomes part of the history." in withdraw.text


def test_a_step_without_facts_that_would_be_refused_has_no_button(expression: Make, sign_in: SignIn) -> None:
    ghana = expression(State.SUBMITTED)

    page = sign_in(SCREENER).get(f"/staff/expressions/{ghana.reference}/screen")

    assert (page.status_code, CONFIRMED.search(page.text)) == (409, None)
    assert "These criteria have no verdict “met”" in page.text
    assert "Back to the expression" in page.text


def test_other_facts_than_those_that_were_shown_are_shown_anew(expression: Make, sign_in: SignIn) -> None:
    ghana = expression(State.SCREENED)
    browser = sign_in(SECRETARIAT)
    mark = CONFIRMED.search(look(browser, ghana, "assign", focus_area="access").text)
    assert mark

    answer = look(browser, ghana, "assign", focus_area="adoption", confirmed=mark.group(1))

    assert (answer.status_code, stored()) == (200, (0, 0))
    assert "Something has changed since you checked" in answer.text
    assert "your focus area is ADOPTION" in answer.text
    again = CONFIRMED.search(answer.text)
    assert again
    assert again.group(1) != mark.group(1)


def test_the_way_back_keeps_the_words(expression: Make, sign_in: SignIn) -> None:
    ghana = expression(State.SUBMITTED)

    answer = look(sign_in(SCREENER), ghana, "decline", **DECISION, edit="yes")

    assert (answer.status_code, stored()) == (200, (0, 0))
    assert "No pledge is in sight.</textarea>" in answer.text
    assert re.search(r'<input(?=[^>]*\schecked\b)[^>]*\svalue="pledge"', answer.text)
    assert CONFIRMED.search(answer.text) is None


def test_several_lines_come_through_the_confirmation_as_they_were_typed(expression: Make, sign_in: SignIn) -> None:
    ghana = expression(State.SUBMITTED)
    typed = ("First:\r\n- schools\r\n- clinics", "", "", "Second?", "")
    points = {**{f"points-{place}": text for place, text in enumerate(typed)}, "due_on": "2099-01-05"}

    send(sign_in(SCREENER), ghana, "request_information", **points)

    db.session.refresh(ghana)
    assert [each["question"] for each in ghana.points] == ["First:\n- schools\n- clinics", "Second?"]


def test_a_letter_that_cannot_be_written_is_a_sentence_with_the_words_kept(
    expression: Make, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    ghana = expression(State.SUBMITTED)
    monkeypatch.setattr(texts, "shipped", lambda purpose, language: "Subject: {{ nothing }}\n\nText")

    answer = look(sign_in(SCREENER), ghana, "decline", **DECISION)

    assert answer.status_code == 409
    assert "A letter of this step cannot be written: The letter expression/decline.applicant.txt" in answer.text
    assert "No pledge is in sight.</textarea>" in answer.text
    assert stored() == (0, 0)


def test_the_group_says_which_cell_it_fills_and_which_gap_it_closes_or_opens(expression: Make, sign_in: SignIn) -> None:
    ghana = expression(State.ASSIGNED, focus_area="access")
    browser = sign_in(SECRETARIAT)
    area = {each.id: each.name for each in programme().focus_areas}

    move = words(look(browser, ghana, "reassign", focus_area="adoption", reason="Balance.").text)
    leave = words(look(browser, ghana, "withdraw", reason="They cannot come.").text)

    assert f"{area['access']} · Member States: 1 now, 0 afterwards opens a gap" in move
    assert f"{area['adoption']} · Member States: 0 now, 1 afterwards closes a gap" in move
    assert f"Group {area['access']} · Member States: 1 now, 0 afterwards opens a gap Undo" in leave
    assert composition.counts(ghana.call_id) == {("access", "member_states"): 1}


@pytest.mark.parametrize(
    ("state", "trigger", "facts", "said"),
    [
        (State.ASSIGNED, "confirm", {"seat_mode": "remote"}, "Seats free Remote: 4 now, 3 afterwards 4 seats in all"),
        (State.CONFIRMED, "release", {"reason": "x"}, "Seats free In person: 5 now, 6 afterwards 6 seats in all"),
        (State.CONFIRMED, "withdraw", {"reason": "x"}, "Seats free In person: 5 now, 6 afterwards 6 seats in all"),
    ],
)
def test_the_seat_is_counted_before_and_after(
    state: State, trigger: str, facts: dict[str, str], said: str, expression: Make, sign_in: SignIn
) -> None:
    ghana = expression(state)

    assert said in words(look(sign_in(SECRETARIAT), ghana, trigger, **facts).text)


def test_a_place_on_the_waiting_list_says_that_no_seat_is_free(expression: Make, sign_in: SignIn) -> None:
    for _ in range(programme().roundtable.seats(Mode.REMOTE)):
        expression(State.CONFIRMED, seat_mode=Mode.REMOTE)
    ghana = expression(State.ASSIGNED)

    page = words(look(sign_in(SECRETARIAT), ghana, "waitlist", seat_mode="remote").text)

    assert "Remote: 0 now, 0 afterwards 4 seats in all; the delegate waits for one" in page


def test_the_calendar_file_of_a_seat_is_shown_with_its_letter(expression: Make, sign_in: SignIn) -> None:
    ghana = expression(State.ASSIGNED)

    page = look(sign_in(SECRETARIAT), ghana, "confirm", seat_mode="remote").text

    assert words(page).count("with a calendar file") == 1
    assert f"UID:{ghana.reference}@" in page


def test_a_step_shows_which_earlier_letters_will_not_leave_and_its_undo_lets_them_wait_again(
    expression: Make, sign_in: SignIn
) -> None:
    ghana = expression(State.SUBMITTED, met=True)
    advance(ghana, "screen", actor=making.SCREENER, version=ghana.version)
    browser = sign_in(SECRETARIAT)

    decline = look(browser, ghana, "decline", **DECISION).text
    send(browser, ghana, "decline", **DECISION)
    db.session.refresh(ghana)
    undo = browser.get(f"/staff/expressions/{ghana.reference}/undo").text

    meets, outcome = "your expression of interest meets the criteria", "the outcome of your expression of interest"
    assert outcome in decline.partition("Letters that will not leave")[0]
    assert meets in decline.partition("Letters that will not leave")[2]
    cancelled, _, revived = undo.partition("Letters that will wait again, and then leave")
    assert "None." in undo.partition("Letters that will not leave")[0]
    assert (outcome in cancelled, meets in cancelled) == (True, False)
    assert (outcome in revived, meets in revived) == (False, True)
    assert "This is the undo of “Declined”." in undo
    assert "State Declined → becomes Screened" in words(undo)


def test_whoever_cannot_be_told_is_named(expression: Make, sign_in: SignIn) -> None:
    ghana = expression(State.SCREENED)
    assert programme().focus_area("access").lead_email is None

    page = words(look(sign_in(SECRETARIAT), ghana, "assign", focus_area="access").text)

    assert "No letter to the lead of the working group: no address is known." in page


def test_the_undo_says_until_when_with_what_a_script_counts_down(expression: Make, sign_in: SignIn) -> None:
    ghana = expression(State.SCREENED)
    browser = sign_in(SECRETARIAT)

    page = browser.get(send(browser, ghana, "assign", focus_area="access").location).text

    due = moment(db.session.scalars(select(func.min(Letter.due_at))).one())
    seconds = re.search(r'data-seconds="(\d+)"', page)
    assert f"They leave at {due}; until then, about 10 minutes more, you can undo this step." in page
    assert f"Takes back “Assigned” and its letters. Possible until {due}, about 10 minutes more." in words(page)
    assert seconds
    assert 0 < int(seconds.group(1)) <= programme().call.undo_minutes * 60
    assert 'role="timer"' in page
    assert re.search(r'<script defer src="/static/countdown.js\?v=\w+"></script>', page)


def test_when_the_letters_have_left_a_sentence_stands_where_the_undo_was(expression: Make, sign_in: SignIn) -> None:
    ghana = expression(State.SCREENED)
    browser = sign_in(SECRETARIAT)
    send(browser, ghana, "assign", focus_area="access")
    db.session.execute(update(Letter).values(status=LetterStatus.SENT, sent_at=now()))
    db.session.commit()

    page = browser.get(f"/staff/expressions/{ghana.reference}").text

    assert "“Assigned” can no longer be undone: its letters have left. Take the next step instead." in page
    assert ("/undo" in page, "countdown.js" in page) == (False, False)


@pytest.fixture
def colleague(app: Flask, account: Callable[[Role], Any]) -> Callable[[Role], FlaskClient]:
    """Signs in a second person, at a browser of their own."""

    def enter(role: Role) -> FlaskClient:
        email = account(role).email
        forget()
        browser = app.test_client()
        browser.post("/staff/login", data={"email": email, "password": PASSWORD})
        forget()
        return browser

    return enter


def late(browser: FlaskClient, reference: str, trigger: str, version: int, **facts: Any) -> Any:
    """Send a step for a version that was seen before."""
    forget()
    return browser.post(f"/staff/expressions/{reference}/{trigger}", data={"version": version, **facts})


def test_a_stale_step_stands_beside_what_a_colleague_did_and_can_be_applied_to_the_new_state(
    expression: Make, sign_in: SignIn, colleague: Callable[[Role], FlaskClient]
) -> None:
    ghana = expression(State.SUBMITTED, met=True)
    reference, seen = ghana.reference, ghana.version
    send(sign_in(SCREENER), ghana, "screen")
    second = colleague(SECRETARIAT)

    stale = late(second, reference, "decline", seen, **DECISION)
    version = re.search(r'name="version" type="hidden" value="(\d+)"', stale.text)
    assert version
    applied = late(second, reference, "decline", int(version.group(1)), **DECISION)
    mark = CONFIRMED.search(applied.text)
    assert mark
    taken = late(second, reference, "decline", int(version.group(1)), **DECISION, confirmed=mark.group(1))

    meanwhile, _, mine = words(stale.text).partition("What you were about to do")
    assert stale.status_code == 409
    assert "Somebody was faster" in meanwhile
    assert "Screened The screener (screener)" in meanwhile
    assert [text in mine for text in ("Decline", "Readiness to pledge", *list(DECISION.values())[1:])] == [True] * 4
    assert [text in mine for text in ("Apply to the new state", "Change", "Discard")] == [True] * 3
    assert "State Screened → becomes Declined" in words(applied.text)
    assert "your expression of interest meets the criteria" in applied.text.partition("Letters that will not leave")[2]
    assert (taken.status_code, db.session.scalars(select(Expression.state)).one()) == (303, State.DECLINED)


def test_a_stale_step_that_is_no_longer_in_the_table_shows_the_words_to_copy(
    expression: Make, sign_in: SignIn, colleague: Callable[[Role], FlaskClient]
) -> None:
    ghana = expression(State.SUBMITTED, met=True)
    reference, seen = ghana.reference, ghana.version
    send(sign_in(SCREENER), ghana, "screen")
    second = colleague(SECRETARIAT)

    answer = late(second, reference, "request_information", seen, **{"points-0": "Which <schools>?"})

    mine = words(answer.text).partition("What you were about to do")[2]
    assert answer.status_code == 409
    assert "What the applicant has to answer Which <schools>? Answers are due on" in mine
    assert "“Request information” does not follow the state that the expression is in now." in mine
    assert ("Apply to the new state" in mine, "Discard" in mine) == (False, True)


def test_a_page_is_stale_too_when_only_the_answers_were_changed(expression: Make, sign_in: SignIn) -> None:
    ghana = expression(State.SCREENED)
    seen = ghana.version
    ghana.communities = "Other communities"
    db.session.commit()

    answer = look(sign_in(SECRETARIAT), ghana, "assign", focus_area="access", version=seen)

    assert answer.status_code == 409
    assert f"the last change was made on {moment(ghana.updated_at)}." in answer.text


def test_whoever_was_faster_oneself_is_told_so(expression: Make, sign_in: SignIn) -> None:
    ghana = expression(State.SUBMITTED, met=True)
    seen = ghana.version
    browser = sign_in(SCREENER)
    send(browser, ghana, "screen")

    answer = look(browser, ghana, "screen", version=seen)

    assert answer.status_code == 409
    assert "You have done something here yourself" in answer.text


def test_a_confirmation_that_comes_late_takes_no_step(
    expression: Make, sign_in: SignIn, colleague: Callable[[Role], FlaskClient]
) -> None:
    ghana = expression(State.SCREENED)
    reference, seen = ghana.reference, ghana.version
    mark = CONFIRMED.search(look(sign_in(SECRETARIAT), ghana, "assign", focus_area="access").text)
    assert mark
    ghana = db.session.scalars(select(Expression)).one()
    advance(ghana, "decline", actor=making.SCREENER, version=seen, **DECISION)

    answer = late(colleague(SECRETARIAT), reference, "assign", seen, focus_area="access", confirmed=mark.group(1))

    assert (answer.status_code, db.session.scalars(select(Expression.state)).one()) == (409, State.DECLINED)
    assert "Somebody was faster" in answer.text


def test_a_page_of_a_step_has_a_bounded_number_of_statements(expression: Make, sign_in: SignIn) -> None:
    ghana = expression(State.SCREENED)
    browser = sign_in(SECRETARIAT)
    address = f"/staff/expressions/{ghana.reference}/assign"
    data = {"version": ghana.version, "focus_area": "access"}
    browser.get(address)
    forget()
    with counted() as asking:
        browser.get(address)
    forget()
    with counted() as showing:
        assert browser.post(address, data=data).status_code == 200

    assert len(asking) <= 14
    assert len(showing) <= 32
