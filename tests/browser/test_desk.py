"""The desk as screeners and the secretariat use it all day, in a real browser without JavaScript."""

from collections.abc import Callable

import pytest
from sqlalchemy import func, select

from intake.extensions import db
from intake.models import Expression, User
from tests.browser.conftest import CONTACT, Person, Site
from tests.browser.test_whole_way import confirms
from tests.colleagues import colleague
from workflows.expression import State
from workflows.people import Role

pytestmark = pytest.mark.usefixtures("site")
Staff = Callable[[Role], Person]
Stored = Callable[..., str]


def reference(path: str) -> str:
    """The reference in the address of an expression."""
    return path.rpartition("/")[2]


def unfold(person: Person, words: str) -> None:
    """Open what is folded away under these words."""
    person.page.locator("summary", has_text=words).first.click()


def screener_id(site: Site) -> int:
    """The id of the screener's account."""
    with site.app.app_context():
        found = db.session.query(User).filter_by(email="screener@example.org").one().id
        db.session.remove()
    return found


def test_a_screener_finds_by_filters_keeps_the_view_and_takes_the_next(staff: Staff, stored: Stored) -> None:
    stored(State.SUBMITTED, organisation_name="Island Youth", category="youth", country="FJI")
    stored(State.SUBMITTED, organisation_name="Mountain Telecom", category="private_sector", country="RWA")
    screener = staff(Role.SCREENER)

    screener.opens("/staff/queue?state=submitted")
    screener.sees("Island Youth", "Mountain Telecom")
    screener.types("Search", "islan")
    screener.page.get_by_role("button", name="Show", exact=True).first.click()
    screener.sees("Island Youth")
    assert "Mountain Telecom" not in screener.page.inner_text("main")

    unfold(screener, "Save this view")
    screener.types("Name of the view", "Islands")
    screener.presses("Save")
    screener.opens("/staff/queue")
    screener.follows("Islands")
    assert "q=islan" in screener.page.url

    screener.presses("Take the next one")
    screener.sees("You are now the screener of this expression.", "Island Youth")
    screener.opens("/staff/queue?state=submitted&q=islan")
    screener.presses("Take the next one")
    screener.sees("nobody waits to be taken")


def test_whoever_declares_a_conflict_decides_no_more_until_the_secretariat_lifts_it(
    staff: Staff, stored: Stored
) -> None:
    path = stored(State.SUBMITTED)
    screener, secretariat = staff(Role.SCREENER), staff(Role.SECRETARIAT)
    secretariat.opens(path)
    secretariat.page.locator("[name=note-text]").fill("The minister is new in office.")
    secretariat.presses("Add the note")
    secretariat.sees("The minister is new in office.")

    screener.opens(path)
    screener.sees("The minister is new in office.")
    screener.follows("Do you have a conflict of interest with this applicant?")
    screener.page.locator("[name=kind]").first.check()
    screener.page.locator("main textarea").fill("I worked there until last year.")
    screener.presses("Declare it")
    screener.presses("Yes, declare it")
    screener.opens(path)
    screener.sees("You have a conflict of interest with this applicant")
    shown = screener.page.inner_text("body")
    assert [words for words in ("The minister is new", "What you can do", "Save the verdicts") if words in shown] == []

    secretariat.opens(path)
    secretariat.sees("1 colleague has declared one.")
    secretariat.follows("Do you have a conflict of interest with this applicant?")
    secretariat.page.locator("[name$=reason]").first.fill("It was another ministry.")
    secretariat.presses("Lift it")
    screener.opens(path)
    screener.sees("What you can do", "The minister is new in office.")


def test_the_later_of_two_decisions_is_shown_beside_the_first_and_can_be_applied(staff: Staff, stored: Stored) -> None:
    path = stored(State.ASSIGNED, organisation_name="Connect Foundation")
    first, second = staff(Role.SECRETARIAT), staff(Role.SECRETARIAT)
    for person, area, reason in (
        (first, "ADOPTION", "It trains teachers."),
        (second, "ACCELERATE", "It funds startups."),
    ):
        person.opens(f"{path}/reassign")
        person.ticks(area)
        person.page.locator("main textarea").fill(reason)
        person.presses("See what will happen")

    first.presses("Reassign")
    second.presses("Reassign")

    second.sees("What happened meanwhile", "It trains teachers.", "What you were about to do", "It funds startups.")
    second.presses("Apply to the new state")
    second.sees("ADOPTION · Member States: 1 now, 0 afterwards")
    second.presses("Reassign")
    second.sees("Working group: ACCELERATE")


def test_a_colleague_who_looks_at_the_same_expression_is_named(staff: Staff, stored: Stored) -> None:
    path = stored(State.SUBMITTED)
    staff(Role.SECRETARIAT).opens(path)
    screener = staff(Role.SCREENER)

    screener.opens(path)

    screener.sees("The secretariat (secretariat) opened this")


def test_marked_expressions_move_after_a_dry_run_and_leave_a_report(staff: Staff, stored: Stored) -> None:
    paths = [stored(State.SCREENED) for _ in range(3)] + [stored(State.SUBMITTED, organisation_name="Not yet judged")]
    secretariat = staff(Role.SECRETARIAT)

    secretariat.opens("/staff/queue")
    for path in paths:
        secretariat.ticks(f"Mark {reference(path)}")
    secretariat.presses("Take a step on those marked")
    secretariat.ticks("Assign")
    secretariat.presses("Go on")
    secretariat.ticks("Each one's first preference")
    secretariat.page.locator("main form button[type=submit]").first.click()
    secretariat.sees("dry run", "Would move", "Letters to the applicant: 3", "Not yet judged")

    secretariat.presses("Assign: 3 expressions")
    while secretariat.page.get_by_role("button", name="Go on").count():
        secretariat.presses("Go on")

    secretariat.sees("4 of 4 are settled", "Moved 3 Not moved 1")
    with secretariat.page.expect_download() as download:
        secretariat.follows("Download the report (CSV)")
    report = download.value.path().read_text(encoding="utf-8-sig")
    assert [report.count(reference(path)) for path in paths] == [1, 1, 1, 1]


def test_the_groups_show_their_gaps_and_what_one_step_would_change(staff: Staff, stored: Stored) -> None:
    path = stored(State.SCREENED, organisation_name="Youth for Access", category="youth", preferences=["access"])
    secretariat = staff(Role.SECRETARIAT)

    secretariat.follows("Composition")
    unfold(secretariat, "Youth Groups in ACCESS")
    secretariat.sees("Youth for Access", "preference 1")
    secretariat.page.get_by_role("link", name="What if").first.click()

    secretariat.sees("If it were assigned to ACCESS", "It closes a gap: Youth Groups in ACCESS.")
    secretariat.sees("Nothing has been changed.")
    secretariat.opens(path)
    secretariat.sees("Screened")


def test_a_letter_is_kept_back_changed_and_released(site: Site, staff: Staff, stored: Stored) -> None:
    path = stored(State.SCREENED)
    secretariat = staff(Role.SECRETARIAT)
    secretariat.opens(f"{path}/assign")
    secretariat.ticks("ACCESS")
    confirms(secretariat, "Assign", "your focus area is ACCESS")

    secretariat.opens(f"/staff/outbox?recipient={CONTACT}")
    secretariat.page.locator("summary", has_text="your focus area is ACCESS").click()
    secretariat.page.locator("details[open]").get_by_role("link", name="Open this letter").click()
    secretariat.presses("Keep it back")
    secretariat.follows("Change the words")
    subject = secretariat.page.get_by_label("Subject", exact=True)
    subject.fill(subject.input_value() + ", welcome")
    secretariat.page.locator("main form button[type=submit]").first.click()
    secretariat.sees("The letter is changed.")
    site.let_letters_leave()
    secretariat.follows("Release it")
    secretariat.page.locator("main form button[type=submit]").first.click()

    site.letter(CONTACT, "your focus area is ACCESS, welcome")


def test_a_text_is_refused_without_its_link_and_used_once_it_is_whole(site: Site, staff: Staff, stored: Stored) -> None:
    path = stored(State.SCREENED)
    secretariat = staff(Role.SECRETARIAT)
    secretariat.opens("/staff/letter-texts/assign.applicant.en")
    text = secretariat.page.locator("textarea[name=text]")
    shipped = text.input_value()

    text.fill(shipped.replace("{{ link }}", ""))
    secretariat.presses("Save the text")
    secretariat.sees("There is a problem", "{{ link }}")

    text.fill(shipped.replace("is assigned to the focus area", "has found its place in"))
    secretariat.presses("Save the text")
    secretariat.sees("The text is saved.")
    secretariat.opens(f"{path}/assign")
    secretariat.ticks("ACCESS")
    confirms(secretariat, "Assign", "your focus area is ACCESS")
    assert "has found its place in ACCESS" in site.letter(CONTACT, "your focus area is ACCESS").text


def test_a_mention_waits_on_the_first_page_and_a_day_reminds(site: Site, staff: Staff, stored: Stored) -> None:
    path = stored(State.SUBMITTED, organisation_name="Ministry of Notes")
    secretariat, screener = staff(Role.SECRETARIAT), staff(Role.SCREENER)

    secretariat.opens(path)
    secretariat.page.locator("[name=note-text]").fill("Look at the pledge, please.")
    unfold(secretariat, "Show it to colleagues")
    secretariat.page.locator(f"[name=note-mentions][value='{screener_id(site)}']").check()
    secretariat.presses("Add the note")

    screener.opens("/staff/")
    screener.sees("You were mentioned", "Ministry of Notes")
    screener.follows("Ministry of Notes")
    screener.sees("Look at the pledge, please.")


def test_what_nobody_holds_is_shared_out_by_load(site: Site, staff: Staff, stored: Stored) -> None:
    with site.app.app_context():
        colleague("Second screener", Role.SCREENER)
        db.session.remove()
    for _ in range(4):
        stored(State.SUBMITTED)
    secretariat = staff(Role.SECRETARIAT)

    secretariat.opens("/staff/screeners/share")
    secretariat.sees("The screener", "Second screener")
    secretariat.page.locator("main form button[type=submit]").first.click()

    with site.app.app_context():
        held = select(Expression.screener_id, func.count()).group_by(Expression.screener_id)
        loads = [(holder is not None, number) for holder, number in db.session.execute(held)]
        db.session.remove()
    assert loads == [(True, 2), (True, 2)]


def test_the_figures_stand_beside_their_tables_and_the_view_can_be_taken_along(staff: Staff, stored: Stored) -> None:
    stored(State.SUBMITTED, organisation_name="=1+1 Telecom")
    screener = staff(Role.SCREENER)

    screener.follows("Figures")
    screener.sees("How far expressions came", "Working days in each state", "By region", "When the queue is empty")
    assert screener.page.locator("main svg").count() >= 5

    screener.follows("Queue")
    with screener.page.expect_download() as download:
        screener.follows("As CSV")
    assert "'=1+1 Telecom" in download.value.path().read_text(encoding="utf-8-sig")
    screener.follows("To print")
    screener.sees("=1+1 Telecom", "We connected 40 schools.")


def test_the_process_is_explained_from_its_table(staff: Staff) -> None:
    screener = staff(Role.SCREENER)

    screener.follows("How it works")

    screener.sees("Complete the screening", "Put on the waiting list")
    assert screener.page.locator("main svg").count() >= 1
