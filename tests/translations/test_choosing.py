"""Who reads in which language: what is asked for, kept, or known of a person; and no page mixes two."""

import re
from collections.abc import Callable
from datetime import date
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, render_template_string
from flask.testing import FlaskClient
from flask_babel import force_locale, gettext
from sqlalchemy import select

from intake import create_app, links, wording
from intake.advance import advance
from intake.extensions import db
from intake.models import LINK, Expression, Letter, User
from intake.notifications import compose
from intake.notifications.message import html_twin
from intake.notifications.recipients import Recipient, recipients
from intake.programme import countries, in_order
from intake.translations import ENGLISH, LANGUAGES, words_of
from tests import making
from tests.applicants import walking
from tests.translations.conftest import forget
from workflows.expression import State
from workflows.people import Audience, Role

Make = Callable[..., Expression]
DAYS = {
    "en": "24 November 2026",
    "ar": "24 نوفمبر 2026",
    "zh": "2026年11月24日",
    "es": "24 de noviembre de 2026",
    "fr": "24 novembre 2026",
    "ru": "24 ноября 2026\u202fг.",
}


def spoken(page: str) -> tuple[str, str]:
    """The language and the direction of a page."""
    found = re.search(r'<html lang="(\w+)" dir="(\w+)">', page)
    assert found
    return found[1], found[2]


def offered(page: str) -> dict[str, tuple[str, str]]:
    """The switcher: language to address and name."""
    found = re.findall(r'<a href="([^"]*)"\s+lang="(\w+)"\s+hreflang="(\w+)"[^>]*>([^<]*)</a>', page)
    assert [code for _href, code, _hreflang, _name in found] == [code for _href, _lang, code, _name in found]
    return {code: (unescape(href), name) for href, code, _hreflang, name in found}


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_address_asks_for_a_language_and_the_session_keeps_it(client: FlaskClient, language: str) -> None:
    direction = "rtl" if language == "ar" else "ltr"

    asked, later = client.get(f"/?lang={language}").text, client.get("/help/process").text

    assert (spoken(asked), spoken(later)) == ((language, direction), (language, direction))


def test_the_switcher_names_each_language_in_itself_and_keeps_the_page_with_its_query(
    sign_in: Callable[[Role], FlaskClient],
) -> None:
    page = sign_in(Role.SCREENER).get("/staff/queue?state=all&q=a+b%26c&lang=fr").text

    found = offered(page)

    assert {code: name for code, (_href, name) in found.items()} == LANGUAGES
    assert found["ar"][0] == "?state=all&q=a+b%26c&lang=ar"


def test_after_a_form_the_switcher_leads_to_a_page_that_can_be_opened(client: FlaskClient) -> None:
    page = client.post("/expressions/P2C-0000-0000/withdraw", data={}, headers={"Accept-Language": "es"}).text
    sent = client.post("/staff/login", data={}).text

    for answer in (page, sent):
        for href, _name in offered(answer).values():
            where = href if href.startswith("/") else f"/staff/login{href}" if answer is sent else f"/{href}"
            assert client.get(where).status_code in {200, 404}


@pytest.mark.parametrize("asked", ["xx", "", "FR", "de", "en'><script>", "../fr"])
def test_a_language_that_is_not_spoken_here_is_ignored(client: FlaskClient, asked: str) -> None:
    client.get("/?lang=ru")

    page = client.get("/", query_string={"lang": asked}).text

    assert spoken(page) == ("ru", "ltr")


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("fr-CH, fr;q=0.9, en", "en"),
        ("fr-CH", "fr"),
        ("zh-Hans-CN", "zh"),
        ("ar;q=0.5, ru;q=0.7", "ru"),
        ("de, pt", "en"),
        ("", "en"),
    ],
)
def test_a_browser_says_its_language(client: FlaskClient, header: str, language: str) -> None:
    assert spoken(client.get("/", headers={"Accept-Language": header}).text)[0] == language


def test_an_opened_link_brings_the_language_of_the_expression(client: FlaskClient, expression: Make) -> None:
    arabic = expression(State.SUBMITTED, language="ar")
    walking.hold(client, arabic)

    assert spoken(client.get(walking.address(arabic)).text) == ("ar", "rtl")


def test_a_link_changes_no_language_that_somebody_chose(client: FlaskClient, expression: Make) -> None:
    client.get("/?lang=es")
    arabic = expression(State.SUBMITTED, language="ar")
    walking.hold(client, arabic)

    assert spoken(client.get(walking.address(arabic)).text)[0] == "es"


def test_a_draft_that_is_begun_in_french_has_french_letters(client: FlaskClient) -> None:
    client.get("/?lang=fr")

    assert walking.begin(client).language == "fr"


def test_staff_read_in_the_language_of_their_account_unless_they_choose_another(
    client: FlaskClient, account: Callable[[Role], User], sign_in: Callable[[Role], FlaskClient]
) -> None:
    sign_in(Role.SCREENER)

    kept = client.post("/staff/preferences", data={"digest": "yes", "language": "ru"})
    by_account = client.get("/staff/", headers={"Accept-Language": "es"}).text
    chosen = client.get("/staff/?lang=zh", headers={"Accept-Language": "es"}).text

    assert (kept.status_code, account(Role.SCREENER).language) == (303, "ru")
    assert (spoken(by_account)[0], spoken(chosen)[0]) == ("ru", "zh")


@pytest.mark.parametrize("typed", ["xx", "ru ", "EN"])
def test_a_language_that_is_not_offered_is_not_kept(
    typed: str, account: Callable[[Role], User], sign_in: Callable[[Role], FlaskClient]
) -> None:
    answer = sign_in(Role.SCREENER).post("/staff/preferences", data={"digest": "yes", "language": typed})

    assert (answer.status_code, account(Role.SCREENER).language) == (422, "en")


def test_letters_of_the_table_reach_a_screener_in_their_language(
    app: Flask, account: Callable[[Role], User], expression: Make
) -> None:
    anna = account(Role.SCREENER)
    anna.language = "fr"
    subject = expression(State.SUBMITTED, screener_id=anna.id, language="ar")

    told = [(each.address, each.language) for who in Audience for each in recipients(who, subject)]

    assert (anna.email, "fr") in told
    assert (subject.contact_email, "ar") in told


@pytest.mark.parametrize(("language", "said"), DAYS.items())
def test_days_are_said_as_each_language_says_them(app: Flask, language: str, said: str) -> None:
    with force_locale(language):
        assert wording.day(date(2026, 11, 24)) == said


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_shows_a_day_as_machines_write_it(client: FlaskClient, expression: Make, language: str) -> None:
    subject = expression(State.RETURNED, language=language)
    walking.hold(client, subject)
    client.get(f"/?lang={language}")

    for page in ("", "/answers", "/points"):
        text = re.sub(r"<[^>]*>", "", client.get(walking.address(subject, page)).text)
        assert re.findall(r"\b20\d\d-\d\d-\d\d", text) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_html_of_a_letter_runs_as_its_language_does(app: Flask, language: str) -> None:
    twin = html_twin("1", link="", language=language)

    assert f'<html lang="{language}" dir="{"rtl" if language == "ar" else "ltr"}">' in twin


LISTED = {"en": "A, B and C", "ar": "A وB وC", "zh": "A、B和C", "es": "A, B y C", "fr": "A, B et C", "ru": "A, B и C"}


@pytest.mark.parametrize(("language", "listed"), LISTED.items())
def test_things_are_listed_as_each_language_lists_them(app: Flask, language: str, listed: str) -> None:
    with force_locale(language):
        assert wording.listed("ABC") == listed


ENDS = [("fr", "Afghanistan", "Zimbabwe"), ("es", "Afganistán", "Zimbabwe"), ("ru", "Австралия", "Япония")]


@pytest.mark.parametrize(("language", "first", "last"), ENDS)
def test_countries_stand_in_the_order_of_their_names(language: str, first: str, last: str) -> None:
    names = [countries()[code].name_in(language) for code in in_order(language)]

    assert (names[0], names[-1], len(names)) == (first, last, len(countries()))
    assert language != "fr" or names.index("Égypte") < names.index("Fidji")


PAGES = ("/", "/help/process", "/help/enquiries", "/notice", "/link", "/statistics")
STAFF_PAGES = ("/staff/queue?state=all", "/staff/composition", "/staff/figures", "/staff/outbox", "/staff/letter-texts")
CHANGING = re.compile(r'value="[\w.-]{30,}"|\b\d\d:\d\d\b')
"""Tokens of forms, and the time of day."""
FORMS = ("organisation", "pledge", "communities", "goals", "focus_areas")


def test_two_languages_in_turn_never_mix(
    client: FlaskClient, expression: Make, sign_in: Callable[[Role], FlaskClient]
) -> None:
    subject, screener = expression(State.DRAFT), sign_in(Role.SECRETARIAT)
    expression(State.SUBMITTED)
    link, _token = links.mint(subject.id, subject.contact_email)
    db.session.commit()
    with client.session_transaction() as session:
        session["links"] = [link.id]
    pages = [*PAGES, *STAFF_PAGES, *(walking.address(subject, f"/answers/{step}") for step in FORMS)]

    def read(language: str) -> list[str]:
        client.get(f"/?lang={language}")
        return [CHANGING.sub("", screener.get(page).text) for page in pages]

    forget()
    alone = {}
    for language in ("fr", "zh", "ar"):
        forget()
        alone[language] = read(language)
    forget()
    in_turn = [(language, read(language)) for language in ("zh", "fr", "ar", "fr", "zh")]

    for language, found in in_turn:
        different = [page for page, one, other in zip(pages, alone[language], found, strict=True) if one != other]
        assert different == [], language
    alike = [page for number, page in enumerate(pages) if len({alone[language][number] for language in alone}) < 3]
    assert alike == []


def test_a_name_in_latin_letters_stands_apart_in_an_arabic_letter(app: Flask, expression: Make) -> None:
    subject = expression(State.SUBMITTED, organisation_name="Ghana (Accra)")

    def body(language: str) -> str:
        reader = Recipient("a@example.org", language=language)
        return compose.letter("submit", Audience.APPLICANT, reader, facts={}, about=subject).body

    assert "\u2068Ghana (Accra)\u2069" in body("ar")
    assert LINK in body("ar").split("\n")
    assert "\u2068" not in body("en")


def test_an_arabic_letter_is_changed_without_marks_that_no_form_takes(
    expression: Make, sign_in: Callable[[Role], FlaskClient]
) -> None:
    subject = expression(State.SCREENED, language="ar")
    advance(subject, "assign", actor=making.SECRETARIAT, version=subject.version, focus_area="access")
    letter = db.session.scalars(select(Letter).where(Letter.language == "ar")).one()

    page = sign_in(Role.SECRETARIAT).get(f"/staff/outbox/{letter.id}/edit").text

    assert "\u2068" in letter.body
    assert "\u2068" not in re.findall(r"<textarea.*?</textarea>", page, re.DOTALL)[0]


def test_a_name_in_latin_letters_stands_apart_in_an_arabic_sentence(app: Flask) -> None:
    shown = "{{ _('Remove %(name)s', name='<A.> (B)') }}"
    with app.test_request_context(), force_locale("ar"):
        assert "\u2068&lt;A.&gt; (B)\u2069" in render_template_string(shown)
    with app.test_request_context(), force_locale("fr"):
        assert "\u2068" not in render_template_string(shown)


PO = """
msgid ""
msgstr "Content-Type: text/plain; charset=utf-8\\n"

msgid "{title}"
msgstr "Un appel à nous"

#, fuzzy
msgid "How it works"
msgstr "Comment nous faisons"
"""


def test_a_call_brings_its_own_words_in_a_file_beside_its_programme(
    environment: dict[str, str], programme_file: Path, tmp_path: Path
) -> None:
    own = tmp_path / "own.toml"
    own.write_text(programme_file.read_text(encoding="utf-8"), encoding="utf-8")
    title = re.search(r'^title = "(.*)"$', own.read_text(encoding="utf-8"), re.MULTILINE)
    assert title
    own.with_suffix(".fr.po").write_text(PO.replace("{title}", title[1]), encoding="utf-8")
    made = create_app({**environment, "INTAKE_PROGRAMME": str(own)}, {"TESTING": True})

    with made.test_request_context("/?lang=fr"):
        shown = render_template_string("{{ programme.call.title }}|{{ _('How it works') }}|{{ _('Queue') }}")
    with made.test_request_context("/?lang=es"):
        elsewhere: Any = gettext("How it works")

    assert shown.split("|")[:2] == ["Un appel à nous", "Comment nous faisons"]
    assert shown.split("|")[2] == words_of("fr").ugettext("Queue") != "Queue"
    assert elsewhere == words_of("es").ugettext("How it works") != "Comment nous faisons"
    with made.app_context():
        db.engine.dispose()


def test_english_needs_no_catalogue() -> None:
    assert words_of(ENGLISH).ugettext("Queue") == "Queue"
