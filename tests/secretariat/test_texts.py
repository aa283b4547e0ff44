"""The pages of the texts of letters: the table, the editor that refuses with lines, the preview and the versions."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from intake.advance import advance
from intake.extensions import db
from intake.models import Expression, LetterText
from intake.notifications import texts
from intake.notifications.placeholders import Purpose
from intake.translations import LANGUAGES
from tests.making import SECRETARIAT
from tests.statements import counted
from workflows.expression import State
from workflows.people import Audience, Role

Make = Callable[..., Expression]
SignIn = Callable[[Role], FlaskClient]
PAGE = "/staff/letter-texts/release.applicant.en"
RELEASE = Purpose("expression", "release", Audience.APPLICANT)
OURS = "Subject: {{ reference }}: ours\n\n{{ organisation }}, {{ focus_area }}\nWhy: {{ reason }}\n\n{{ link }}\n"


@pytest.fixture
def browser(sign_in: SignIn) -> FlaskClient:
    """The secretariat's browser."""
    return sign_in(Role.SECRETARIAT)


def save(browser: FlaskClient, text: str, page: str = PAGE, *, version: int = 1, **more: str) -> Any:
    """Send the editor's form."""
    return browser.post(page, data={"version": version, "text": text, "reference": "", **more})


def versions() -> list[tuple[int, str, str]]:
    """Every version that is stored."""
    db.session.rollback()
    rows = db.session.query(LetterText).order_by(LetterText.id)
    return [(row.number, row.author_name, row.text) for row in rows]


def test_the_table_shows_how_every_text_stands(browser: FlaskClient) -> None:
    save(browser, OURS, PAGE.replace(".en", ".fr"))
    save(browser, OURS)

    with counted() as statements:
        page = browser.get("/staff/letter-texts").text

    assert len([each for each in statements if "letter_texts" in each]) == 1
    assert page.count('<th scope="row">') == len(texts.purposes())
    assert page.count("English has changed") == len(LANGUAGES) - 1
    assert page.count("The secretariat") == 2


def test_a_text_is_saved_with_who_and_told_apart_from_the_shipped_one(browser: FlaskClient) -> None:
    answer = save(browser, OURS.replace("\n", "\r\n"))

    page = browser.get(PAGE).text
    assert (answer.status_code, versions()) == (303, [(1, "The secretariat", OURS)])
    assert "Use the shipped text again" in page
    assert "Subject: {{ reference }}: your place at the Roundtable is released" in page


def test_the_shipped_text_comes_back_when_the_box_is_ticked(browser: FlaskClient) -> None:
    save(browser, OURS)

    unsure = browser.post(f"{PAGE}/shipped", data={"version": 2})
    sure = browser.post(f"{PAGE}/shipped", data={"version": 2, "confirmed": "y"})

    assert (unsure.status_code, sure.status_code) == (422, 303)
    assert versions() == [(1, "The secretariat", OURS), (2, "The secretariat", "")]
    assert "Shipped text again" in browser.get(PAGE).text


def test_a_wrong_text_is_refused_with_its_lines_and_kept_in_the_form(browser: FlaskClient) -> None:
    answer = save(browser, OURS.replace("{{ link }}", "{% for x in y %}<b>{% endfor %}"))

    assert (answer.status_code, versions()) == (409, [])
    assert "Line 6: a text cannot loop." in answer.text
    assert "{% for x in y %}&lt;b&gt;{% endfor %}" in answer.text


def test_a_text_without_its_link_is_refused(browser: FlaskClient) -> None:
    answer = save(browser, OURS.replace("{{ link }}", ""))

    assert (answer.status_code, versions()) == (409, [])
    assert "{{ link }} is missing: the recipient needs it" in answer.text


@pytest.mark.parametrize("text", ["", "  \r\n "])
def test_no_text_at_all_is_no_way_to_the_shipped_one(browser: FlaskClient, text: str) -> None:
    assert (save(browser, text).status_code, versions()) == (422, [])


def test_too_long_a_text_is_refused(browser: FlaskClient) -> None:
    answer = save(browser, OURS + "x" * 21_000)

    assert (answer.status_code, "write at most 20,000 characters" in answer.text, versions()) == (422, True, [])


def test_a_newer_version_of_a_colleague_is_not_overwritten(browser: FlaskClient) -> None:
    save(browser, OURS)

    answer = save(browser, OURS.replace("Why", "Because"))

    assert (answer.status_code, len(versions())) == (409, 1)
    assert ("Somebody has saved a newer version" in answer.text, "Because: {{ reason }}" in answer.text) == (True, True)


def released(expression: Make, name: str) -> Expression:
    """An expression whose seat was released."""
    ghana = expression(State.CONFIRMED, organisation_name=name)
    advance(ghana, "release", actor=SECRETARIAT, version=ghana.version, reason=f"Because of {name}.")
    return ghana


def test_the_preview_is_about_the_newest_that_had_the_step_or_the_one_asked_for(
    browser: FlaskClient, expression: Make
) -> None:
    older, newer = released(expression, "Older <i>"), released(expression, "Newer")
    expression(State.SUBMITTED, organisation_name="Never released")

    by_itself = browser.get(PAGE).text
    asked = browser.get(f"{PAGE}?reference={older.reference}").text

    assert f"The place of Newer ({newer.reference})" in by_itself
    assert "The reason: Because of Newer." in by_itself
    assert "The reason: Because of Older &lt;i&gt;." in asked


def test_a_text_is_shown_before_it_is_saved(browser: FlaskClient, expression: Make) -> None:
    released(expression, "Ghana")

    answer = save(browser, OURS, go="preview")

    assert (answer.status_code, versions()) == (200, [])
    assert "Why: Because of Ghana." in answer.text


def test_a_preview_without_the_step_says_what_is_missing(browser: FlaskClient, expression: Make) -> None:
    never = expression(State.ASSIGNED)

    page = browser.get(f"{PAGE}?reference={never.reference}").text

    assert "It has not had the step" in page
    assert "No expression has this reference." in browser.get(f"{PAGE}?reference=P2C-0000-0000").text


def test_a_draft_is_nothing_to_preview_with(browser: FlaskClient, expression: Make) -> None:
    draft = expression(State.DRAFT, organisation_name="Still writing")

    assert "Still writing" not in browser.get(f"{PAGE}?reference={draft.reference}").text


def test_every_text_has_its_page(browser: FlaskClient, expression: Make) -> None:
    expression(State.CONFIRMED)

    codes = {
        browser.get(f"/staff/letter-texts/{purpose.kind}.{purpose.audience}.{language}").status_code
        for purpose in texts.purposes()
        for language in ("en", "ar")
    }

    assert codes == {200}


@pytest.mark.parametrize(
    "name", ["screen", "screen.applicant", "screen.applicant.xx", "nothing.applicant.en", "..", "%00"]
)
def test_an_unknown_text_is_no_page(browser: FlaskClient, name: str) -> None:
    assert browser.get(f"/staff/letter-texts/{name}").status_code == 404


def test_screeners_do_not_write_texts(sign_in: SignIn) -> None:
    browser = sign_in(Role.SCREENER)

    assert [browser.get(PAGE).status_code, save(browser, OURS).status_code, versions()] == [403, 403, []]
