"""The six languages: their names, the way they are written, and their words; it chooses none for anybody."""

from collections.abc import Mapping
from functools import cache
from io import BytesIO
from pathlib import Path

from babel import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

ENGLISH = "en"
LANGUAGES = {
    "en": "English",
    "ar": "العربية",
    "zh": "中文",
    "es": "Español",
    "fr": "Français",
    "ru": "Русский",
}
"""The languages of pages and letters, each named in itself."""
LOCALES: Mapping[str, Locale] = {code: Locale(code) for code in LANGUAGES}
RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur"})
ISOLATE, END = "\u2068", "\u2069"
"""Unicode's FIRST STRONG ISOLATE and its end: between them, a text has the direction of its own first letter."""
PAGE = ("http://", "https://")
FOLDER = Path(__file__).parent


def direction(language: str) -> str:
    """The way in which a language is written, as HTML names it."""
    return "rtl" if language.partition("-")[0] in RIGHT_TO_LEFT else "ltr"


def isolated(words: str) -> str:
    """Words of a person in a text that runs from right to left, so that neither turns the other's signs round.

    Addresses of pages stay as they are: they run one way, and what looks for links must find their beginning.
    """
    return words if words.startswith(PAGE) or not words else f"{ISOLATE}{words}{END}"


def plain(words: str) -> str:
    """A text without the marks that `isolated` made, which no form takes."""
    return words.replace(ISOLATE, "").replace(END, "")


def catalogue_file(language: str) -> Path:
    """Where the words of a language are kept."""
    return FOLDER / f"{language}.po"


@cache
def words_of(language: str, programme: Path | None = None) -> NullTranslations:
    """The words of a language: the shipped ones, and those that lie beside a programme's file, as `FILE.fr.po`.

    A catalogue is read and compiled in memory when the first page asks for it, so that nothing compiled can be out of
    date. What is marked as fuzzy, which to gettext means unconfirmed, is used all the same.
    """
    found = NullTranslations()
    if language == ENGLISH:
        return found
    beside = programme.with_suffix(f".{language}.po") if programme else None
    for file in filter(None, (beside, catalogue_file(language))):
        if file.exists():
            found = _joined(found, _compiled(file, language))
    return found


def _joined(first: NullTranslations, then: Translations) -> NullTranslations:
    if not isinstance(first, Translations):
        return then
    first.add_fallback(then)
    return first


def _compiled(file: Path, language: str) -> Translations:
    with file.open("rb") as source:
        catalogue = read_po(source, locale=language)
    made = BytesIO()
    write_mo(made, catalogue, use_fuzzy=True)
    made.seek(0)
    return Translations(made, domain="messages")
