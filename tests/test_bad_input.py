"""The whole site against bad input: every route and method, by everybody, is answered without an error or a trace."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import html5lib
import pytest
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from intake import access, links
from intake.applicants import linking
from intake.extensions import db
from intake.models import Base, Expression, Letter, now
from tests import hostile
from tests.test_access import arguments, hold_link
from workflows.expression import State
from workflows.people import Role

Make = Callable[..., Expression]
BUTTONS = {
    "applicants.begin",
    "applicants.remove_document",
    "applicants.remove_person",
    "applicants.keep_contact",
    "applicants.mail_link",
    "applicants.keep_data",
    "applicants.nudge",
    "screening.go_on_with_bulk",
    "screening.take",
    "screening.take_next",
    "secretariat.resend",
    "security.logout",
}
"""There is no input that could be wrong, so pressing one does what it says."""
ANY_WORDS = {"applicants.name_delegate", "applicants.add_person", "applicants.ask_for_contact"}
"""Forms that depend on no version, so that strange but harmless words are kept."""
PEOPLE = {
    "nobody": State.SUBMITTED,
    "author of a draft": State.DRAFT,
    "author who was asked": State.RETURNED,
    Role.SCREENER: State.SUBMITTED,
    Role.SECRETARIAT: State.SCREENED,
}
TRACES = ("Traceback", "Werkzeug", "werkzeug", "sqlalchemy", "psycopg", "site-packages", "Python/")


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linking, "EQUAL_SECONDS", 0.0)


class Browser(FlaskClient):
    """A client that keeps what is wrong with the answers; HTML that it has read before it does not read again."""

    read: set[bytes]
    faults: list[tuple[str, ...]]

    def attack(self, method: str, address: str, request: hostile.Request) -> TestResponse:
        """Send a request and note every fault of its answer."""
        with self.open(address, method=method, **request.options) as answer:
            said = f"{method} {address[:80]}", request.name, answer.status
            self.faults += [(*said, fault) for fault in self._found(answer)]
            return answer

    def _found(self, answer: TestResponse) -> Iterator[str]:
        if answer.status_code >= 500:
            yield "an error of ours"
        missing = {"Content-Security-Policy", "X-Frame-Options", "Referrer-Policy"} - set(answer.headers.keys())
        if missing or answer.headers.get("X-Content-Type-Options") != "nosniff":
            yield f"headers: {missing}"
        for cookie in answer.headers.getlist("Set-Cookie"):
            if "HttpOnly" not in cookie or "SameSite=Lax" not in cookie:
                yield f"cookie: {cookie}"
        if answer.mimetype == "text/html":
            yield from self._wrong_in(answer.get_data())

    def _wrong_in(self, page: bytes) -> Iterator[str]:
        if page and page not in self.read:
            self.read.add(page)
            reader = html5lib.HTMLParser()
            reader.parse(page.decode())
            yield from (f"HTML: {code} at {where}" for where, code, _ in reader.errors)
            yield from (f"a trace: {trace}" for trace in TRACES if trace in page.decode())
            yield from ("our script" for _ in range(page.count(b"<script>alert")))


@pytest.fixture
def browser(client: FlaskClient, app: Flask) -> Browser:
    """A browser that nobody is signed in to."""
    app.test_client_class = Browser
    made: Browser = app.test_client()
    made.read, made.faults = set(), []
    return made


@pytest.fixture
def visit(browser: Browser, account: Callable[[Role], Any], expression: Make) -> Callable[[Any], Expression]:
    """Lets one of `PEOPLE` use the browser; gives the expression that it is about."""

    def arrive(person: Any) -> Expression:
        subject = expression(PEOPLE[person])
        if isinstance(person, Role):
            typed = {"email": account(person).email, "password": "a long enough password"}
            assert browser.post("/staff/login", data=typed).status_code == 302
        elif person != "nobody":
            hold_link(browser, subject)
        name = browser.application.config["SESSION_COOKIE_NAME"]
        held = browser.get_cookie(name)
        if held:
            browser.set_cookie(name, held.value, domain=hostile.HOST)
        return subject

    return arrive


def addresses(app: Flask, method: str, subject: Expression) -> list[tuple[str, str]]:
    """Endpoint and address of every view with this method; every step of staff and of the applicant apart."""
    values = {
        name: value for name, value in arguments(subject).items() if name not in {"trigger", "step_id", "enquiry_step"}
    }
    found = []
    with app.test_request_context():
        for rule in app.url_map.iter_rules():
            if method not in (rule.methods or ()):
                continue
            given = {name: values[name] for name in rule.arguments if name in values}
            for more in choices(rule.arguments):
                found.append((rule.endpoint, app.url_for(rule.endpoint, **given, **more).partition("?")[0]))
    return found


def choices(arguments: set[str]) -> list[dict[str, str]]:
    """The values of the arguments that stand for several pages."""
    if "trigger" in arguments:
        return [{"trigger": trigger} for trigger in ("screen", "request_information", "undo")]
    if "enquiry_step" in arguments:
        return [{"enquiry_step": step} for step in ("answer", "close", "relate", "ask_further", "undo")]
    if "step_id" in arguments:
        return [{"step_id": step} for step in ("organisation", "focus_areas", "pledge", "goals", "no_such_step")]
    return [{}]


def lets_in(person: Any, endpoint: str) -> bool:
    """Whether a door is worth trying: nobody tries them all, the others those that their guard opens to them."""
    guard = access.guard_of(endpoint)
    if person == "nobody" or guard is None or guard == access.PUBLIC:
        return True
    return person in guard.roles if isinstance(person, Role) else guard == access.APPLICANT


def stored() -> dict[str, list[Any]]:
    """Every row of every table but those of who looked when, which looking fills."""
    db.session.rollback()
    tables = [table for table in Base.metadata.sorted_tables if table.name not in {"visits", "looks"}]
    return {
        table.name: [tuple(row) for row in db.session.execute(select(table).order_by(*table.primary_key))]
        for table in tables
    }


@pytest.mark.parametrize("person", ["nobody", "author who was asked", Role.SCREENER, Role.SECRETARIAT])
def test_reading_with_hostile_requests_changes_nothing(
    person: Any, app: Flask, browser: Browser, visit: Callable[[Any], Expression]
) -> None:
    pages = [address for endpoint, address in addresses(app, "GET", visit(person)) if lets_in(person, endpoint)]
    before = stored()

    for address in pages:
        for request in hostile.asking():
            browser.attack("GET", address, request)

    assert browser.faults == []
    assert stored() == before


@pytest.mark.parametrize("person", PEOPLE)
def test_hostile_forms_change_nothing(
    person: Any, app: Flask, browser: Browser, visit: Callable[[Any], Expression]
) -> None:
    doors = [place for place in addresses(app, "POST", visit(person)) if lets_in(person, place[0])]
    before = stored()

    for _, address in (place for place in doors if place[0] not in BUTTONS | ANY_WORDS):
        for request in hostile.sending():
            browser.attack("POST", address, request)

    assert browser.faults == []
    assert stored() == before


@pytest.mark.parametrize("person", PEOPLE)
def test_hostile_bodies_behind_a_button_are_never_our_error(
    person: Any, app: Flask, browser: Browser, visit: Callable[[Any], Expression]
) -> None:
    buttons = [place for place in addresses(app, "POST", visit(person)) if place[0] in BUTTONS | ANY_WORDS]

    for _, address in sorted(buttons, key=lambda place: place[0] == "security.logout"):
        for request in hostile.sending():
            browser.attack("POST", address, request)

    assert browser.faults == []


def test_other_paths_and_methods_lead_nowhere(app: Flask, browser: Browser, visit: Callable[[Any], Expression]) -> None:
    places = [*addresses(app, "GET", visit(Role.SECRETARIAT)), *addresses(app, "POST", visit("nobody"))]
    before, plain, codes = stored(), hostile.Request("path", {}), set()

    for _, address in places:
        for method in hostile.METHODS:
            browser.attack(method, address, plain)
    for address in hostile.PATHS:
        codes |= {browser.attack(method, address, plain).status_code for method in ("GET", "POST")}

    assert browser.faults == []
    assert codes <= {200, 303, 308, 400, 403, 404, 405}
    assert stored() == before


@pytest.mark.parametrize("person", PEOPLE)
def test_no_form_and_no_button_is_accepted_without_its_token(
    person: Any, app: Flask, browser: Browser, visit: Callable[[Any], Expression], monkeypatch: pytest.MonkeyPatch
) -> None:
    forms = addresses(app, "POST", visit(person))
    before = stored()
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)

    for _, address in forms:
        for token in ({}, {"csrf_token": ""}, {"csrf_token": "forged"}):
            answer = browser.attack("POST", address, hostile.Request("no token", {"data": token}))
            assert (answer.status_code, "The form could not be accepted" in answer.text) == (400, True)

    assert (browser.faults, stored()) == ([], before)


def test_a_session_signed_by_somebody_else_opens_nothing(
    app: Flask, browser: Browser, visit: Callable[[Any], Expression], account: Callable[[Role], Any]
) -> None:
    subject, user = visit("author of a draft"), account(Role.ADMINISTRATOR)
    other = Flask("other")
    other.secret_key = "another key, another key, another key"
    signer = SecureCookieSessionInterface().get_signing_serializer(other)
    assert signer is not None
    claims = {"links": [1, 2, 3], "_user_id": user.fs_uniquifier, "_fresh": True}
    pages = [place for place in addresses(app, "GET", subject) if access.guard_of(place[0]) != access.PUBLIC]

    for cookie in (signer.dumps(claims), "x" * 4_000, "eyJsaW5rcyI6WzFdfQ.a.b", ""):
        browser.set_cookie(app.config["SESSION_COOKIE_NAME"], cookie)
        browser.set_cookie("remember_token", cookie)
        assert {browser.get(address).status_code for _, address in pages} <= {303, 403, 404}


def test_unknown_expired_and_revoked_links_look_alike(app: Flask, browser: Browser, expression: Make) -> None:
    expired, revoked = (links.mint(expression().id, "applicant@example.org") for _ in range(2))
    expired[0].expires_at, revoked[0].revoked_at = now() - timedelta(seconds=1), now()
    db.session.commit()

    for method in ("GET", "POST"):
        said = set()
        for token in (expired[1], revoked[1], "x" * 43):
            answer = browser.open(f"/link/{token}", method=method)
            said.add((answer.status, answer.text.replace(token, ""), answer.headers.get("Location")))
        assert len(said) == 1
    with browser.session_transaction() as session:
        assert session.get("links", []) == []


def test_letters_carry_the_configured_address_whatever_the_host_of_the_request(
    app: Flask, browser: Browser, visit: Callable[[Any], Expression]
) -> None:
    subject = visit("author who was asked")
    lies = {"HTTP_HOST": hostile.HOST, "HTTP_X_FORWARDED_HOST": "evil.example", "HTTP_X_FORWARDED_PROTO": "https"}

    asked = browser.post("/link", data={"email": subject.contact_email}, environ_overrides=lies)
    typed = {"version": subject.version, "reason": "No longer possible."}
    gone = browser.post(f"/expressions/{subject.reference}/withdraw", data=typed, environ_overrides=lies)

    written = [f"{letter.subject} {letter.body}" for letter in db.session.query(Letter)]
    assert (len(written) >= 2, [text for text in written if "evil.example" in text]) == (True, [])
    assert (gone.location, "evil.example" in asked.text) == (f"/expressions/{subject.reference}", False)
    assert any("http://intake.example.org/" in text for text in written)
