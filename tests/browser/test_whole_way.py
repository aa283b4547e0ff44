"""One expression through three people's screens, letter by letter, in a real browser without JavaScript."""

import re
from collections.abc import Callable

import pytest

from tests import making
from tests.browser.conftest import CONTACT, Person, Site
from workflows.expression import State
from workflows.people import Role

pytestmark = pytest.mark.usefixtures("site")
Arrive = Callable[[], Person]
Staff = Callable[[Role], Person]
SECRETARIAT = "secretariat@example.org"


def link_in(text: str) -> str:
    """The applicant's link in a letter."""
    found = re.search(r"http://\S+/link/\S+", text)
    assert found, text
    return found.group()


def fill(applicant: Person, organisation: str) -> str:
    """Fill and send the form; the path of the expression."""
    applicant.opens("/")
    applicant.presses("Begin")
    path = applicant.page.url.removeprefix(applicant.site.url)
    applicant.sees("0 of 9 steps are complete")
    applicant.follows("Your organisation")
    applicant.types("Name of the organisation", organisation)
    applicant.picks("Category and type", "Ministry")
    applicant.picks("Country", "Rwanda")
    applicant.presses("Save and continue")
    applicant.types("Full name", "Programme officer")
    applicant.types("E-mail address", CONTACT)
    applicant.presses("Save and continue")
    applicant.page.get_by_label("1st choice").select_option(value="adoption")
    applicant.page.get_by_label("2nd choice").select_option(value="access")
    applicant.presses("Save and continue")
    applicant.types("Your statement", "We connected forty schools.")
    applicant.ticks("Past work")
    applicant.presses("Save and continue")
    applicant.types("Your statement", "We intend to connect a hundred more.")
    applicant.ticks("Programmatic")
    applicant.types("Target", "100 schools")
    applicant.presses("Save and continue")
    applicant.types("Your statement", "Our minister will take part.")
    applicant.types("Title of the highest-level representative", "Minister of Connectivity")
    applicant.ticks("In person")
    applicant.presses("Save and continue")
    applicant.types("Your statement", "We will review drafts.")
    applicant.types("Name of the nominee", "Head of policy")
    applicant.presses("Save and continue")
    applicant.types("Communities you serve", "Rural schools")
    applicant.presses("Save and continue")
    applicant.page.get_by_label("Quality Education").check()
    applicant.presses("Save and continue")
    applicant.opens(f"{path}/check")
    applicant.sees("Your address is not confirmed yet", "Your answers are complete. One thing is left.")
    applicant.presses("Send me the letter")
    applicant.sees("Send the letter once more")
    applicant.opens(link_in(applicant.site.letter(CONTACT, "your link").text))
    applicant.page.locator("main button").click()
    applicant.sees(f"The address {CONTACT} is confirmed.")
    applicant.sees(organisation, "We connected forty schools.", "100 schools", "Head of policy")
    applicant.ticks("I have read the notice on personal data and agree to it")
    applicant.presses("Send the expression of interest")
    applicant.sees("Received, being screened")
    return path


def judge_all_met(screener: Person) -> None:
    """Give every criterion the verdict met."""
    for criterion in making.CRITERIA:
        screener.page.locator(f"[name='{criterion}-outcome'][value=met]").check()
        screener.page.locator(f"[name='{criterion}-reason']").fill("Shown in the statement.")
    screener.presses("Save the verdicts")


def confirms(staff: Person, button: str, *texts: str) -> None:
    """Read what the step will bring, with these texts in it, and confirm."""
    if staff.page.get_by_role("button", name="See what will happen").count():
        staff.presses("See what will happen")
    staff.sees("What will happen", *texts)
    staff.presses(button)


def test_an_expression_goes_from_the_empty_form_to_its_seat(site: Site, person: Arrive, staff: Staff) -> None:
    applicant, screener, secretariat = person(), staff(Role.SCREENER), staff(Role.SECRETARIAT)

    path = fill(applicant, "Ministry of Connectivity")
    received = site.letter(CONTACT, "we have received your expression of interest")
    site.letter(SECRETARIAT, "submitted by Ministry of Connectivity")

    elsewhere = person()
    elsewhere.opens(link_in(received.text))
    elsewhere.page.locator("main button").click()
    elsewhere.sees("Received, being screened", "Ministry of Connectivity")
    assert "/link/" not in elsewhere.page.url

    screener.follows("Queue")
    screener.follows("Ministry of Connectivity")
    judge_all_met(screener)
    screener.follows("Complete the screening")
    confirms(screener, "Complete the screening", "your expression of interest meets the criteria")
    screener.sees("Screened")
    site.letter(CONTACT, "your expression of interest meets the criteria")

    secretariat.opens(f"/staff{path}")
    secretariat.follows("Assign")
    secretariat.ticks("ADOPTION")
    confirms(secretariat, "Assign", "your focus area is ADOPTION", "closes a gap")
    secretariat.sees("Assigned")
    secretariat.sees("No delegate at the highest level is named yet.")
    assigned = site.letter(CONTACT, "your focus area is ADOPTION")

    applicant.opens(link_in(assigned.text))
    applicant.page.locator("main button").click()
    applicant.sees("Assigned to a focus area")
    applicant.opens(f"{path}/delegate")
    applicant.types("Full name of the delegate", "The Minister")
    applicant.presses("Save the delegate")

    secretariat.opens(f"/staff{path}")
    secretariat.follows("Confirm the seat")
    secretariat.ticks("In person")
    confirms(secretariat, "Confirm the seat", "with a calendar file", "In person: 6 now, 5 afterwards")
    secretariat.sees("Confirmed")
    confirmed = site.letter(CONTACT, "your seat at the Roundtable is confirmed")
    assert "Delegate: The Minister, Minister of Connectivity" in confirmed.text
    site.letter(SECRETARIAT, "confirmed for the Roundtable")

    applicant.opens(path)
    applicant.sees("Seat at the Roundtable confirmed", "You sent your expression of interest.")


def test_an_expression_is_returned_answered_and_back_in_the_queue(
    site: Site, person: Arrive, staff: Staff, stored: Callable[..., str]
) -> None:
    path = stored(State.SUBMITTED)
    screener, applicant = staff(Role.SCREENER), person()

    screener.opens(path)
    screener.follows("Request information")
    screener.types("Point 1", "How many schools, and by when?")
    confirms(screener, "Request information", "we need more information by")
    asked = site.letter(CONTACT, "we need more information by")
    assert "1. How many schools, and by when?" in asked.text

    applicant.opens(link_in(asked.text))
    applicant.page.locator("main button").click()
    applicant.sees("We need more information")
    applicant.opens(applicant.page.url + "/points")
    applicant.page.locator("main textarea").fill("A hundred, by 2028.")
    applicant.presses("Send the answers")
    applicant.sees("Received, being screened")
    site.letter(CONTACT, "we have received your answers")

    screener.opens(path)
    screener.sees("Submitted", "A hundred, by 2028.")


def test_an_expression_is_declined_with_what_would_change_it(
    site: Site, person: Arrive, staff: Staff, stored: Callable[..., str]
) -> None:
    path = stored(State.SUBMITTED)
    screener = staff(Role.SCREENER)

    screener.opens(path)
    screener.follows("Decline")
    screener.ticks("Readiness to pledge")
    screener.types("Reason, as the applicant will read it", "The statement names no measure.")
    screener.types("What would change the decision", "A target and a date.")
    confirms(screener, "Decline", "Check with care", "the outcome of your expression of interest")
    screener.sees("Undo the last step")

    declined = site.letter(CONTACT, "the outcome of your expression of interest")
    assert "- Readiness to pledge" in declined.text
    assert "What would change it:\nA target and a date." in declined.text


def test_an_applicant_withdraws(site: Site, person: Arrive, stored: Callable[..., str]) -> None:
    stored(State.SUBMITTED)
    applicant = person()

    applicant.opens("/link")
    applicant.types("E-mail address", CONTACT)
    applicant.page.locator("main form button").click()
    applicant.opens(link_in(site.letter(CONTACT, "your link").text))
    applicant.page.locator("main button").click()
    applicant.follows("Withdraw")
    applicant.types("Reason", "Our plans changed.")
    applicant.presses("Withdraw for good")
    applicant.sees("Withdrawn")

    site.letter(CONTACT, "your expression of interest is withdrawn")
    site.letter(SECRETARIAT, "has withdrawn")


def test_an_expression_waits_for_a_seat_and_gets_it_when_one_is_released(
    site: Site, staff: Staff, stored: Callable[..., str]
) -> None:
    holders = [stored(State.CONFIRMED, seat_mode="remote") for _ in range(4)]
    path = stored(State.ASSIGNED, participation_mode="remote", organisation_name="Youth for Access")
    secretariat = staff(Role.SECRETARIAT)

    secretariat.opens(path)
    secretariat.follows("Put on the waiting list")
    secretariat.ticks("Remote")
    confirms(secretariat, "Put on the waiting list", "the delegate waits for one")
    secretariat.sees("Waitlisted")
    site.letter(CONTACT, "you are on the waiting list")

    secretariat.opens(holders[0])
    secretariat.follows("Release the seat")
    secretariat.page.locator("main textarea").fill("The delegate cannot come.")
    confirms(secretariat, "Release the seat", "Remote: 0 now, 1 afterwards")
    secretariat.sees("Youth for Access")

    secretariat.opens(path)
    secretariat.follows("Confirm the seat")
    confirms(secretariat, "Confirm the seat", "Remote: 1 now, 0 afterwards")
    secretariat.sees("Confirmed")
    site.letter(CONTACT, "your seat at the Roundtable is confirmed")


def test_a_step_is_undone_while_its_letters_are_held_and_no_letter_leaves(
    site: Site, staff: Staff, stored: Callable[..., str]
) -> None:
    path = stored(State.SCREENED)
    secretariat = staff(Role.SECRETARIAT)

    secretariat.opens(path)
    secretariat.follows("Assign")
    secretariat.ticks("ACCESS")
    confirms(secretariat, "Assign", "Possible for", "so long are the letters held")
    secretariat.sees("Assigned", "Takes back “Assigned” and its letters.")
    secretariat.follows("Undo the last step")
    confirms(secretariat, "Undo the last step", "This is the undo of “Assigned”.", "Letters that will not leave")
    secretariat.sees("Screened")
    secretariat.opens("/staff/outbox")
    secretariat.sees("Cancelled")

    site.let_letters_leave()
    assert site.smtp.messages == []
