"""A running site with its mail server and delivery, and people with a browser each."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
import waitress
from flask import Flask
from playwright.sync_api import Browser, Page, sync_playwright
from sqlalchemy import update

from intake.extensions import db
from intake.models import Expression, Letter, LetterStatus, User
from intake.notifications import embedded
from tests import making
from tests.conftest import PASSWORD
from tests.environment import skip_without_chromium
from tests.smtp import Received, SmtpSink
from workflows.expression import State
from workflows.people import Role

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE_SECONDS = 20
CONTACT = "officer@example.org"


@dataclass
class Site:
    """The running site, its outbox and what its mail server received."""

    url: str
    app: Flask
    smtp: SmtpSink
    delivery: embedded.Delivery

    def let_letters_leave(self) -> None:
        """End the undo minutes of every held letter."""
        with self.app.app_context():
            held = update(Letter).where(Letter.status == LetterStatus.HELD)
            db.session.execute(held.values(due_at=datetime.now(UTC)))
            db.session.commit()
            db.session.remove()
        self.delivery.nudge()

    def letter(self, recipient: str, subject: str) -> Received:
        """The newest letter to somebody whose subject contains these words, as soon as the server has it."""
        self.let_letters_leave()
        until = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < until:
            for received in reversed(self.smtp.messages):
                if received.recipient == recipient and subject in str(received.message["subject"]):
                    return received
            time.sleep(0.05)
        pytest.fail(f"No letter to {recipient} about “{subject}” has come: {self.smtp.messages}")


def _serve(server: Any) -> None:
    """Serve until the end of a test closes the socket, perhaps while it is being waited for."""
    with contextlib.suppress(OSError):
        server.run()


@pytest.fixture
def site(app: Flask, account: Callable[[Role], User], monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """The site with a screener and a secretariat, delivering to a real SMTP server."""
    for role in (Role.SCREENER, Role.SECRETARIAT):
        account(role)
    db.session.remove()
    server = waitress.create_server(app, host="127.0.0.1", port=0, threads=4)
    thread = threading.Thread(target=_serve, args=(server,), daemon=True)
    with SmtpSink() as smtp:
        for name, value in {"MAIL_SERVER": smtp.host, "MAIL_PORT": smtp.port, "MAIL_TIMEOUT": 5}.items():
            monkeypatch.setitem(app.config, name, value)
        monkeypatch.setitem(app.config, "BASE_URL", f"http://127.0.0.1:{server.effective_port}")
        delivery = embedded.start(app)
        thread.start()
        yield Site(app.config["BASE_URL"], app, smtp, delivery)
        delivery.stop()
        server.close()
        thread.join(timeout=5)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """A browser."""
    path = skip_without_chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


class Person:
    """Somebody at a browser, who reads pages and presses what they see."""

    def __init__(self, page: Page, site: Site) -> None:
        self.page = page
        self.site = site

    def opens(self, path: str) -> None:
        """Go to a page of the site."""
        self.page.goto(path if path.startswith("http") else self.site.url + path)

    def types(self, label: str, text: str) -> None:
        """Fill a field by its label."""
        self.page.get_by_label(label, exact=True).fill(text)

    def picks(self, label: str, option: str) -> None:
        """Choose from a list by its label."""
        self.page.get_by_label(label, exact=True).select_option(label=option)

    def ticks(self, label: str) -> None:
        """Tick a box or a radio button by its label."""
        self.page.get_by_label(label, exact=True).check()

    def presses(self, name: str) -> None:
        """Press a button and wait for the next page."""
        self.page.get_by_role("button", name=name, exact=True).click()
        self.page.wait_for_load_state()

    def follows(self, name: str) -> None:
        """Follow a link and wait for the next page."""
        self.page.get_by_role("link", name=name, exact=True).first.click()
        self.page.wait_for_load_state()

    def sees(self, *texts: str) -> None:
        """The page shows each of these texts."""
        shown = " ".join(self.page.inner_text("body").split())
        for text in texts:
            assert text in shown, f"“{text}” is not on {self.page.url}: {shown[:3000]}"


@pytest.fixture
def person(chromium: Browser, site: Site) -> Iterator[Callable[[], Person]]:
    """Makes somebody with a browser of their own, without JavaScript."""
    contexts = []

    def arrive() -> Person:
        context = chromium.new_context(java_script_enabled=False, viewport={"width": 1280, "height": 900})
        context.set_default_timeout(PATIENCE_SECONDS * 1000)
        contexts.append(context)
        return Person(context.new_page(), site)

    yield arrive
    for context in contexts:
        context.close()


@pytest.fixture
def staff(person: Callable[[], Person]) -> Callable[[Role], Person]:
    """Makes a member of staff who is signed in."""

    def arrive(role: Role) -> Person:
        somebody = person()
        somebody.opens("/staff/login")
        somebody.page.locator("[name=email]").fill(f"{role}@example.org")
        somebody.page.locator("[name=password]").fill(PASSWORD)
        somebody.page.locator("[name=password]").press("Enter")
        somebody.page.wait_for_url("**/staff/")
        return somebody

    return arrive


@pytest.fixture
def stored(site: Site) -> Callable[..., str]:
    """Makes an expression in a state; the staff's path of it."""

    def make(state: State, **changes: object) -> str:
        with site.app.app_context():
            made: Expression = making.expression(state, contact_email=CONTACT, **changes)
            reference = made.reference
            db.session.remove()
        return f"/staff/expressions/{reference}"

    return make
