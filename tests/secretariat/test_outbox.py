"""The pages of letters: what the secretariat finds, sees and does, and what a page says to whoever comes too late."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from intake.advance import advance
from intake.extensions import db
from intake.models import LINK, Expression, Letter, LetterStatus
from intake.notifications import handling
from tests.making import SCREENER
from workflows.expression import State
from workflows.people import Audience, Role

Make = Callable[..., Expression]
SignIn = Callable[[Role], FlaskClient]


@pytest.fixture
def letter(expression: Make) -> Letter:
    """The applicant's held letter of a screening."""
    ghana = expression(
        State.SUBMITTED, met=True, contact_email="Ann_B@one.example.org", organisation_name="<b>Ministry</b>"
    )
    advance(ghana, "screen", actor=SCREENER, version=ghana.version)
    return next(each for each in ghana.letters if each.audience is Audience.APPLICANT)


@pytest.fixture
def browser(sign_in: SignIn, letter: Letter) -> FlaskClient:
    """The secretariat's browser."""
    return sign_in(Role.SECRETARIAT)


def press(browser: FlaskClient, letter: Letter, action: str, **typed: Any) -> Any:
    """Send the form of one deed as the page of this moment has it."""
    seen = {"seen": handling.mark(letter)}
    db.session.rollback()
    return browser.post(f"/staff/outbox/{letter.id}/{action}", data={**seen, **typed})


def test_a_letter_has_a_page_with_its_headers_and_both_forms_of_its_text(browser: FlaskClient, letter: Letter) -> None:
    page = browser.get(f"/staff/outbox/{letter.id}").text

    assert "Programme officer &lt;Ann_B@one.example.org&gt;" in page
    assert "<b>Ministry</b>" not in page
    assert page.count("&lt;b&gt;Ministry&lt;/b&gt;") >= 2
    assert '<a href="http://intake.example.org/link">' in page
    assert (LINK in page, "/link/" in page) == (True, False)


def test_hold_edit_and_release_stand_on_the_page_with_who_did_them(browser: FlaskClient, letter: Letter) -> None:
    press(browser, letter, "hold")
    press(browser, letter, "edit", subject="Better words", body=f"Dear Ann,\n{LINK}")
    answer = press(browser, letter, "release", when="now")

    db.session.refresh(letter)
    assert (answer.status_code, letter.status, letter.kept_back) == (303, LetterStatus.QUEUED, False)
    assert (letter.subject, letter.body) == ("Better words", f"Dear Ann,\n{LINK}\n")
    page = browser.get(f"/staff/outbox/{letter.id}").text
    done = [part.split("<")[0].strip() for part in page.split('<p class="event-title">')[1:]]
    assert done == ["Released", "Changed", "Kept back"]
    assert page.count("The secretariat") >= 3
    assert "What it said before the change" in page


def test_the_page_of_the_expression_says_that_a_letter_is_kept_back(browser: FlaskClient, letter: Letter) -> None:
    press(browser, letter, "hold")
    reference = db.session.get_one(Expression, letter.expression_id).reference

    page = browser.get(f"/staff/expressions/{reference}").text

    assert page.count("Kept back by the secretariat") == 1
    assert page.count("Held until") == 1


def test_a_release_before_the_time_of_the_undo_asks_when(browser: FlaskClient, letter: Letter) -> None:
    page = browser.get(f"/staff/outbox/{letter.id}/release").text
    assert "Its step can be undone until" in page
    assert ('value="in_time"' in page, 'value="now"' in page, page.count('type="radio"')) == (True, True, 2)

    press(browser, letter, "hold")
    press(browser, letter, "release", when="in_time")

    db.session.refresh(letter)
    assert (letter.status, letter.kept_back) == (LetterStatus.HELD, False)


def test_a_cancelled_letter_needs_a_reason_and_shows_it(browser: FlaskClient, letter: Letter) -> None:
    empty = press(browser, letter, "cancel", reason=" ")
    given = press(browser, letter, "cancel", reason="The wrong <ministry>.")

    db.session.refresh(letter)
    assert (empty.status_code, given.status_code, letter.status) == (409, 303, LetterStatus.CANCELLED)
    assert "Give a reason" in empty.text
    assert "The wrong &lt;ministry&gt;." in browser.get(f"/staff/outbox/{letter.id}").text


def test_a_letter_that_has_just_left_is_not_edited_and_the_words_are_kept(browser: FlaskClient, letter: Letter) -> None:
    letter.status = LetterStatus.SENDING
    db.session.commit()

    answer = press(browser, letter, "edit", subject="Too late", body=f"My careful words.\n{LINK}")

    assert answer.status_code == 409
    assert "This letter is being sent at this moment, so it can no longer be changed." in answer.text
    assert ("Too late" in answer.text, "My careful words." in answer.text) == (True, True)


def test_whoever_edits_an_older_letter_is_shown_what_it_says_now(browser: FlaskClient, letter: Letter) -> None:
    press(browser, letter, "edit", subject="Of a colleague", body=f"Theirs.\n{LINK}")

    answer = browser.post(
        f"/staff/outbox/{letter.id}/edit", data={"seen": 1, "subject": "Mine", "body": f"Mine.\n{LINK}"}
    )

    assert (answer.status_code, "Somebody has handled this letter" in answer.text) == (409, True)
    assert ("What the letter says now" in answer.text, "Theirs." in answer.text, "Mine." in answer.text) == (True,) * 3


def test_a_broken_edit_is_refused_with_a_sentence(browser: FlaskClient, letter: Letter) -> None:
    broken = press(browser, letter, "edit", subject="x", body="No link.")
    forged = press(browser, letter, "edit", subject="a\r\nBcc: b@example.org", body=f"x\n{LINK}")

    db.session.refresh(letter)
    assert (broken.status_code, "must stay in the text exactly once" in broken.text) == (409, True)
    assert (forged.status_code, "write it on one line" in forged.text) == (422, True)
    assert "Bcc" not in letter.subject


def test_a_copy_of_a_sent_letter_is_asked_for_twice(browser: FlaskClient, letter: Letter) -> None:
    letter.status, letter.sent_at = LetterStatus.SENT, letter.created_at
    db.session.commit()

    at_once = press(browser, letter, "resend")
    asked = browser.get(f"/staff/outbox/{letter.id}/copy").text
    confirmed = press(browser, letter, "resend", confirmed="yes")

    assert (at_once.status_code, "will get the same words a second time" in asked) == (409, True)
    copy = db.session.query(Letter).order_by(Letter.id.desc()).first()
    assert copy is not None
    assert confirmed.location == f"/staff/outbox/{copy.id}"
    assert (copy.status, copy.recipient, copy.step_id) == (LetterStatus.QUEUED, letter.recipient, None)


def shown(browser: FlaskClient, query: str) -> int:
    """How many letters a view of the outbox shows."""
    return browser.get(f"/staff/outbox?{query}").text.count('<details class="letter" id=')


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 2),
        ("kept=1", 1),
        ("audience=applicant", 1),
        ("audience=group_lead", 0),
        ("q=ann_b@ONE", 1),
        ("q=example.org", 2),
        ("q=%25", 0),
        ("q=annxb", 0),
        ("q=_", 1),
        ("status=held&audience=secretariat&q=secretariat", 1),
        ("status=sent", 0),
    ],
)
def test_the_outbox_is_searched_by_fate_reader_and_address(
    browser: FlaskClient, letter: Letter, query: str, count: int
) -> None:
    press(browser, letter, "hold")

    assert shown(browser, query) == count


@pytest.mark.parametrize("query", ["kept=yes", "audience=everybody", "audience=%00"])
def test_an_unknown_filter_is_said_and_left_out(browser: FlaskClient, query: str) -> None:
    page = browser.get(f"/staff/outbox?{query}").text

    assert "is not known here and was left out" in page


def test_the_pages_of_a_search_keep_it(browser: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("intake.secretariat.queries.PAGE", 1)

    page = browser.get("/staff/outbox?status=held&q=example.org").text

    following = page.split('rel="next" href="')[1].split('"')[0]
    assert ("status=held" in following, "q=example.org" in following) == (True, True)
    assert shown(browser, following.split("?")[1].replace("&amp;", "&")) == 1


NUMBER = '<dd class="figure-number">'


def unread(browser: FlaskClient) -> list[str]:
    """What the first page says of letters that failed, and of letters that came back."""
    page = " ".join(browser.get("/staff/").text.split())
    return [
        page.partition(name)[2].partition(NUMBER)[2].partition("<")[0].strip()
        for name in ("Failed letters", "Letters that came back")
    ]


def listed(browser: FlaskClient, letter: Letter) -> bool:
    """Whether the letter stands among those to see to."""
    return f'id="letter-{letter.id}"' in browser.get("/staff/outbox?astray=1").text


@pytest.mark.parametrize(("status", "counted"), [(LetterStatus.FAILED, ["1", "0"]), (LetterStatus.BOUNCED, ["0", "1"])])
def test_a_letter_that_nobody_has_read_is_counted_until_it_is_settled_with_a_reason(
    browser: FlaskClient, letter: Letter, status: LetterStatus, counted: list[str]
) -> None:
    letter.status = status
    db.session.commit()
    before = (unread(browser), listed(browser, letter))

    refused = press(browser, letter, "settle", reason=" ")
    kept = (unread(browser), listed(browser, letter))
    answer = press(browser, letter, "settle", reason="They were told by telephone.")

    assert (refused.status_code, answer.status_code) == (409, 303)
    assert before == kept == (counted, True)
    assert (unread(browser), listed(browser, letter)) == (["0", "0"], False)
    page = browser.get(f"/staff/outbox/{letter.id}").text
    assert ("Settled" in page, "They were told by telephone." in page) == (True, True)
    db.session.refresh(letter)
    assert letter.status is status


def test_what_is_settled_and_fails_once_more_is_counted_again(browser: FlaskClient, letter: Letter) -> None:
    letter.status = LetterStatus.FAILED
    db.session.commit()
    press(browser, letter, "settle", reason="The mailbox is full; they know.")

    press(browser, letter, "resend")
    letter.status = LetterStatus.FAILED
    db.session.commit()

    assert (unread(browser), listed(browser, letter)) == (["1", "0"], True)


def test_a_copy_takes_the_place_of_a_letter_that_came_back(browser: FlaskClient, letter: Letter) -> None:
    letter.status = LetterStatus.BOUNCED
    db.session.commit()
    asks = browser.get(f"/staff/outbox/{letter.id}/copy").text

    answer = press(browser, letter, "resend", confirmed="yes")

    assert ("The copy goes to the same address" in asks, "Ann_B@one.example.org" in asks) == (True, True)
    assert (answer.status_code, unread(browser), listed(browser, letter)) == (303, ["0", "0"], False)
    copy = db.session.query(Letter).order_by(Letter.id.desc()).limit(1).one()
    copy.status = LetterStatus.BOUNCED
    db.session.commit()
    assert (unread(browser), listed(browser, copy), listed(browser, letter)) == (["0", "1"], True, False)


@pytest.mark.parametrize("status", sorted(set(LetterStatus) - {LetterStatus.FAILED, LetterStatus.BOUNCED}))
def test_a_letter_that_may_have_been_read_is_not_settled(
    browser: FlaskClient, letter: Letter, status: LetterStatus
) -> None:
    letter.status = status
    db.session.commit()

    answer = press(browser, letter, "settle", reason="No need.")

    assert (answer.status_code, "Only a letter that has failed or came back is settled" in answer.text) == (409, True)
    assert handling.events(letter) == []
