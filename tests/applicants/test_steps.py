"""The steps of the form: what is valid is kept, what is not is shown again, and nobody's words are overwritten."""

from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from flask.testing import FlaskClient

from intake.models import Expression
from tests.applicants import walking
from tests.applicants.walking import ANSWERS
from workflows.expression import State

Make = Callable[..., Expression]


def text_of(page: Any) -> str:
    """The HTML of a page with its entities written out."""
    return unescape(page.get_data(as_text=True))


@pytest.mark.parametrize(
    ("step", "needed"),
    [
        ("organisation", ["Name of the organisation", "Category and type", "Country"]),
        ("contact", ["Full name", "E-mail address"]),
        ("focus_areas", ["1st choice"]),
        ("commitment", ["Your statement", "What it rests on"]),
        ("pledge", ["Your statement", "Type of pledge", "Target"]),
        ("participation", ["Your statement", "Title of the highest-level representative", "How they take part"]),
        ("engagement", ["Your statement", "Name of the nominee"]),
        ("communities", ["Communities you serve"]),
        ("goals", ["Sustainable Development Goals"]),
    ],
)
def test_a_step_names_every_answer_that_is_needed(client: FlaskClient, step: str, needed: list[str]) -> None:
    draft = walking.begin(client)
    empty = {name: [] if isinstance(typed, list) else "" for name, typed in ANSWERS[step].items()}

    page = walking.answer(client, draft, step, **empty)

    assert page.status_code == 422
    text = text_of(page)
    asked = [label for label in needed if f"{label}: this answer is needed before you can send." in text]
    assert (asked, text.count("is needed before you can send.")) == (needed, 2 * len(needed))


def test_an_incomplete_step_is_kept_without_complaint_on_the_way_to_the_list(client: FlaskClient) -> None:
    draft = walking.begin(client)

    page = walking.answer(client, draft, "organisation", kind="", country="", go="list")

    assert (page.status_code, page.location) == (303, walking.address(draft))
    assert walking.by_reference(draft.reference).organisation_name == "Ministry of Connectivity"


WRONG: list[tuple[str, str, Any, str]] = [
    ("organisation", "organisation_name", "x" * 201, "write at most 200 characters (you have 201)"),
    ("organisation", "organisation_name", "A\r\nBcc: b@example.org", "write it on one line"),
    ("organisation", "kind", "member_states:company", "choose one of the answers offered"),
    ("organisation", "country", "ZZZ", "choose one of the answers offered"),
    ("organisation", "website", "javascript:alert(1)", "write an address that begins with https://"),
    ("contact", "contact_name", "A\u202eB", "invisible control characters"),
    ("contact", "contact_email", "a@example.org\nBcc: b@example.org", "write it on one line"),
    ("contact", "second_email", "nobody", "write an address such as name@example.org"),
    ("contact", "contact_phone", "call", "write digits, with the country first"),
    ("contact", "language", "xx", "choose one of the answers offered"),
    ("focus_areas", "place_2", "adoption", "it repeats your 1st choice"),
    ("focus_areas", "place_1", "elsewhere", "choose one of the answers offered"),
    ("commitment", "statement", "a\x00b", "invisible control characters"),
    ("commitment", "statement", "x" * 5001, "write at most 5,000 characters (you have 5,001)"),
    ("commitment", "basis", "hope", "choose one of the answers offered"),
    ("pledge", "target_date", "soon", "write the date as year-month-day"),
    ("pledge", "value", "-5", "write digits alone"),
    ("pledge", "value", "1000000000000001", "write 1,000,000,000,000,000 at most"),
    ("pledge", "currency", "francs", "write at most 3 characters (you have 6)"),
    ("pledge", "currency", "U$", "write the three letters of its code"),
    ("pledge", "currency", "", "write the code of the currency in which the value is given"),
    ("pledge", "countries", ["RWA", "ZZZ"], "choose among the answers offered"),
    ("participation", "delegate_title", "x" * 201, "write at most 200 characters (you have 201)"),
    ("participation", "participation_mode", "astral", "choose one of the answers offered"),
    ("engagement", "nominee_email", "nobody", "write an address such as name@example.org"),
    ("communities", "countries_served", ["ZZZ"], "choose among the answers offered"),
    ("goals", "sdgs", ["4", "99"], "choose among the answers offered"),
    ("goals", "sdgs", ["four"], "choose among the answers offered"),
]


@pytest.mark.parametrize(("step", "field", "typed", "sentence"), WRONG)
def test_what_is_wrong_is_shown_again_and_the_rest_is_kept(
    client: FlaskClient, step: str, field: str, typed: Any, sentence: str
) -> None:
    draft = walking.begin(client)

    page = walking.answer(client, draft, step, **{field: typed})

    assert page.status_code == 422
    text = text_of(page)
    assert sentence in text
    assert "What is in order was saved." in text
    kept = client.get(walking.address(draft, f"/answers/{step}"))
    typed_elsewhere = [v for name, v in ANSWERS[step].items() if name != field and isinstance(v, str) and v]
    still = [v for v in typed_elsewhere if v in text_of(kept) or v.upper() in text_of(kept) or v == "1,000,000"]
    assert still == (typed_elsewhere if step != "focus_areas" else still)


def test_over_long_words_are_still_in_the_form(client: FlaskClient) -> None:
    draft = walking.begin(client)

    page = walking.answer(client, draft, "commitment", statement="w" * 5001)

    assert "w" * 5001 in text_of(page)


def test_a_person_who_comes_late_sees_both_and_wins_knowingly(client: FlaskClient) -> None:
    draft = walking.begin(client)
    walking.answer(client, draft, "organisation")
    where = walking.address(draft, "/answers/organisation")
    seen_by_both = walking.hidden(client.get(where))
    client.post(where, data={**seen_by_both, **ANSWERS["organisation"], "organisation_name": "First"})

    late = client.post(where, data={**seen_by_both, **ANSWERS["organisation"], "organisation_name": "Second"})

    assert late.status_code == 409
    assert "Somebody else changed these answers meanwhile" in text_of(late)
    assert "First" in text_of(late)
    assert 'value="Second"' in text_of(late)
    assert walking.by_reference(draft.reference).organisation_name == "First"
    again = {**walking.hidden(late), **ANSWERS["organisation"], "organisation_name": "Second"}
    assert client.post(where, data=again).status_code == 303
    assert walking.by_reference(draft.reference).organisation_name == "Second"


def test_the_same_form_sent_twice_is_fine(client: FlaskClient) -> None:
    draft = walking.begin(client)
    where = walking.address(draft, "/answers/organisation")
    form = {**walking.hidden(client.get(where)), **ANSWERS["organisation"]}

    answers = [client.post(where, data=form).status_code for _ in range(2)]

    assert answers == [303, 303]


def test_after_sending_a_needed_answer_can_be_changed_but_not_emptied(client: FlaskClient, expression: Make) -> None:
    ghana = expression(State.SUBMITTED, met=True)
    walking.hold(client, ghana)

    emptied = walking.answer(client, ghana, "commitment", statement="")
    changed = walking.answer(client, ghana, "commitment", statement="We connected 41 schools.")

    assert (emptied.status_code, changed.status_code) == (409, 303)
    assert "An answer that the expression needs cannot be emptied." in text_of(emptied)
    stored = walking.by_reference(ghana.reference)
    assert stored.criteria["commitment"]["statement"] == "We connected 41 schools."
    assert (stored.criteria_met, [verdict.criterion for verdict in stored.verdicts]) == (
        3,
        ["pledge", "participation", "engagement"],
    )


def test_answers_of_a_screened_expression_are_closed_in_words(client: FlaskClient, expression: Make) -> None:
    ghana = expression(State.SCREENED)
    walking.hold(client, ghana)

    page = client.get(walking.address(ghana, "/answers/organisation"))
    sent = client.post(walking.address(ghana, "/answers/organisation"), data=ANSWERS["organisation"])

    assert (page.status_code, sent.status_code) == (409, 409)
    assert "The answers can no longer be changed here." in text_of(page)


def test_a_step_that_the_programme_does_not_have_is_no_page(client: FlaskClient) -> None:
    draft = walking.begin(client)

    assert client.get(walking.address(draft, "/answers/wishes")).status_code == 404
    assert client.post(walking.address(draft, "/answers/wishes")).status_code == 404


def test_the_list_tells_what_is_empty_started_and_complete(client: FlaskClient) -> None:
    draft = walking.begin(client)
    walking.answer(client, draft, "organisation")
    walking.answer(client, draft, "contact", contact_email="", go="list")

    text = text_of(client.get(walking.address(draft)))

    assert "1 of 9 steps are complete." in text
    counts = [text.count(f">{word}<") for word in ("Complete", "In progress", "Not started")]
    assert counts == [1, 1, 7]
    assert "1 answer is still needed" in text
