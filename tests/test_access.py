"""Who may open what: every view against the plain lines of access.txt, and every door tried by everybody."""

import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from intake import links
from intake.access import guard_of
from intake.extensions import accounts, db
from intake.models import (
    BulkRun,
    Conflict,
    ConflictKind,
    Expression,
    Kind,
    Letter,
    LetterStatus,
    ReceivedMessage,
    SavedView,
)
from intake.notifications import outbox
from intake.notifications.compose import Text
from tests import making
from tests.colleagues import colleague
from workflows.expression import State
from workflows.people import Role

LINES = Path(__file__).with_name("access.txt")
NOBODY, STRANGER = "nobody", "another applicant"
PEOPLE = (NOBODY, STRANGER, Role.SCREENER, Role.SECRETARIAT, Role.ADMINISTRATOR)
OWNER = "owner@example.org"
ENDS_THE_VISIT = {"security.logout"}


def line(rule: Rule) -> str:
    """A rule of the application as access.txt writes it."""
    methods = ",".join(sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}))
    return f"{methods} {rule.rule} | {rule.endpoint} | {guard_of(rule.endpoint) or 'closed'}"


def test_every_view_has_the_guard_that_is_written_down(app: Flask) -> None:
    written = [text for text in LINES.read_text(encoding="utf-8").splitlines() if text and not text.startswith("#")]

    assert sorted(line(rule) for rule in app.url_map.iter_rules()) == sorted(written)


def letter() -> Letter:
    """A failed letter."""
    outbox.enqueue_test("secretariat@example.org", Text("Test", "A test.\n"))
    written = db.session.query(Letter).one()
    written.status = LetterStatus.FAILED
    db.session.commit()
    return written


def message() -> ReceivedMessage:
    """A message that came in."""
    received = ReceivedMessage(identity="0" * 64, source="test", kind=Kind.ANSWER, size=5, content=b"Hello")
    db.session.add(received)
    db.session.commit()
    return received


def arguments(subject: Expression) -> dict[str, Any]:
    """A value for each argument of an address; what it names is there, and belongs to a colleague."""
    owner = accounts.find_user(email=OWNER) or colleague("Owner", Role.SCREENER, email=OWNER)
    run = BulkRun(key=secrets.token_hex(8), user_id=owner.id, trigger="decline", facts={}, items=[])
    view = SavedView(user_id=owner.id, name=secrets.token_hex(8), query="state=open")
    conflict = Conflict(expression_id=making.expression().id, user_id=owner.id, kind=ConflictKind.PERSONAL, reason="A.")
    db.session.add_all([run, view, conflict])
    db.session.commit()
    return {
        "reference": subject.reference,
        "trigger": "request_information",
        "step_id": "organisation",
        "token": "x" * 43,
        "kind": "txt",
        "file_type": "json",
        "filename": "app.css",
        "run_id": run.id,
        "letter_id": (db.session.query(Letter).first() or letter()).id,
        "message_id": (db.session.query(ReceivedMessage).first() or message()).id,
        "action": "edit",
        "text_id": "screen.applicant.en",
        "conflict_id": conflict.id,
        "document_id": making.document(subject).id,
        "holder_id": making.colleague_of(subject).id,
        "passkey_id": 1,
        "version_number": 1,
        "view_id": view.id,
        "number": making.enquiry().reference,
        "enquiry_step": "answer",
    }


def doors(app: Flask, method: str, subject: Expression) -> Iterator[tuple[str, str]]:
    """Endpoint and address of every view with this method, about one expression."""
    values = arguments(subject)
    with app.test_request_context():
        for rule in app.url_map.iter_rules():
            if method in (rule.methods or ()) and rule.endpoint not in ENDS_THE_VISIT:
                given = {name: values[name] for name in rule.arguments}
                yield rule.endpoint, app.url_for(rule.endpoint, **given)


def let_in(answer: TestResponse) -> bool:
    """Whether the guard let somebody through, whatever the view said then."""
    sent_to_sign_in = answer.status_code == 303 and answer.location.startswith("/staff/login")
    return not sent_to_sign_in and b"This page is not open to you" not in answer.data


def may(person: str, endpoint: str) -> bool:
    """What the guard of a view promises to a person who holds no link to the expression."""
    guard = guard_of(endpoint)
    if guard is None or guard.audience == "applicant":
        return False
    return guard.audience == "public" or person in guard.roles


@pytest.fixture
def browser_of(
    client: FlaskClient, sign_in: Callable[[Role], FlaskClient], expression: Callable[..., Expression]
) -> Callable[[str], FlaskClient]:
    """The browser of one of `PEOPLE`."""

    def give(person: str) -> FlaskClient:
        if person == STRANGER:
            hold_link(client, expression(State.SUBMITTED))
        return sign_in(person) if isinstance(person, Role) else client

    return give


def hold_link(client: FlaskClient, subject: Expression) -> None:
    """Let a browser be that of an applicant."""
    link, _token = links.mint(subject.id, subject.contact_email)
    db.session.commit()
    with client.session_transaction() as session:
        session["links"] = [link.id]


@pytest.mark.parametrize("person", PEOPLE)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_each_door_opens_to_those_alone_whom_its_guard_names(
    method: str, person: str, app: Flask, browser_of: Callable[[str], Any], expression: Callable[..., Expression]
) -> None:
    subject = expression(State.SUBMITTED)
    browser = browser_of(person)
    found, promised = {}, {}

    for endpoint, address in list(doors(app, method, subject)):
        promised[endpoint] = may(person, endpoint)
        if method == "GET" or not promised[endpoint]:
            with browser.open(address, method=method) as answer:
                found[endpoint] = let_in(answer)
        else:
            found[endpoint] = True

    assert found == promised
    db.session.refresh(subject)
    assert (subject.state, subject.version) == (State.SUBMITTED, 1)


def test_an_applicant_opens_their_own_expression(
    client: FlaskClient, app: Flask, expression: Callable[..., Expression]
) -> None:
    own = expression(State.SUBMITTED)
    hold_link(client, own)

    answer = client.get(f"/expressions/{own.reference}")

    assert (answer.status_code, own.organisation_name in answer.text) == (200, True)


@pytest.mark.parametrize("path", ["", "/withdraw", "/take", "/verdicts"])
@pytest.mark.parametrize("role", [Role.SCREENER, Role.SECRETARIAT, Role.ADMINISTRATOR])
def test_a_draft_is_no_page_to_staff(
    role: Role, path: str, sign_in: Callable[[Role], FlaskClient], expression: Callable[..., Expression]
) -> None:
    draft = expression(State.DRAFT, organisation_name="Still writing")
    browser = sign_in(role)
    method = "POST" if path in {"/take", "/verdicts"} else "GET"

    answer = browser.open(f"/staff/expressions/{draft.reference}{path}", method=method)

    assert answer.status_code == (403 if method == "POST" and role is not Role.SCREENER else 404)
    assert "Still writing" not in browser.get("/staff/queue?state=all&q=Still").text


def test_signing_in_leads_back_to_the_page_that_was_asked_for(
    client: FlaskClient, account: Callable[[Role], Any]
) -> None:
    account(Role.SCREENER)

    asked = client.get("/staff/queue?state=all")

    assert asked.location == "/staff/login?next=/staff/queue?state%3Dall"
