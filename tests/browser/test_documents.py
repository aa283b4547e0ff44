"""Documents on a telephone without JavaScript: added, seen by the applicant and by staff, removed."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from intake.extensions import db
from tests import making
from tests.browser.conftest import Person, Site
from tests.documents import files
from tests.test_access import hold_link
from workflows.expression import State

SCREENS = {"narrow": (360, 740), "wide": (1280, 900)}


@pytest.fixture(params=SCREENS)
def page(request: pytest.FixtureRequest, chromium: Browser) -> Iterator[Page]:
    """A page of a browser that runs no scripts."""
    width, height = SCREENS[request.param]
    context = chromium.new_context(viewport={"width": width, "height": height}, java_script_enabled=False)
    yield context.new_page()
    context.close()


def fits(page: Page) -> bool:
    """Whether nothing is wider than the screen."""
    size = page.viewport_size
    whole = page.screenshot(full_page=True)
    assert size is not None
    return int.from_bytes(whole[16:20], "big") == size["width"]


def test_documents_are_added_and_removed_on_any_screen_without_scripts(site: Site, page: Page, tmp_path: Path) -> None:
    returned = making.expression(State.RETURNED)
    client = site.app.test_client()
    hold_link(client, returned)
    name = site.app.config["SESSION_COOKIE_NAME"]
    cookie = client.get_cookie(name)
    assert cookie is not None
    page.context.add_cookies([{"name": name, "value": cookie.value, "url": site.url}])
    applicant = Person(page, site)
    (tmp_path / "letter.pdf").write_bytes(files.SOUND["letter.pdf"])

    reference = returned.reference
    db.session.remove()  # which would keep the site from writing

    applicant.opens(f"/expressions/{reference}/points")
    applicant.follows("You can add documents, too.")
    page.get_by_label("Document", exact=True).set_input_files(tmp_path / "letter.pdf")
    applicant.presses("Add this document")

    applicant.sees("letter.pdf is added.", "PDF · ", "Not scanned for viruses")
    assert fits(page)
    page.get_by_label("Document", exact=True).set_input_files(
        {"name": "map.pdf", "mimeType": "application/pdf", "buffer": files.SOUND["map.png"]}
    )
    applicant.presses("Add this document")
    applicant.sees("There is a problem", "Give it a name that ends in .png and add it again.")
    assert fits(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="letter.pdf", exact=True).click()
    assert Path(download.value.path()).read_bytes() == files.SOUND["letter.pdf"]
    page.get_by_role("link", name="Remove letter.pdf").click()
    applicant.sees("Remove this document?", "Its name stays on record")
    assert fits(page)
    applicant.presses("Remove it")
    applicant.sees("letter.pdf is removed.", "No document is added.")
