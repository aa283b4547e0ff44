"""After it was sent: answering points, naming the delegate, withdrawing; each once, each in words."""

from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from flask.testing import FlaskClient

from intake.advance import advance
from intake.models import Expression
from tests.applicants import walking
from tests.making import SCREENER
from workflows.expression import ACTIVE, State

Make = Callable[..., Expression]
POINTS = [{"question": "How many schools?", "answer": ""}, {"question": "By when?", "answer": ""}]


@pytest.fixture
def returned(client: FlaskClient, expression: Make) -> Expression:
    """An expression with two open points, which this browser may open."""
    made = expression(State.RETURNED, points=POINTS)
    walking.hold(client, made)
    return made


def post(client: FlaskClient, expression: Expression, page: str, **typed: Any) -> Any:
    """Open a page of an expression, fill in its form and send it."""
    where = walking.address(expression, page)
    return client.post(where, data={**walking.hidden(client.get(where)), **typed})


def test_points_are_saved_and_sent_when_complete(client: FlaskClient, returned: Expression) -> None:
    page = unescape(client.get(walking.address(returned, "/points")).get_data(as_text=True))
    saved = post(client, returned, "/points", answer_1="100", answer_2="", go="save")
    early = post(client, returned, "/points", answer_1="100", answer_2="", go="send")
    sent = post(client, returned, "/points", answer_1="100", answer_2="2027", go="send")

    assert "1. How many schools?" in page
    assert "end of day (Geneva time)" in page
    assert (saved.status_code, early.status_code, sent.status_code) == (303, 409, 303)
    assert "Answer every point; 1 still without an answer." in early.get_data(as_text=True)
    stored = walking.by_reference(returned.reference)
    assert (stored.state, [point["answer"] for point in stored.points]) == (State.SUBMITTED, ["100", "2027"])
    assert [step.trigger for step in stored.history] == ["resubmit"]


def test_answers_sent_twice_are_received_once(client: FlaskClient, returned: Expression) -> None:
    where = walking.address(returned, "/points")
    form = {**walking.hidden(client.get(where)), "answer_1": "100", "answer_2": "2027", "go": "send"}

    answers = [client.post(where, data=form).status_code for _ in range(2)]

    assert answers == [303, 303]
    assert len(walking.by_reference(returned.reference).history) == 1


def test_two_who_answer_at_once_see_each_other(client: FlaskClient, returned: Expression) -> None:
    where = walking.address(returned, "/points")
    seen = walking.hidden(client.get(where))
    client.post(where, data={**seen, "answer_1": "first", "answer_2": "", "go": "save"})

    late = client.post(where, data={**seen, "answer_1": "second", "answer_2": "", "go": "save"})

    text = unescape(late.get_data(as_text=True))
    assert late.status_code == 409
    assert "first" in text
    assert "second" in text
    assert walking.by_reference(returned.reference).points[0]["answer"] == "first"
    again = {**walking.hidden(late), "answer_1": "second", "answer_2": "", "go": "save"}
    assert client.post(where, data=again).status_code == 303
    assert walking.by_reference(returned.reference).points[0]["answer"] == "second"


def test_an_answer_that_is_too_long_stays_in_the_form(client: FlaskClient, returned: Expression) -> None:
    page = post(client, returned, "/points", answer_1="w" * 5001, answer_2="2027", go="save")

    assert page.status_code == 422
    assert "Answer to point 1: write at most 5,000 characters (you have 5,001)." in page.get_data(as_text=True)
    assert "w" * 5001 in page.get_data(as_text=True)


@pytest.mark.parametrize("state", sorted(set(State) - {State.RETURNED, State.DRAFT}))
def test_points_are_closed_where_the_table_does_not_open_them(
    client: FlaskClient, expression: Make, state: State
) -> None:
    made = expression(state)
    walking.hold(client, made)

    shown = client.get(walking.address(made, "/points"))
    sent = client.post(walking.address(made, "/points"), data={"answer_1": "x"})

    assert (shown.status_code, sent.status_code) == (409, 303)
    assert walking.by_reference(made.reference).state is state


@pytest.mark.parametrize("state", sorted(set(State) - {State.DRAFT}))
def test_a_delegate_is_named_in_active_states_alone(client: FlaskClient, expression: Make, state: State) -> None:
    made = expression(state, delegate_name="")
    walking.hold(client, made)

    shown = client.get(walking.address(made, "/delegate"))
    named = post(client, made, "/delegate", delegate_name="The Rector", delegate_title="Rector")

    expected = (200, 303, "The Rector") if state in ACTIVE else (409, 409, "")
    stored = walking.by_reference(made.reference)
    assert (shown.status_code, named.status_code, stored.delegate_name) == expected


def test_a_delegate_needs_a_name_and_a_title(client: FlaskClient, expression: Make) -> None:
    made = expression(State.ASSIGNED)
    walking.hold(client, made)

    page = post(client, made, "/delegate", delegate_name="", delegate_title="x" * 201)

    text = page.get_data(as_text=True)
    assert page.status_code == 422
    assert "Full name of the delegate: write it; a seat is given to a person." in text
    assert "Title of the delegate: write at most 200 characters (you have 201)." in text
    assert walking.by_reference(made.reference).delegate_name == "The Minister"


@pytest.mark.parametrize("state", sorted(ACTIVE))
def test_withdrawing_needs_a_reason_and_is_final(client: FlaskClient, expression: Make, state: State) -> None:
    made = expression(state)
    walking.hold(client, made)

    refused = post(client, made, "/withdraw", reason=" ")
    done = post(client, made, "/withdraw", reason="Another plan.")
    again = client.get(walking.address(made, "/withdraw"))

    assert (refused.status_code, done.status_code, again.status_code) == (409, 303, 409)
    assert "Give a reason; it becomes part of the history." in refused.get_data(as_text=True)
    stored = walking.by_reference(made.reference)
    assert (stored.state, stored.history[-1].facts) == (State.WITHDRAWN, {"reason": "Another plan."})


def test_withdrawing_after_staff_moved_on_asks_to_read_again_and_keeps_the_words(
    client: FlaskClient, expression: Make
) -> None:
    made = expression(State.SUBMITTED, met=True)
    walking.hold(client, made)
    where = walking.address(made, "/withdraw")
    seen = walking.hidden(client.get(where))
    advance(made, "screen", actor=SCREENER, version=made.version)

    late = client.post(where, data={**seen, "reason": "Another plan."})

    assert late.status_code == 409
    assert "It was changed since you opened this page." in late.get_data(as_text=True)
    assert "Another plan." in late.get_data(as_text=True)
    assert client.post(where, data={**walking.hidden(late), "reason": "Another plan."}).status_code == 303


def test_withdrawn_twice_it_is_withdrawn_once(client: FlaskClient, expression: Make) -> None:
    made = expression(State.ASSIGNED)
    walking.hold(client, made)
    where = walking.address(made, "/withdraw")
    form = {**walking.hidden(client.get(where)), "reason": "Another plan."}

    answers = [client.post(where, data=form).status_code for _ in range(2)]

    assert answers == [303, 303]
    assert len(walking.by_reference(made.reference).history) == 1


def test_a_draft_cannot_be_withdrawn(client: FlaskClient) -> None:
    draft = walking.begin(client)

    assert client.get(walking.address(draft, "/withdraw")).status_code == 409
    sent = client.post(walking.address(draft, "/withdraw"), data={"version": "1", "reason": "x"})
    assert sent.status_code == 303
    assert walking.by_reference(draft.reference).state is State.DRAFT
