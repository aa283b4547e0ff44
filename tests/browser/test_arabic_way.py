"""One expression from the empty form to its seat in Arabic, on a narrow telephone, without JavaScript.

What is pressed is found by its name and its place, so that nothing here depends on how a word is translated.
"""

import re
import time
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests import making
from tests.browser.conftest import PATIENCE_SECONDS, Site
from tests.browser.test_whole_way import link_in
from tests.conftest import PASSWORD
from tests.smtp import Received
from workflows.people import Role

TELEPHONE = {"width": 360, "height": 740}
CONTACT = "officer@example.org"
ORGANISATION = "وزارة الاتصالات"
ANSWERS: tuple[dict[str, str], ...] = (
    {"organisation_name": ORGANISATION, "kind": "member_states:ministry", "country": "RWA"},
    {"contact_name": "موظف البرامج", "contact_email": CONTACT},
    {"place_1": "adoption", "place_2": "access"},
    {"statement": "ربطنا أربعين مدرسة.", "basis": "past_work"},
    {"statement": "ننوي ربط مئة مدرسة أخرى.", "pledge_type": "programmatic", "target": "100"},
    {"statement": "سيشارك وزيرنا.", "delegate_title": "وزير الاتصالات", "participation_mode": "in_person"},
    {"statement": "سنراجع المسودات.", "nominee_name": "رئيسة السياسات"},
    {"communities": "مدارس ريفية"},
    {"sdgs": "4"},
)
"""One step of the form after the other: names of its fields to what is entered."""
ARABIC = re.compile(r"[\u0600-\u06ff]")
LATIN = re.compile(r"[A-Za-z]{4,}")
NAMES = {"ITU", "Partner2Connect", "WSIS", "officer", "example", "screener", "secretariat"}


class Reader:
    """Somebody who reads Arabic; every page is in it, reads from the right and fits the telephone."""

    def __init__(self, page: Page, site: Site) -> None:
        self.page, self.site = page, site

    def opens(self, path: str) -> None:
        self.page.goto(path if path.startswith("http") else self.site.url + path)
        self.looks()

    def looks(self) -> None:
        """Each page that is come to is one in Arabic."""
        html = self.page.locator("html")
        assert (html.get_attribute("lang"), html.get_attribute("dir")) == ("ar", "rtl"), self.page.url
        wide = max(self.page.locator("body").bounding_box()["width"], 0)  # type: ignore[index]
        assert wide <= TELEPHONE["width"], self.page.url

    def enters(self, **answers: str) -> None:
        for name, value in answers.items():
            field = self.page.locator(f"main [name='{name}']")
            if field.first.get_attribute("type") in {"radio", "checkbox"}:
                self.page.locator(f"main [name='{name}'][value='{value}']").check()
            elif field.evaluate("field => field.tagName") == "SELECT":
                field.select_option(value=value)
            else:
                field.fill(value)

    def presses(self, button: str = "main form .actions button.button >> nth=0") -> None:
        self.page.locator(button).click()
        self.page.wait_for_load_state()
        self.looks()

    def confirms(self) -> None:
        """Go on to what the step will bring, where it asks for anything, and take it."""
        if self.page.locator("[data-key=confirm]").count() == 0:
            self.presses()
        self.presses("[data-key=confirm]")


@pytest.fixture
def arrive(chromium: Browser, site: Site) -> Iterator[Callable[..., Reader]]:
    """Makes a reader of Arabic; a member of staff is signed in."""
    contexts: list[BrowserContext] = []

    def enter(role: Role | None = None) -> Reader:
        context = chromium.new_context(java_script_enabled=False, viewport=TELEPHONE, locale="ar-EG")  # type: ignore[arg-type]
        context.set_default_timeout(PATIENCE_SECONDS * 1000)
        contexts.append(context)
        reader = Reader(context.new_page(), site)
        if role is not None:
            reader.opens("/staff/login")
            reader.enters(email=f"{role}@example.org", password=PASSWORD)
            reader.page.locator("main [name=password]").press("Enter")
            reader.page.wait_for_url("**/staff/")
            reader.opens("/staff/?lang=ar")
        return reader

    yield enter
    for context in contexts:
        context.close()


def newest(site: Site, reference: str, count: int) -> str:
    """The letter to the applicant that came as number `count` about this expression; it is in Arabic."""
    until = time.monotonic() + PATIENCE_SECONDS
    mine: list[Received] = []
    while len(mine) < count:
        assert time.monotonic() < until, f"Letter {count} has not come: {site.smtp.messages}"
        site.let_letters_leave()
        time.sleep(0.1)
        to_them = [each for each in site.smtp.messages if each.recipient == CONTACT]
        mine = [each for each in to_them if reference in str(each.message["subject"])]
    letter = mine[count - 1]
    assert ARABIC.search(str(letter.message["subject"])), letter
    return str(letter.text)


def test_an_expression_goes_its_whole_way_in_arabic_on_a_telephone(site: Site, arrive: Callable[..., Reader]) -> None:
    applicant = arrive()
    applicant.opens("/")
    applicant.presses("main form button >> nth=0")
    path = applicant.page.url.removeprefix(site.url)
    reference = path.rpartition("/")[2]
    applicant.opens(f"{path}/answers/organisation")
    for answers in ANSWERS:
        applicant.enters(**answers)
        applicant.presses("main [name=go][value=next]")
    applicant.opens(f"{path}/check")
    applicant.presses()
    applicant.opens(link_in(newest(site, reference, 1)))
    applicant.presses("main form button >> nth=0")
    applicant.page.locator("main [name=consent]").check()
    applicant.presses()
    newest(site, reference, 2)

    screener = arrive(Role.SCREENER)
    screener.opens(f"/staff{path}")
    assert ORGANISATION in screener.page.inner_text("main")
    for criterion in making.CRITERIA:
        screener.page.locator(f"[name='{criterion}-outcome'][value=met]").check()
        screener.page.locator(f"[name='{criterion}-reason']").fill("يتضح من البيان.")
    screener.presses("[data-key=save]")
    screener.opens(f"/staff{path}/screen")
    screener.confirms()
    newest(site, reference, 3)

    secretariat = arrive(Role.SECRETARIAT)
    secretariat.opens(f"/staff{path}/assign")
    secretariat.enters(focus_area="adoption")
    secretariat.confirms()
    assigned = newest(site, reference, 4)

    applicant.opens(link_in(assigned))
    applicant.presses("main form button >> nth=0")
    applicant.opens(f"{path}/delegate")
    applicant.enters(delegate_name="الوزير", delegate_title="وزير الاتصالات")
    applicant.presses()

    secretariat.opens(f"/staff{path}/confirm")
    secretariat.enters(seat_mode="in_person")
    secretariat.confirms()
    confirmed = newest(site, reference, 5)
    assert "الوزير" in confirmed

    applicant.opens(path)
    shown = applicant.page.inner_text("main")
    assert [word for word in LATIN.findall(shown.replace(reference, "")) if word not in NAMES] == []
