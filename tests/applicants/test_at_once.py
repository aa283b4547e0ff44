"""Five at the same moment, on both databases: done once, answered well five times."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from intake.applicants.entry import new_key
from intake.extensions import db
from intake.models import Expression
from tests.applicants import walking
from tests.applicants.walking import ANSWERS
from workflows.expression import State

Make = Callable[..., Expression]
FIVE = 5


def at_once(app: Flask, expression: Expression | None, where: str, forms: list[dict[str, Any]]) -> list[int]:
    """Send one form from each of several browsers at the same moment."""
    browsers = [app.test_client() for _ in forms]
    for browser in browsers if expression is not None else ():
        walking.hold(browser, expression)
    db.session.rollback()
    barrier = Barrier(len(forms))

    def send(browser: FlaskClient, form: dict[str, Any]) -> int:
        barrier.wait()
        return browser.post(where, data=form).status_code

    with ThreadPoolExecutor(len(forms)) as pool:
        return list(pool.map(send, browsers, forms))


def test_one_key_five_times_is_one_draft(app: Flask, client: FlaskClient) -> None:
    codes = at_once(app, None, "/expressions", [{"key": new_key()}] * FIVE)

    assert codes == [303] * FIVE
    assert db.session.scalar(select(func.count()).select_from(Expression)) == 1


def test_one_step_five_times_is_saved_once(app: Flask, client: FlaskClient) -> None:
    draft = walking.begin(client)
    where = walking.address(draft, "/answers/organisation")
    form = {**walking.hidden(client.get(where)), **ANSWERS["organisation"]}
    version = walking.by_reference(draft.reference).version

    codes = at_once(app, draft, where, [form] * FIVE)

    assert codes == [303] * FIVE
    stored = walking.by_reference(draft.reference)
    assert (stored.organisation_name, stored.version) == ("Ministry of Connectivity", version + 1)


def test_five_different_answers_at_once_one_wins_and_the_others_are_shown_it(app: Flask, client: FlaskClient) -> None:
    draft = walking.begin(client)
    where = walking.address(draft, "/answers/organisation")
    form = {**walking.hidden(client.get(where)), **ANSWERS["organisation"]}

    codes = at_once(app, draft, where, [{**form, "organisation_name": f"Name {n}"} for n in range(FIVE)])

    assert sorted(codes) == [303] + [409] * (FIVE - 1)
    assert walking.by_reference(draft.reference).organisation_name == f"Name {codes.index(303)}"


def test_one_expression_sent_five_times_is_received_once(app: Flask, client: FlaskClient) -> None:
    draft = walking.begin(client)
    walking.fill(client, draft)
    where = walking.address(draft, "/check")
    form = {**walking.hidden(client.get(where)), "consent": "y"}

    codes = at_once(app, draft, where, [form] * FIVE)

    assert codes == [303] * FIVE
    stored = walking.by_reference(draft.reference)
    assert ([step.trigger for step in stored.history], len(stored.letters)) == (["submit"], 2)


@pytest.mark.parametrize(
    ("state", "page", "typed", "trigger"),
    [
        (State.RETURNED, "/points", {"answer_1": "100", "go": "send"}, "resubmit"),
        (State.ASSIGNED, "/withdraw", {"reason": "Another plan."}, "withdraw"),
    ],
)
def test_one_later_step_five_times_is_taken_once(
    app: Flask, client: FlaskClient, expression: Make, state: State, page: str, typed: dict[str, str], trigger: str
) -> None:
    made = expression(state)
    walking.hold(client, made)
    where = walking.address(made, page)
    form = {**walking.hidden(client.get(where)), **typed}

    codes = at_once(app, made, where, [form] * FIVE)

    assert codes == [303] * FIVE
    assert [step.trigger for step in walking.by_reference(made.reference).history] == [trigger]
