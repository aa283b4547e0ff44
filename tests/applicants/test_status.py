"""The status page: where the expression stands, what happened, what is next, in plain words."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from flask.testing import FlaskClient

from intake.advance import advance
from intake.applicants import status
from intake.extensions import db
from intake.models import Expression, Letter, LetterStatus, Mode, now
from tests.applicants import walking
from tests.making import APPLICANT, SCREENER, SECRETARIAT
from tests.statements import counted
from workflows.expression import State

Make = Callable[..., Expression]


@pytest.fixture
def page(client: FlaskClient) -> Callable[[Expression], str]:
    """The text of the page of an expression, opened by its link."""

    def read(expression: Expression) -> str:
        if client.get(walking.address(expression)).status_code == 403:
            walking.hold(client, expression)
        return unescape(client.get(walking.address(expression)).get_data(as_text=True))

    return read


Page = Callable[[Expression], str]


def marks(expression: Expression) -> list[tuple[str, str]]:
    """The four steps with their marks."""
    return [(label, mark) for label, mark, _note in status.of(expression).progress]


@pytest.mark.parametrize(
    ("state", "found"),
    [
        (State.SUBMITTED, ["now", "next", "next", "next"]),
        (State.RETURNED, ["now", "next", "next", "next"]),
        (State.SCREENED, ["done", "now", "next", "next"]),
        (State.ASSIGNED, ["done", "done", "now", "next"]),
        (State.WAITLISTED, ["done", "done", "done", "now"]),
        (State.CONFIRMED, ["done", "done", "done", "now"]),
        (State.DECLINED, ["off", "off", "off", "off"]),
    ],
)
def test_four_steps_show_where_it_stands(expression: Make, state: State, found: list[str]) -> None:
    assert marks(expression(state)) == list(zip(["Submitted", "Screened", "Assigned", "Confirmed"], found, strict=True))


def test_a_declined_expression_shows_how_far_it_came(expression: Make) -> None:
    ghana = expression(State.SCREENED)
    facts = {"criteria": ["pledge"], "reason": "No measure.", "change": "A measure."}
    advance(ghana, "decline", actor=SCREENER, version=ghana.version, **facts)

    assert [mark for _label, mark in marks(ghana)] == ["done", "done", "off", "off"]


@pytest.mark.parametrize(
    ("state", "heading", "actions"),
    [
        (State.SUBMITTED, "Received, being screened", ["Change the delegate", "Withdraw"]),
        (State.RETURNED, "We need more information", ["Answer our points", "Change the delegate", "Withdraw"]),
        (State.SCREENED, "Meets the criteria", ["Change the delegate", "Withdraw"]),
        (State.ASSIGNED, "Assigned to a focus area", ["Change the delegate", "Withdraw"]),
        (State.CONFIRMED, "Seat at the Roundtable confirmed", ["Change the delegate", "Withdraw"]),
        (State.WAITLISTED, "On the waiting list for the Roundtable", ["Change the delegate", "Withdraw"]),
        (State.DECLINED, "Not retained", []),
        (State.WITHDRAWN, "Withdrawn", []),
        (State.LAPSED, "Lapsed, as no answer came", []),
    ],
)
def test_every_state_has_its_words_and_the_steps_that_the_table_opens(
    page: Page, expression: Make, state: State, heading: str, actions: list[str]
) -> None:
    text = page(expression(state))

    assert re.findall(r"<h1>(.*?)</h1>", text) == [heading]
    assert re.findall(r'<a class="button[^>]*>(.*?)</a>', text, re.DOTALL) == actions


@pytest.mark.parametrize("rows", [1, 30])
def test_the_page_takes_at_most_five_statements(client: FlaskClient, expression: Make, rows: int) -> None:
    ghana = expression(State.ASSIGNED)
    walking.hold(client, ghana)
    for number in range(rows):
        area = ("adoption", "access")[number % 2]
        advance(ghana, "reassign", actor=SECRETARIAT, version=ghana.version, focus_area=area, reason="Balance.")
    where = walking.address(ghana)
    db.session.remove()

    with counted() as statements:
        text = client.get(where).get_data(as_text=True)

    assert text.count("Your expression moved to another focus area.") == rows + 1
    assert len(statements) <= 5, statements


def test_the_decision_has_an_honest_clock(page: Page, expression: Make) -> None:
    ghana = expression(State.SUBMITTED, state_since=now() - timedelta(days=14))

    text = page(ghana)

    assert "at the latest; usually within 15 working days. Today is working day 10." in text


def test_an_answer_is_due_at_the_end_of_a_day_in_geneva(page: Page, expression: Make) -> None:
    text = page(expression(State.RETURNED, answer_due_on=date(2030, 5, 6)))

    assert "Answer the points by 6 May 2030, end of day (Geneva time)." in text


def test_a_delegate_is_asked_for_once_a_seat_waits_for_one(page: Page, expression: Make) -> None:
    early, waiting = expression(State.SUBMITTED, delegate_name=""), expression(State.ASSIGNED, delegate_name="")

    assert [status.of(each).to_do for each in (early, waiting)] == ["Nothing at the moment.", "Name your delegate"]


def test_the_history_tells_reasons_only_once_their_letters_have_left(page: Page, expression: Make) -> None:
    ghana = expression(State.SUBMITTED)
    facts = {"criteria": ["pledge"], "reason": "No measure is named.", "change": "Name one."}
    advance(ghana, "decline", actor=SCREENER, version=ghana.version, **facts)
    held = page(ghana)
    db.session.execute(db.update(Letter).values(status=LetterStatus.SENT, sent_at=now()))
    db.session.commit()

    sent = page(ghana)

    assert "Your expression was not retained." in held
    assert "No measure is named." not in held
    assert "the outcome of your expression of interest" not in held
    assert "The reason: No measure is named.\nWhat would change it: Name one." in sent
    assert "the outcome of your expression of interest" in sent
    assert "The screener" not in sent


def test_an_undone_step_is_gone_from_the_history(page: Page, expression: Make) -> None:
    ghana = expression(State.SUBMITTED, met=True)
    advance(ghana, "screen", actor=SCREENER, version=ghana.version)
    advance(ghana, "undo", actor=SCREENER, version=ghana.version)

    titles = [event.title for event in status.of(ghana).events]

    assert titles == ["We corrected our last step."]
    assert "Your expression meets the criteria." not in page(ghana)


def test_the_fate_of_letters_is_told_in_plain_words(expression: Make) -> None:
    ghana = expression(State.SUBMITTED)
    advance(ghana, "withdraw", actor=APPLICANT, version=ghana.version, reason="Another plan.")
    fates = {}
    for fate in LetterStatus:
        db.session.execute(db.update(Letter).values(status=fate))
        fates[fate.value] = [post.fate for post in status.of(ghana).posts]
        db.session.rollback()

    assert fates == {
        "held": [],
        "queued": ["On its way"],
        "sending": ["On its way"],
        "sent": ["Sent"],
        "failed": ["Could not be delivered"],
        "bounced": ["Could not be delivered"],
        "cancelled": [],
        "superseded": [],
    }


@pytest.mark.parametrize(
    ("fate", "said"),
    [
        ({"status": LetterStatus.QUEUED}, "On its way to the mail server of example.org."),
        ({"status": LetterStatus.SENDING, "attempts": 1}, "On its way to the mail server of example.org."),
        (
            {"status": LetterStatus.QUEUED, "attempts": 1},
            "On its way: the mail server has not taken it yet. We try again on 2 November 2026, 10:30 (Geneva time).",
        ),
        (
            {"status": LetterStatus.SENT},
            "Handed over for the mail server of example.org on 2 November 2026, 10:40 (Geneva time); "
            "it has not come back.",
        ),
        (
            {"status": LetterStatus.BOUNCED, "answer": "550 5.1.1\n No such <b>user</b>"},
            "It came back: “550 5.1.1 No such <b>user</b>”. Check the address.",
        ),
        ({"status": LetterStatus.BOUNCED}, "It came back. Check the address."),
        (
            {"status": LetterStatus.FAILED, "answer": "530 Our password is wrong"},
            "Not sent: no mail server took it for example.org. Check the address, or write to us.",
        ),
    ],
)
def test_the_fate_of_a_letter_is_a_sentence(
    page: Page, client: FlaskClient, expression: Make, fate: dict[str, Any], said: str
) -> None:
    ghana = expression(State.SUBMITTED)
    advance(ghana, "withdraw", actor=APPLICANT, version=ghana.version, reason="Another plan.")
    due_at = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
    values = {"due_at": due_at, "sent_at": due_at + timedelta(minutes=10), **fate}
    db.session.execute(db.update(Letter).values(**values))
    db.session.commit()

    assert [post.said for post in status.of(ghana).posts] == [said]
    assert said in page(ghana)
    assert "<b>user" not in client.get(walking.address(ghana)).text


def test_a_long_answer_of_a_mail_server_is_cut(expression: Make) -> None:
    ghana = expression(State.SUBMITTED)
    advance(ghana, "withdraw", actor=APPLICANT, version=ghana.version, reason="Another plan.")
    db.session.execute(db.update(Letter).values(status=LetterStatus.BOUNCED, answer="no user " * 1000))
    db.session.commit()

    [post] = status.of(ghana).posts

    assert (len(post.said) < 300, post.said.endswith("no user no …”. Check the address.")) == (True, True)


def test_a_letter_that_staff_keep_back_tells_nothing(page: Page, expression: Make) -> None:
    ghana = expression(State.SUBMITTED)
    facts = {"criteria": ["pledge"], "reason": "No measure is named.", "change": "Name one."}
    advance(ghana, "decline", actor=SCREENER, version=ghana.version, **facts)
    db.session.execute(db.update(Letter).values(status=LetterStatus.QUEUED, kept_back=True))
    db.session.commit()

    text = page(ghana)

    assert "No measure is named." not in text
    assert "the outcome of your expression of interest" not in text


def test_the_secretariats_letters_are_not_the_applicants(expression: Make) -> None:
    ghana = expression(State.SUBMITTED)
    advance(ghana, "withdraw", actor=APPLICANT, version=ghana.version, reason="Another plan.")

    assert [post.recipient for post in status.of(ghana).posts] == [ghana.contact_email]


def test_words_of_people_are_never_html(page: Page, client: FlaskClient, expression: Make) -> None:
    trap = "<script>alert(1)</script>%(x)s{{ 7*7 }}"
    ghana = expression(State.SUBMITTED, organisation_name=trap, communities=trap, contact_name=trap)
    walking.hold(client, ghana)
    advance(ghana, "withdraw", actor=APPLICANT, version=ghana.version, reason=trap)
    db.session.execute(db.update(Letter).values(status=LetterStatus.SENT))
    db.session.commit()

    pages = [client.get(walking.address(ghana, each)).get_data(as_text=True) for each in ("", "/answers")]

    assert all("<script>" not in text and "&lt;script&gt;" in text and "{{ 7*7 }}" in text for text in pages)


def test_answers_are_put_into_words(client: FlaskClient, expression: Make) -> None:
    ghana = expression(State.SCREENED, participation_mode=Mode.REMOTE, country="INT", language="fr")
    walking.hold(client, ghana)

    text = unescape(client.get(walking.address(ghana, "/answers")).get_data(as_text=True))

    for words in (
        *("Member States: Ministry", "International", "Français", "1. ACCESS: Connecting people everywhere"),
        *("Past work", "Programmatic", "remote", "Rwanda and Burundi", "4. Quality Education", "Not given"),
    ):
        assert words in text
    assert "Change" not in text


def test_answers_that_may_change_have_a_way_to_change_them(client: FlaskClient, expression: Make) -> None:
    ghana = expression(State.SUBMITTED)
    walking.hold(client, ghana)

    text = client.get(walking.address(ghana, "/answers")).get_data(as_text=True)

    assert walking.address(ghana, "/answers/goals") in text


def test_answers_that_the_programme_no_longer_knows_are_shown_as_they_are(
    client: FlaskClient, expression: Make
) -> None:
    ghana = expression(
        State.SCREENED,
        category="guild",
        country="ZZZ",
        preferences=["elsewhere"],
        sdgs=[99],
        action_lines=["C99"],
        language="xx",
        criteria={"pledge": {"statement": "x", "target_date": "soon", "value": "much", "countries": ["ZZZ"]}},
    )
    walking.hold(client, ghana)

    text = client.get(walking.address(ghana, "/answers")).get_data(as_text=True)

    assert all(words in text for words in ("guild", "ZZZ", "elsewhere", "99.", "C99.", "soon", "much"))
