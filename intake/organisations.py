"""The normal form of an organisation's name, to find likely duplicates. It decides nothing: people do."""

import re
import unicodedata
from functools import lru_cache

LONGEST_KEY = 200
_LONGEST_READ = 1000

_ARTICLES = frozenset(
    (
        *("the", "a", "an", "la", "le", "les", "l", "el", "los", "las", "lo", "il", "gli"),
        *("der", "die", "das", "de", "het", "o", "os", "as"),
    )
)
_ANDS = frozenset(("and", "et", "y", "und"))
_ANDS_BETWEEN_WORDS = frozenset(("e", "en", "и"))
_LEGAL_FORMS = tuple(
    tuple(form.split())
    for form in (
        *("and company", "and co", "private limited", "sa de cv", "company", "co", "limited", "ltd", "ltda"),
        *("incorporated", "inc", "corporation", "corp", "plc", "llc", "llp", "lp", "cic", "p l c", "l l c"),
        *("gmbh", "ggmbh", "ag", "kg", "kgaa", "ug", "ev", "a g", "e v", "bv", "nv", "b v", "n v", "s a", "s a s"),
        *("s r l", "s p a", "a s", "sa", "sas", "sasu", "sarl", "srl", "spa", "eirl", "pty", "pte", "pvt"),
        *("proprietary", "sdn", "bhd", "ab", "asa", "oy", "oyj", "aps", "kk", "kft", "zrt", "doo"),
        *("jsc", "pjsc", "ojsc", "cjsc", "fzco", "fze", "ооо", "оао", "пао", "зао", "ао"),
    )
)
_TRADE_MARKS = str.maketrans("", "", "™®©℠")
_PARENTHESES = re.compile(r"\([^()]*\)")
_DOTTED = re.compile(r"\b(?:\w\.){2,}")
_ARTICLE_BEFORE_A_VOWEL = re.compile(r"\bl['’](?=\w)")
_APOSTROPHES = re.compile(r"['’ʼ]")


@lru_cache(maxsize=1_000)
def organisation_key(name: str) -> str:
    """The normal form: names that likely mean one organisation have the same, of at most 200 characters.

    Empty only for a name in which nothing can be printed. The key of a key is that key.
    """
    key = _shortened(name[:_LONGEST_READ])
    while (again := _shortened(key)) != key:
        key = again
    return key or _printable(name)[:LONGEST_KEY].strip()


def _shortened(name: str) -> str:
    """One pass; a later one may find an article or a legal form that this one laid bare."""
    folded = _folded(name)
    words = _without_legal_form(_without_article(_words(_without_parentheses(folded))))
    key = " ".join(_with_one_and(words)) or " ".join(folded.split())
    return key[:LONGEST_KEY].strip()


def _printable(name: str) -> str:
    """What is left of a name that is all marks and signs, such as a lone accent."""
    shown = "".join(c if c.isprintable() else " " for c in name[:_LONGEST_READ].casefold())
    return " ".join(unicodedata.normalize("NFC", shown).split())


def _folded(name: str) -> str:
    """Compatibility forms, case and the accents of alphabets gone; the marks that other scripts need stay."""
    decomposed = unicodedata.normalize("NFKD", name.translate(_TRADE_MARKS).casefold())
    bare = (
        c for c in decomposed if not "\u0300" <= c <= "\u036f" and unicodedata.category(c) not in ("Cc", "Cf", "Cs")
    )
    return unicodedata.normalize("NFKC", "".join(bare))


def _without_parentheses(text: str) -> str:
    """What stands in parentheses is dropped as long as something else remains."""
    while _words(outside := _PARENTHESES.sub(" ", text)) and outside != text:
        text = outside
    return text


def _words(text: str) -> list[str]:
    text = _DOTTED.sub(lambda found: found[0].replace(".", ""), text.replace("&", " and "))
    text = _APOSTROPHES.sub("", _ARTICLE_BEFORE_A_VOWEL.sub("l ", text))
    return "".join(c if unicodedata.category(c)[0] in "LMN" else " " for c in text).split()


def _without_article(words: list[str]) -> list[str]:
    while len(words) > 1 and words[0] in _ARTICLES and words[1] not in _ANDS:
        words = words[1:]
    return words


def _without_legal_form(words: list[str]) -> list[str]:
    for form in _LEGAL_FORMS:
        if len(words) > len(form) and tuple(words[-len(form) :]) == form:
            return _without_legal_form(words[: -len(form)])
    return words


def _with_one_and(words: list[str]) -> list[str]:
    last = len(words) - 1
    return [
        "and" if word in _ANDS or (word in _ANDS_BETWEEN_WORDS and 0 < place < last) else word
        for place, word in enumerate(words)
    ]
