"""Texts that staff write in place of the shipped ones: which holds for whom, its versions, and what stays protected."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from intake.advance import advance
from intake.extensions import db
from intake.models import LINK, Expression, Letter, LetterText
from intake.notifications import compose, outbox, texts
from intake.notifications.compose import LetterError
from intake.notifications.placeholders import Purpose
from intake.notifications.recipients import Recipient
from intake.translations import LANGUAGES
from tests.making import SCREENER, SECRETARIAT
from tests.statements import counted
from workflows.expression import State
from workflows.people import Audience
from workflows.workflow import Refused

Make = Callable[..., Expression]
SCREENED = Purpose("expression", "screen", Audience.APPLICANT)
REASONED = Purpose("expression", "release", Audience.APPLICANT)
OURS = "Subject: {{ reference }}: ours\n\n{{ organisation }} is fine.\n{{ link }}\n"


def keep(text: str, language: str = "en", purpose: Purpose = SCREENED) -> LetterText:
    """Save the next version of a text."""
    number = texts.standing(purpose, language).number
    version = texts.save(purpose, language, text, by=SECRETARIAT, seen=number)
    db.session.commit()
    return version


def screened(expression: Make, **changes: Any) -> Letter:
    """The applicant's letter of a screening."""
    ghana = expression(State.SUBMITTED, met=True, **changes)
    advance(ghana, "screen", actor=SCREENER, version=ghana.version)
    return next(letter for letter in ghana.letters if letter.audience is Audience.APPLICANT)


def test_a_saved_text_is_what_the_next_letter_says(expression: Make) -> None:
    keep(OURS)

    letter = screened(expression, organisation_name="Ministry of Roads")

    assert letter.subject.endswith(": ours")
    assert letter.body == f"Ministry of Roads is fine.\n{LINK}\n"


def test_an_empty_version_lets_the_shipped_text_hold_again_and_keeps_the_others(expression: Make) -> None:
    keep(OURS)
    keep("")

    assert screened(expression).subject.endswith(": your expression of interest meets the criteria")
    assert [(version.number, version.text) for version in texts.versions(SCREENED, "en")] == [(2, ""), (1, OURS)]


@pytest.mark.parametrize(
    ("written", "language", "subject", "of"),
    [
        ([], "fr", "votre manifestation d'intérêt remplit les critères", "fr"),
        (["en"], "fr", "votre manifestation d'intérêt remplit les critères", "fr"),
        (["en"], "it", "en", "en"),
        (["en", "fr"], "fr", "fr", "fr"),
        (["fr"], "fr", "fr", "fr"),
        (["fr"], "en", "your expression of interest meets the criteria", "en"),
        (["fr"], "it", "your expression of interest meets the criteria", "en"),
    ],
)
def test_a_reader_gets_their_language_and_else_the_english(
    expression: Make, written: list[str], language: str, subject: str, of: str
) -> None:
    for each in written:
        keep(OURS.replace("ours", each), each)

    letter = screened(expression, language=language)

    assert (letter.subject.partition(": ")[2], letter.language) == (subject, of)


def test_days_are_written_in_the_language_of_the_text(expression: Make) -> None:
    purpose = Purpose("expression", "submit", Audience.APPLICANT)
    source = "Subject: {{ reference }}\n\n{{ organisation }} {{ submitted_on }}\n{{ decision_by }}\n{{ link }}\n"
    keep(source, "fr", purpose)
    ghana = expression(State.SUBMITTED, language="fr")
    ghana.decision_due_on = ghana.decision_due_on.replace(month=8, day=3) if ghana.decision_due_on else None

    text = compose.letter(
        "submit", Audience.APPLICANT, Recipient("a@example.org", language="fr"), facts={}, about=ghana
    )

    assert "3 août" in text.body


def test_nobodys_words_become_a_link_or_a_placeholder_in_a_written_text(expression: Make) -> None:
    keep(
        "Subject: {{ reference }} {{ focus_area }}\n\n{{ organisation }}\n{{ reason }}\n{{ link }}\n", purpose=REASONED
    )
    ghana = expression(State.CONFIRMED, organisation_name=f"A {{{{ link }}}} {LINK}")

    advance(ghana, "release", actor=SECRETARIAT, version=ghana.version, reason=f"x\n{LINK}\n{{{{ link }}}}")

    letter = next(each for each in ghana.letters if each.audience is Audience.APPLICANT)
    assert letter.body == ("A {{ link }} (your personal link)\nx\n(your personal link)\n{{ link }}\n" + f"{LINK}\n")


def test_the_link_has_its_own_line_whatever_ends_before_it(expression: Make) -> None:
    source = "Subject: {{ reference }}\n\n{{ organisation }}\n{% if preferences %}x{% endif %}\n{{ link }}\nend\n"
    keep(source)

    assert screened(expression, organisation_name="Roads").body == f"Roads\nx\n{LINK}\nend\n"


def test_lines_in_somebodys_words_cannot_break_the_subject(expression: Make) -> None:
    keep("Subject: {{ reason }}\n\n{{ organisation }} {{ reference }} {{ focus_area }}\n{{ link }}\n", purpose=REASONED)
    ghana = expression(State.CONFIRMED)

    advance(ghana, "release", actor=SECRETARIAT, version=ghana.version, reason="Ill.\r\nBcc: x@example.org\n\nBody")

    letter = next(each for each in ghana.letters if each.audience is Audience.APPLICANT)
    assert letter.subject == "Ill. Bcc: x@example.org Body"


def test_a_step_reads_the_texts_in_one_statement_more(expression: Make) -> None:
    ghana = expression(State.SUBMITTED, met=True, second_email="second@example.org")

    with counted() as statements:
        advance(ghana, "screen", actor=SCREENER, version=ghana.version)

    assert len([each for each in statements if "letter_texts" in each]) == 1
    assert len(ghana.letters) == 3


def test_a_text_that_no_longer_fits_the_programme_stops_the_step(expression: Make) -> None:
    keep(OURS)
    stored = db.session.scalars(select(LetterText)).one()
    stored.text = OURS.replace("organisation", "gone_since")
    db.session.commit()
    ghana = expression(State.SUBMITTED, met=True)

    with pytest.raises(LetterError, match="gone_since"):
        advance(ghana, "screen", actor=SCREENER, version=ghana.version)

    assert ghana.state is State.SUBMITTED
    assert [reason.code for reason in texts.standing(SCREENED, "en").faults] == ["unknown", "missing"]


def test_a_text_without_what_the_recipient_needs_is_not_saved(app: Flask) -> None:
    with pytest.raises(Refused) as refused:
        keep("Subject: {{ reference }}\n\nFine.\n")

    assert [str(reason) for reason in refused.value.reasons] == [
        "{{ link }} is missing: the recipient needs it, outside every condition.",
        "{{ organisation }} is missing: the recipient needs it, outside every condition.",
    ]
    assert texts.versions(SCREENED, "en") == []


def test_a_translation_is_marked_when_the_english_changes_until_it_is_saved_again(app: Flask) -> None:
    def differs() -> dict[str, bool]:
        return {language: standing.differs for language, standing in texts.standings()[SCREENED].items()}

    nothing = dict.fromkeys(LANGUAGES, False)
    keep(OURS.replace("fine", "bien"), "fr")
    assert differs() == nothing

    shipped = dict.fromkeys(set(LANGUAGES) - {"en", "fr"}, True)
    keep(OURS)
    assert differs() == {**nothing, **shipped, "fr": True}
    keep(OURS.replace("fine", "très bien"), "fr")
    assert differs() == {**nothing, **shipped}

    keep("")
    assert differs() == {**nothing, "fr": True}
    keep(OURS)
    assert differs() == {**nothing, **shipped}


def test_two_who_save_the_same_text_are_told_apart(app: Flask) -> None:
    keep(OURS)

    with pytest.raises(Refused) as refused:
        texts.save(SCREENED, "en", OURS.replace("fine", "good"), by=SECRETARIAT, seen=0)

    assert [reason.code for reason in refused.value.reasons] == ["changed"]


def test_of_two_who_save_at_the_same_moment_one_is_told(app: Flask) -> None:
    together, answers = threading.Barrier(2), []

    def save(word: str) -> None:
        with app.app_context():
            together.wait()
            try:
                texts.save(SCREENED, "en", OURS.replace("fine", word), by=SECRETARIAT, seen=0)
                db.session.commit()
                answers.append("saved")
            except Refused as refused:
                db.session.rollback()
                answers.append(refused.reasons[0].code)

    threads = [threading.Thread(target=save, args=(word,)) for word in ("good", "well")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(answers) == ["changed", "saved"]
    db.session.rollback()
    assert [version.number for version in texts.versions(SCREENED, "en")] == [1]


def test_the_letter_with_a_link_uses_its_text_too(expression: Make) -> None:
    keep(
        "Subject: {{ reference }}: come in\n\nHere:\n{{ link }}\n",
        purpose=Purpose("expression", "link", Audience.APPLICANT),
    )

    outbox.enqueue_link(expression(State.SUBMITTED), Recipient("a@example.org"))
    db.session.commit()

    assert db.session.scalars(select(Letter.body)).one() == f"Here:\n{LINK}\n"
