"""What an applicant types survives a lost connection in their browser, until the server has it."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from intake import links
from intake.extensions import db
from tests import making
from tests.browser.conftest import PATIENCE_SECONDS, Site
from workflows.expression import State

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
TEXT = "We connect forty villages.\nقرية"


@pytest.fixture
def page(chromium: Browser, site: Site) -> Iterator[Page]:
    """The step with the first criterion of a draft, in a browser that runs JavaScript."""
    with site.app.app_context():
        draft = making.expression(State.DRAFT)
        _link, token = links.mint(draft.id, draft.contact_email)
        db.session.commit()
        address = f"{site.url}/expressions/{draft.reference}/answers/commitment"
        db.session.remove()
    context = chromium.new_context()
    context.set_default_timeout(PATIENCE_SECONDS * 1000)
    page = context.new_page()
    page.goto(f"{site.url}/link/{token}")
    page.locator("main form button").click()
    page.goto(address)
    yield page
    context.close()


def test_what_was_typed_without_a_connection_is_there_again_and_goes_once_it_is_saved(page: Page) -> None:
    statement, status = page.locator("textarea").first, page.locator("[data-status]")
    statement.fill(TEXT)

    page.context.set_offline(True)
    page.get_by_role("button", name="Save and continue").click()
    expect(status).to_contain_text("There is no connection")
    page.context.set_offline(False)
    page.reload()

    expect(status).to_contain_text("had not reached us")
    assert statement.input_value() == TEXT
    page.get_by_role("button", name="Save and go to the list").click()
    page.wait_for_load_state()
    page.go_back()
    page.reload()
    expect(status).to_have_text("")
    assert statement.input_value() == TEXT
    assert page.evaluate("() => Object.keys(localStorage)") == []


def test_what_somebody_else_has_saved_meanwhile_is_not_covered_by_old_words(page: Page, site: Site) -> None:
    statement = page.locator("textarea").first
    statement.fill(TEXT)
    other = page.context.new_page()
    other.goto(page.url)
    other.locator("textarea").first.fill("Newer words.")
    other.get_by_role("button", name="Save and go to the list").click()
    other.wait_for_load_state()

    page.reload()

    assert statement.input_value() == "Newer words."
