"""A step on many expressions through the pages: the list, the dry run, one confirmation, the run and its report."""

import csv
import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from intake import bulk
from intake.extensions import db
from intake.models import BulkRun, Expression, HistoryEntry, Letter
from tests.making import SECRETARIAT
from tests.screening.visits import forget
from tests.statements import counted
from workflows.expression import State
from workflows.people import Role

Make = Callable[..., Expression]
SignIn = Callable[[Role], FlaskClient]


def squeezed(answer: Any) -> str:
    """A page without its white space."""
    return " ".join(answer.text.split())


def listed(*expressions: Expression) -> str:
    """The references, one a line."""
    return "\n".join(each.reference for each in expressions)


def dry_run(browser: FlaskClient, trigger: str, references: str, **facts: Any) -> Any:
    """Ask for the dry run of a step."""
    return browser.post(f"/staff/bulk/steps/{trigger}", data={"references": references, **facts})


def plan_of(page: Any) -> str:
    """What the page of a dry run would confirm."""
    found = re.search(r'name="plan"[^>]*value="([^"]+)"', page.text)
    assert found
    return found[1]


def confirm(browser: FlaskClient, page: Any) -> Any:
    """Press the button of a dry run."""
    return browser.post("/staff/bulk/runs", data={"plan": plan_of(page)})


def test_a_list_becomes_a_dry_run_a_run_and_a_report(expression: Make, sign_in: SignIn) -> None:
    ready = expression(State.SCREENED, organisation_name="Ready")
    early = expression(State.SUBMITTED, organisation_name="=Early()")
    references = [ready.reference, early.reference]
    browser = sign_in(Role.SECRETARIAT)

    asked = browser.post("/staff/bulk", data={"references": listed(ready, early).lower(), "step": "assign"})
    seen = dry_run(browser, "assign", listed(ready, early), focus_area=bulk.EACH_FIRST)
    before = (db.session.query(HistoryEntry).count(), db.session.query(Letter).count())
    started = confirm(browser, seen)
    page = squeezed(browser.get(started.location))
    report = browser.get(f"{started.location}/report.csv")

    assert "Each one&#39;s first preference" in asked.text
    assert "Assign: 1 expressions" in squeezed(seen)
    why = "“Assign” does not follow the state “Submitted”."
    assert why in seen.text
    assert "Letters to the applicant: 1" in seen.text
    assert before == (0, 0)
    assert "2 of 2 are settled." in page
    found = db.session.query(Expression.state, Expression.focus_area).order_by(Expression.id)
    assert [tuple(each) for each in found] == [(State.ASSIGNED, "access"), (State.SUBMITTED, None)]
    rows = list(csv.reader(io.StringIO(report.get_data(as_text=True).removeprefix("\ufeff"))))
    assert [row[:6] for row in rows] == [
        ["Reference", "Organisation", "Outcome", "Why not", "State now", "Letters"],
        [references[0], "Ready", "Moved", "", "Assigned", "2"],
        [
            early.reference,
            "'=Early()",
            "Not moved",
            why,
            "Submitted",
            "0",
        ],
    ]


def test_a_step_that_asks_for_nothing_goes_straight_to_its_dry_run(expression: Make, sign_in: SignIn) -> None:
    ready, unread = expression(met=True), expression()
    data = {"references": listed(ready, unread), "step": "screen"}

    page = sign_in(Role.SCREENER).post("/staff/bulk", data=data)

    assert "Complete the screening: 1 expressions" in squeezed(page)
    assert "These criteria have no verdict “met”" in page.text


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("", "Write at least one reference."),
        ("hello\n{first}", "These are no references: HELLO. A reference looks like P2C-7K3M-Q9XD."),
        ("{first}\n{second}\n{first}", "These stand there more than once: {first}. Leave each once."),
        ("{first}\nP2C-0000-0000", "Not among the submitted expressions of this call: P2C-0000-0000. Take them out."),
        ("{draft}", "Not among the submitted expressions of this call: {draft}. Take them out."),
        ("P2C-0000-0000\n" * 1001, "The list has 1001 lines; at most 1000 can be moved at once. Split it."),
    ],
)
def test_a_bad_list_is_answered_by_a_sentence_and_nothing_is_done(
    given: str, said: str, expression: Make, sign_in: SignIn
) -> None:
    made = {"first": expression(State.SCREENED), "second": expression(State.SCREENED), "draft": expression(State.DRAFT)}
    references = {name: each.reference for name, each in made.items()}
    browser = sign_in(Role.SECRETARIAT)

    answers = [
        browser.post("/staff/bulk", data={"references": given.format(**references), "step": "assign"}),
        dry_run(browser, "assign", given.format(**references), focus_area="access"),
    ]

    assert [answer.status_code for answer in answers] == [422, 422]
    assert [said.format(**references) in answer.text for answer in answers] == [True, True]
    assert db.session.query(BulkRun).count() == 0


def test_a_step_of_another_role_is_refused_with_its_owner(expression: Make, sign_in: SignIn) -> None:
    ready = expression(State.SCREENED)
    browser = sign_in(Role.SCREENER)

    chosen = browser.post("/staff/bulk", data={"references": listed(ready), "step": "assign"})
    checked = dry_run(browser, "assign", listed(ready), focus_area="access")

    assert (chosen.status_code, "Step: choose one of the answers offered." in chosen.text) == (422, True)
    assert (checked.status_code, "This step belongs to: secretariat." in checked.text) == (403, True)


def test_a_confirmation_sent_twice_is_one_run_and_moves_once(expression: Make, sign_in: SignIn) -> None:
    ready = expression(State.SCREENED)
    browser = sign_in(Role.SECRETARIAT)
    seen = dry_run(browser, "assign", listed(ready), focus_area="access")

    first, second = confirm(browser, seen), confirm(browser, seen)

    assert (first.status_code, first.location) == (second.status_code, second.location)
    assert (db.session.query(BulkRun).count(), db.session.query(HistoryEntry).count()) == (1, 1)


def test_a_dry_run_that_was_tampered_with_or_is_another_persons_is_not_confirmed(
    expression: Make, sign_in: SignIn
) -> None:
    ready = expression(met=True)
    browser = sign_in(Role.SECRETARIAT)
    facts = {"criteria": "pledge", "reason": "No.", "change": "A pledge."}
    seen = dry_run(browser, "decline", listed(ready), **facts)
    tampered = browser.post("/staff/bulk/runs", data={"plan": plan_of(seen)[:-3] + "abc"})
    browser.post("/staff/logout")
    forget()

    borrowed = confirm(sign_in(Role.SCREENER), seen)

    said = "Make the dry run again."
    assert [(each.status_code, said in each.text) for each in (tampered, borrowed)] == [(409, True), (409, True)]
    assert db.session.query(BulkRun).count() == 0


def test_a_run_that_was_interrupted_is_gone_on_with_by_a_colleague_of_the_role(
    expression: Make, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "SLICE", 1)
    made = [expression(State.SCREENED) for _ in range(2)]
    items = [(each.id, each.version, ()) for each in made]
    run_id = bulk.start(bulk.Plan("key", "assign", {"focus_area": "access", "reason": ""}, items), user_id=None)
    bulk.go_on(run_id, actor=SECRETARIAT)
    browser = sign_in(Role.SECRETARIAT)
    address = f"/staff/bulk/runs/{run_id}"

    half = squeezed(browser.get(address))
    answer = browser.post(address)
    whole = squeezed(browser.get(answer.location))

    assert ("1 of 2 are settled." in half, "Go on" in half) == (True, True)
    assert ("2 of 2 are settled." in whole, "Go on" in whole) == (True, False)
    assert "“Assign” is done for all that could take it." in whole
    entries = db.session.query(HistoryEntry).order_by(HistoryEntry.expression_id)
    assert [(entry.expression_id, entry.actor_name) for entry in entries] == [
        (made[0].id, "The secretariat"),
        (made[1].id, "The secretariat"),
    ]


def test_others_see_a_run_and_cannot_go_on_with_it(expression: Make, sign_in: SignIn) -> None:
    ready = expression(State.SCREENED)
    run_id = bulk.start(bulk.Plan("key", "assign", {"focus_area": "access"}, [(ready.id, 1, ())]), user_id=None)
    browser = sign_in(Role.SCREENER)
    address = f"/staff/bulk/runs/{run_id}"

    page, pressed = browser.get(address), browser.post(address)

    assert "Whoever may take this step can go on with it." in page.text
    assert pressed.status_code == 403
    assert f'href="{address}"' in browser.get("/staff/bulk").text
    db.session.refresh(ready)
    assert ready.state is State.SCREENED


def test_what_is_marked_in_the_queue_fills_the_list(expression: Make, sign_in: SignIn) -> None:
    made = [expression(State.SCREENED), expression(State.SCREENED)]
    references = [each.reference for each in made]

    browser = sign_in(Role.SECRETARIAT)
    queue = browser.get("/staff/queue?state=screened").text
    marks = re.findall(r'form="bulk"\s+name="reference"\s+value="([^"]+)"', queue)
    page = browser.get("/staff/bulk", query_string={"reference": marks})

    assert (sorted(marks), 'id="bulk"' in queue) == (sorted(references), True)
    assert "\n".join(marks) in page.text.replace("\r\n", "\n")


def test_the_pages_of_runs_need_as_many_statements_for_one_expression_as_for_three(
    expression: Make, sign_in: SignIn
) -> None:
    browser = sign_in(Role.SECRETARIAT)
    sent = []
    for number in (1, 3):
        made = [expression(State.SCREENED) for _ in range(number)]
        items = [(each.id, 1, ()) for each in made]
        run_id = bulk.start(bulk.Plan(str(number), "assign", {"focus_area": "access"}, items), user_id=None)
        forget()
        with counted() as statements:
            browser.get(f"/staff/bulk/runs/{run_id}")
        forget()
        with counted() as more:
            browser.get("/staff/bulk")
        sent.append((len(statements), len(more)))

    assert sent[0] == sent[1]
