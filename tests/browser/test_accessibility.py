"""Every page by the rules of axe-core for WCAG 2.2 AA, and as narrow as a zoom of 400 % makes it.

The whole walk, in every language, light and dark, is `make scan`; a run of all tests takes English by day for staff and
Arabic by night for all others.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page

from intake import links
from intake.applicants import linking
from intake.extensions import db
from intake.translations import LANGUAGES
from tests import making
from tests.browser.conftest import PATIENCE_SECONDS, Site
from tests.conftest import PASSWORD
from tests.test_bad_input import PEOPLE, addresses, lets_in
from workflows.expression import State
from workflows.people import Role

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
NARROW, WIDE = {"width": 320, "height": 640}, {"width": 1280, "height": 900}
THEMES = ("light", "dark")
LOOKS = [
    pytest.param(person, language, theme, marks=() if usual else pytest.mark.exhaustive)
    for person in PEOPLE
    for language in LANGUAGES
    for theme in THEMES
    for usual in [(language, theme) == (("en", "light") if isinstance(person, Role) else ("ar", "dark"))]
]
LEAVES = {"security.logout", "static"}
TOO_WIDE = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linking, "EQUAL_SECONDS", 0.0)


@pytest.fixture
def places(site: Site) -> Callable[[Any], tuple[list[str], str]]:
    """The addresses of every page that is open to one of `PEOPLE`, and of their link."""

    def find(person: Any) -> tuple[list[str], str]:
        with site.app.app_context():
            subject = making.expression(PEOPLE[person])
            for state in State:
                making.expression(state)
            found = [
                address
                for endpoint, address in addresses(site.app, "GET", subject)
                if lets_in(person, endpoint) and endpoint not in LEAVES
            ]
            _link, token = links.mint(subject.id, subject.contact_email)
            db.session.commit()
            db.session.remove()
        return found, f"/link/{token}"

    return find


@pytest.fixture
def arrive(chromium: Browser, site: Site) -> Iterator[Callable[..., Page]]:
    """Opens a browser with JavaScript, as one of `PEOPLE`."""
    contexts: list[BrowserContext] = []

    def enter(person: Any, link: str, language: str, theme: Any) -> Page:
        context = chromium.new_context(viewport=WIDE, color_scheme=theme)
        contexts.append(context)
        context.set_default_timeout(PATIENCE_SECONDS * 1000)
        page = context.new_page()
        page.goto(f"{site.url}/?lang={language}")
        if isinstance(person, Role):
            page.goto(f"{site.url}/staff/login")
            page.locator("[name=email]").fill(f"{person}@example.org")
            page.locator("[name=password]").fill(PASSWORD)
            page.locator("[name=password]").press("Enter")
            page.wait_for_url("**/staff/")
        elif person != "nobody":
            page.goto(site.url + link)
            page.locator("main form button").click()
            page.wait_for_load_state()
        return page

    yield enter
    for context in contexts:
        context.close()


def _visit(page: Page, site: Site, address: str) -> bool:
    """Open a page; False when a file is at this address, or its refusal in a sandbox, where no script can look."""
    heads = page.request.get(site.url + address).headers
    if not heads.get("content-type", "").startswith("text/html") or "sandbox" in heads["content-security-policy"]:
        return False
    page.goto(site.url + address)
    return True


@pytest.mark.parametrize(("person", "language", "theme"), LOOKS)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_no_page_breaks_a_rule_or_needs_two_directions_to_be_read(
    person: Any,
    language: str,
    theme: str,
    site: Site,
    places: Callable[[Any], tuple[list[str], str]],
    arrive: Callable[..., Page],
) -> None:
    found, link = places(person)
    page, axe, seen, faults = arrive(person, link, language, theme), Axe(), 0, []

    for address in found:
        if not _visit(page, site, address):
            continue
        seen += 1
        for violation in axe.run(page, options=RULES).response["violations"]:
            targets = [node["target"] for node in violation["nodes"]]
            faults.append((address, violation["id"], targets[:3]))
        page.set_viewport_size(NARROW)
        if (beyond := page.evaluate(TOO_WIDE)) > 0:
            faults.append((address, "wider than 320", beyond))
        page.set_viewport_size(WIDE)

    assert seen > 3
    assert faults == []
