"""The desk with the keyboard alone: no pointer is used, and every key of the list does what it says."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import func, select

from intake.extensions import db
from intake.models import Expression
from tests import making
from tests.browser.conftest import PATIENCE_SECONDS, Site
from tests.conftest import PASSWORD
from workflows.expression import State
from workflows.people import Role

FURTHEST = 120
"""How many times somebody presses Tab before they give up."""


@pytest.fixture
def arrive(chromium: Browser, site: Site) -> Iterator[Callable[[Role], Page]]:
    """Signs somebody in by the keyboard, in a browser that runs JavaScript and reports its errors."""
    wrong: list[str] = []
    contexts = []

    def enter(role: Role) -> Page:
        context = chromium.new_context(viewport={"width": 1280, "height": 900})
        contexts.append(context)
        context.set_default_timeout(PATIENCE_SECONDS * 1000)
        context.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
        page = context.new_page()
        page.goto(f"{site.url}/staff/login")
        tab_to(page, "email")
        page.keyboard.type(f"{role}@example.org")
        page.keyboard.press("Tab")
        page.keyboard.type(PASSWORD)
        goes(page, "Enter")
        return page

    yield enter
    for context in contexts:
        context.close()
    assert wrong == []


@pytest.fixture
def ten(site: Site) -> list[str]:
    """The references of ten expressions that wait to be screened."""
    with site.app.app_context():
        modes = ["in_person"] * 6 + ["remote"] * 4
        references = [making.expression(participation_mode=mode).reference for mode in modes]
        db.session.remove()
    return references


def goes(page: Page, key: str) -> None:
    """Press a key that leads to another page, and wait for it."""
    with page.expect_navigation():
        page.keyboard.press(key)


def focused(page: Page) -> str:
    """The words, or the name, of what has the focus."""
    script = "() => (document.activeElement?.innerText || document.activeElement?.name || '').trim()"
    return str(page.evaluate(script))


def tab_to(page: Page, words: str) -> None:
    """Press Tab until something with these words has the focus."""
    for _ in range(FURTHEST):
        if focused(page) == words:
            return
        page.keyboard.press("Tab")
    pytest.fail(f"Tab does not lead to “{words}” on {page.url}")


def judge(page: Page, key: str, number: int) -> None:
    """Give a verdict on a criterion and say why."""
    page.keyboard.press(str(number))
    page.keyboard.press(key)
    page.keyboard.type("Shown in the statement, seen by j and k.")
    page.keyboard.press("Escape")


def take(page: Page, step: str, *, fields: bool) -> None:
    """Take a step: read what it asks for, read what it brings, confirm."""
    page.keyboard.press("d")
    tab_to(page, step)
    goes(page, "Enter")
    if fields:
        page.keyboard.press("d")
        goes(page, "Enter")
    expect(page.locator("main")).to_contain_text("What will happen")
    page.keyboard.press("c")
    goes(page, "Enter")


def states(site: Site) -> dict[State, int]:
    """How many expressions there are in each state."""
    with site.app.app_context():
        counted = select(Expression.state, func.count()).group_by(Expression.state)
        found = {state: number for state, number in db.session.execute(counted)}  # noqa: C416 - dict() loses the types
        db.session.remove()
    return found


def test_ten_expressions_are_screened_assigned_and_confirmed_by_the_keyboard_alone(
    site: Site, arrive: Callable[[Role], Page], ten: list[str]
) -> None:
    screener = arrive(Role.SCREENER)
    for number in range(len(ten)):
        goes(screener, "q")
        for _ in range(number + 1):
            screener.keyboard.press("j")
        goes(screener, "o")
        for criterion in range(1, 5):
            judge(screener, "m", criterion)
        goes(screener, "s")
        take(screener, "Complete the screening", fields=False)
    assert states(site) == {State.SCREENED: 10}

    secretariat = arrive(Role.SECRETARIAT)
    for _ in ten:
        goes(secretariat, "q")
        secretariat.keyboard.press("j")
        goes(secretariat, "o")
        take(secretariat, "Assign", fields=True)
        take(secretariat, "Confirm the seat", fields=True)
    assert states(site) == {State.CONFIRMED: 10}


def test_each_verdict_has_its_key(arrive: Callable[[Role], Page], ten: list[str]) -> None:
    page = arrive(Role.SCREENER)
    goes(page, "q")
    page.keyboard.press("j")
    goes(page, "o")

    for number, key in enumerate("mnu", start=1):
        judge(page, key, number)
    goes(page, "s")

    chosen = [
        page.locator(f"[data-criterion='{number}'] input[type=radio]:checked").get_attribute("value")
        for number in range(1, 4)
    ]
    assert chosen == ["met", "not_met", "need_more"]


def test_j_and_k_walk_through_the_queue_and_through_its_expressions(
    arrive: Callable[[Role], Page], ten: list[str]
) -> None:
    page = arrive(Role.SCREENER)
    goes(page, "q")
    for key in "jjk":
        page.keyboard.press(key)
    goes(page, "o")
    assert ten[0] in page.url

    goes(page, "j")
    assert ten[1] in page.url
    goes(page, "k")
    assert ten[0] in page.url


def test_no_key_fires_while_somebody_types(arrive: Callable[[Role], Page], ten: list[str]) -> None:
    page = arrive(Role.SCREENER)
    goes(page, "q")
    address = page.url
    page.keyboard.press("/")
    page.keyboard.type("jko?qsdcmnu1234")

    expect(page.locator("input[type=search]")).to_have_value("jko?qsdcmnu1234")
    assert page.url == address
    assert page.locator("tr[data-chosen]").count() == 0


def test_a_question_mark_opens_the_list_of_keys_and_the_keys_can_be_switched_off(
    arrive: Callable[[Role], Page],
) -> None:
    page = arrive(Role.SCREENER)
    goes(page, "?")
    listed = page.locator("kbd").all_inner_texts()
    assert sorted(listed) == sorted(["j", "k", "o", "/", *"1234", *"mnu", "s", "d", "c", "q", "Esc", "?"])

    tab_to(page, "Switch the shortcuts off")
    page.keyboard.press("Enter")
    page.keyboard.press("q")
    assert focused(page) == "Switch the shortcuts on"
    assert page.url.endswith("/staff/keyboard")

    page.keyboard.press("Enter")
    goes(page, "q")
    assert "/staff/queue" in page.url
