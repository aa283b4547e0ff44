"""The screening sheet with JavaScript: what is typed survives the closing of its page."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from intake.extensions import db
from intake.models import Verdict
from tests import making
from tests.browser.conftest import PATIENCE_SECONDS, Site
from tests.conftest import PASSWORD
from workflows.people import Role

NOTICE = "You have words that are not saved as verdicts yet"


@pytest.fixture
def screener(chromium: Browser, site: Site) -> Iterator[Callable[[], Page]]:
    """Opens a page for the screener, signed in, in a browser that runs JavaScript and reports its errors."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(PATIENCE_SECONDS * 1000)
    wrong: list[str] = []
    context.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    page = context.new_page()
    page.goto(f"{site.url}/staff/login")
    page.locator("[name=email]").fill(f"{Role.SCREENER}@example.org")
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("[name=password]").press("Enter")
    page.wait_for_url("**/staff/")
    page.close()
    yield context.new_page
    context.close()
    assert wrong == []


@pytest.fixture
def address(site: Site) -> str:
    """The page of an expression."""
    with site.app.app_context():
        reference = making.expression().reference
        db.session.remove()
    return f"{site.url}/staff/expressions/{reference}"


def test_typed_words_survive_the_closing_of_the_page(screener: Callable[[], Page], address: str) -> None:
    first = screener()
    first.goto(address)
    first.locator("[name=pledge-outcome][value=need_more]").check()
    first.locator("[name=pledge-reason]").fill("A target, but by wh")
    expect(first.locator("[data-status]")).to_contain_text("Saved as draft")
    first.close()

    later = screener()
    later.goto(address)

    expect(later.locator("[name=pledge-reason]")).to_have_value("A target, but by wh")
    expect(later.locator("[name=pledge-outcome][value=need_more]")).to_be_checked()
    expect(later.locator("main")).to_contain_text(NOTICE)


def test_saved_verdicts_leave_no_draft_behind(screener: Callable[[], Page], address: str, site: Site) -> None:
    page = screener()
    page.goto(address)
    page.locator("[name=pledge-outcome][value=met]").check()
    page.locator("[name=pledge-reason]").fill("A target with a year.")
    page.locator("[data-key=save]").click()
    expect(page.locator(".flash")).to_contain_text("The verdicts are saved.")

    page.goto(address)

    expect(page.locator("main")).not_to_contain_text(NOTICE)
    with site.app.app_context():
        stored = [(verdict.criterion, verdict.reason) for verdict in db.session.query(Verdict)]
        db.session.remove()
    assert stored == [("pledge", "A target with a year.")]
