"""Every word of pages, letters and programmes has its translation, with the same placeholders and marks."""

import re
from collections.abc import Iterator
from functools import cache

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from intake.notifications import grammar, texts
from intake.notifications.placeholders import known_for
from intake.translations import ENGLISH, LANGUAGES, catalogue_file, updating

FOREIGN = sorted(set(LANGUAGES) - {ENGLISH})
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]")
MARK = re.compile(r"</?[a-z][^>]*>")
COUNT = "num"


@pytest.fixture(scope="session")
def wanted() -> Catalog:
    """The words as they stand in the source."""
    return updating.wanted()


@cache
def _kept(language: str) -> Catalog:
    with catalogue_file(language).open("rb") as source:
        return read_po(source, locale=language)


def _pairs(language: str) -> Iterator[tuple[Message, str, str]]:
    """Each message with an English text and one in the language; of a plural, the other forms beside its plural."""
    for message in _kept(language):
        if message.id:
            plural = isinstance(message.id, tuple)
            translated = message.string if isinstance(message.string, (tuple, list)) else (message.string,)
            for text in translated:
                yield message, message.id[-1] if plural else message.id, text


@pytest.mark.parametrize("language", FOREIGN)
def test_no_word_lacks_its_translation_and_none_is_left_over(wanted: Catalog, language: str) -> None:
    asked = {message.id for message in wanted if message.id}
    known = {message.id for message in _kept(language) if message.id}
    empty = sorted({str(message.id) for message, _english, text in _pairs(language) if not text.strip()})

    assert sorted(map(str, asked - known)) == [], "make translations"
    assert sorted(map(str, known - asked)) == [], "make translations"
    assert empty == []


def _same(english: str, text: str, *, spared: set[str]) -> bool:
    """Whether both have the same placeholders, marks and signs of percent."""
    there, here = set(PLACEHOLDER.findall(english)), set(PLACEHOLDER.findall(text))
    if here - there or there - here - spared or sorted(MARK.findall(english)) != sorted(MARK.findall(text)):
        return False
    return not there or "%" not in PLACEHOLDER.sub("", text).replace("%%", "")


@pytest.mark.parametrize("language", FOREIGN)
def test_placeholders_and_marks_are_those_of_the_english(language: str) -> None:
    wrong = [
        (english, text)
        for message, english, text in _pairs(language)
        if not _same(english, text, spared={COUNT} if isinstance(message.id, tuple) else set())
    ]

    assert wrong == []


@pytest.mark.parametrize("language", FOREIGN)
def test_what_nobody_has_confirmed_is_marked_as_such(language: str) -> None:
    unmarked = [message.id for message in _kept(language) if message.id and not message.fuzzy]
    confirmed = [
        message.id
        for message in _kept(language)
        if message.id and any(each.startswith("confirmed") for each in message.user_comments)
    ]

    assert unmarked == confirmed


@pytest.mark.parametrize("language", FOREIGN)
def test_every_letter_is_written_in_the_language_and_has_the_placeholders_of_the_english(language: str) -> None:
    absent, faulty = [], {}
    for purpose in texts.purposes():
        english, text = texts.shipped(purpose, ENGLISH), texts.shipped(purpose, language)
        if not text:
            absent.append(str(purpose))
            continue
        faults = grammar.faults(text, known_for(purpose), texts.needed(purpose))
        asks = [grammar.read(each) for each in (english or "", text)]
        if faults or {each.always for each in asks} != {asks[0].always}:
            faulty[str(purpose)] = [str(each) for each in faults]

    assert absent == []
    assert faulty == {}
