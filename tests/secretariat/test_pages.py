"""The composition of the groups, the seats with the waiting list, and the outbox."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from intake.advance import advance
from intake.current import programme
from intake.extensions import db
from intake.models import LINK, Expression, Letter, LetterStatus, Mode
from intake.wording import today
from tests.making import SCREENER
from workflows.expression import State
from workflows.people import Role

Make = Callable[..., Expression]
SignIn = Callable[[Role], FlaskClient]


def squeezed(answer: Any) -> str:
    """A page without its white space."""
    return " ".join(answer.text.split())


def test_the_composition_counts_those_who_are_placed_and_marks_gaps(expression: Make, sign_in: SignIn) -> None:
    expression(State.ASSIGNED, focus_area="access", organisation_name="Assigned one")
    expression(State.CONFIRMED, focus_area="access", organisation_name="Confirmed one")
    expression(State.SCREENED, organisation_name="Not placed")
    expression(State.WITHDRAWN, focus_area="access", organisation_name="Gone")

    page = squeezed(sign_in(Role.SCREENER).get("/staff/composition"))

    first_row = page.split("<tbody>")[1].split("</tr>")[0]
    assert first_row.startswith(' <tr> <th scope="row">ACCESS</th> <td class=""> <span class="cell-count">2</span>')
    assert page.count('class="cell-gap"') == 23
    listed = page.split('id="members"')[1]
    shown = [name for name in ("Assigned one", "Confirmed one", "Not placed", "Gone") if f"<bdi>{name}</bdi>" in listed]
    assert shown == ["Assigned one", "Confirmed one"]


def test_the_waiting_list_stands_in_the_order_in_which_seats_are_offered(expression: Make, sign_in: SignIn) -> None:
    an_hour_ago = datetime.now(UTC) - timedelta(hours=1)
    expression(State.WAITLISTED, organisation_name="Came later")
    expression(State.WAITLISTED, organisation_name="Came first", state_since=an_hour_ago)

    page = squeezed(sign_in(Role.SECRETARIAT).get("/staff/composition"))

    line = page.split('id="waitlist"')[1].split("</ol>")[0]
    assert line.index("Came first") < line.index("Came later")
    offer = page.split("Offer it to the first on the waiting list:")[1].split("</p>")[0]
    assert "Came first" in offer


def test_no_seat_is_offered_in_a_mode_that_nobody_waits_for(
    expression: Make, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("intake.programme.Roundtable.seats", lambda self, mode: 0 if mode == "in_person" else 5)
    expression(State.WAITLISTED, seat_mode=Mode.IN_PERSON)

    page = squeezed(sign_in(Role.SECRETARIAT).get("/staff/composition"))

    assert "A seat is free" not in page
    assert "0 / 5" in page


def test_an_empty_call_says_so(sign_in: SignIn) -> None:
    page = squeezed(sign_in(Role.SECRETARIAT).get("/staff/composition"))

    assert "Nobody waits for a seat" in page
    assert page.count("Nobody is assigned to this group yet.") == 4


@pytest.fixture
def told(expression: Make) -> Expression:
    """An expression with the letters of one step."""
    ghana = expression(State.SUBMITTED, met=True)
    advance(ghana, "screen", actor=SCREENER, version=ghana.version)
    return ghana


def fail(letter: Letter) -> None:
    """Let a letter have failed."""
    letter.status, letter.attempts, letter.answer = LetterStatus.FAILED, 7, "550 <nobody> unknown"
    db.session.commit()


def test_the_outbox_shows_every_letter_and_never_a_link(told: Expression, sign_in: SignIn) -> None:
    page = squeezed(sign_in(Role.SECRETARIAT).get("/staff/outbox"))

    assert page.count('<details class="letter"') == 2
    assert (LINK in page, "/link/" in page) == (True, False)
    assert f'href="/staff/expressions/{told.reference}"' in page


def test_the_outbox_shows_one_status(told: Expression, sign_in: SignIn) -> None:
    fail(told.letters[0])

    page = squeezed(sign_in(Role.ADMINISTRATOR).get("/staff/outbox?status=failed"))

    assert page.count('<details class="letter"') == 1
    assert "550 &lt;nobody&gt; unknown" in page
    assert page.count("Send again") == 1


@pytest.mark.parametrize("query", ["status=lost", "status=%00", "from=zzz"])
def test_an_unknown_filter_of_the_outbox_is_said(query: str, told: Expression, sign_in: SignIn) -> None:
    answer = sign_in(Role.SECRETARIAT).get(f"/staff/outbox?{query}")

    assert (answer.status_code, "is not known here and was left out" in answer.text) == (200, True)


def test_a_failed_letter_is_sent_again(told: Expression, sign_in: SignIn) -> None:
    letter = told.letters[0]
    fail(letter)

    answer = sign_in(Role.SECRETARIAT).post(f"/staff/outbox/{letter.id}/resend")

    db.session.refresh(letter)
    assert (answer.status_code, letter.status, letter.attempts) == (303, LetterStatus.QUEUED, 0)


def test_a_letter_that_has_not_failed_is_not_sent_again(told: Expression, sign_in: SignIn) -> None:
    letter = told.letters[0]

    answer = sign_in(Role.SECRETARIAT).post(f"/staff/outbox/{letter.id}/resend")

    db.session.refresh(letter)
    assert (answer.status_code, letter.status) == (409, LetterStatus.HELD)
    assert "Only a letter that has failed is sent again" in answer.text


@pytest.mark.parametrize("number", ["999999", "99999999999999999999", "x"])
def test_an_unknown_letter_is_no_page(number: str, sign_in: SignIn) -> None:
    assert sign_in(Role.SECRETARIAT).post(f"/staff/outbox/{number}/resend").status_code == 404


def test_pages_of_the_outbox_follow_each_other(
    told: Expression, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("intake.secretariat.queries.PAGE", 1)
    browser = sign_in(Role.SECRETARIAT)

    first = browser.get("/staff/outbox").text
    second = browser.get(first.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")).text

    found = [page.split('id="letter-')[1].split('"')[0] for page in (first, second)]
    assert found == [str(letter.id) for letter in reversed(told.letters)]
    assert 'rel="next"' not in second


def test_the_first_page_counts_what_waits(expression: Make, sign_in: SignIn) -> None:
    for state in (State.SUBMITTED, State.SCREENED, State.ASSIGNED, State.WAITLISTED, State.CONFIRMED, State.DRAFT):
        expression(state)
    expression(State.SUBMITTED, decision_due_on=today() - timedelta(days=1), unread=True)

    page = squeezed(sign_in(Role.SECRETARIAT).get("/staff/"))

    seats = programme().roundtable.seats(Mode.IN_PERSON) - 1, programme().roundtable.seats(Mode.REMOTE)
    assert waiting_in(page) == {
        "To screen": 2,
        "Decisions overdue": 1,
        "Without a screener": 2,
        "Answers that came": 1,
        "Answers overdue": 0,
        "To assign": 1,
        "To confirm": 1,
        "Waiting list": 1,
        "Seats left in person": seats[0],
        "Seats left, remote": seats[1],
        "To answer": 0,
        "Failed letters": 0,
        "Letters that came back": 0,
    }
    assert "Nothing waits now" not in page


def test_the_first_page_is_calm_when_nothing_waits(expression: Make, sign_in: SignIn) -> None:
    expression(State.CONFIRMED)

    page = squeezed(sign_in(Role.SECRETARIAT).get("/staff/"))

    assert "Nothing waits now" in page
    assert waiting_in(page)["To screen"] == 0


def waiting_in(page: str) -> dict[str, int]:
    """Label and number of each figure of the first page."""
    found = re.findall(r'<dt> <a href="[^"]+">([^<]+)</a> </dt> <dd class="figure-number"> (\d+) </dd>', page)
    return {label: int(number) for label, number in found}
