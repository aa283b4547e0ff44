"""Makes bytes, headers and HTML of strangers plain words, whatever they claim to be; it never raises."""

import codecs
import re
import unicodedata
from email.errors import HeaderParseError
from email.header import decode_header
from html.parser import HTMLParser

from intake.fields import INVISIBLE, tidy

LONGEST = 40_000
"""Characters of a text that are looked at; more than what is kept of it."""
LONGEST_LINE = 2_000
MOST_MARKS = 30
"""Accents on one letter, as Unicode's Stream-Safe Text Format allows."""
MOST_HTML = 200_000
NO_CHARSETS = {"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem"}
"""Python knows them; no mail is written in them, and some take for ever."""
SKIPPED = {"script", "style", "head", "title", "template", "noscript", "svg", "object", "iframe"}
BLOCKS = {"p", "div", "br", "tr", "li", "ul", "ol", "table", "blockquote", "pre", "hr", "section", "article"} | {
    f"h{level}" for level in range(1, 7)
}
TAG = re.compile(r"<(?P<close>/?)(?P<name>[a-zA-Z][a-zA-Z0-9]*)[^<>]*>")


def text_of(data: bytes, charset: str | None) -> str:
    """The bytes in this charset, or in the likeliest one; what cannot be read becomes the replacement character."""
    known = _charset(charset)
    if known is None or known == "ascii":
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError:
            return data.decode("cp1252" if known is None else "utf-8", "replace")
    try:
        return data.decode(known, "replace")
    except (ValueError, LookupError):
        return data.decode("utf-8", "replace")


def _charset(named: str | None) -> str | None:
    try:
        found = codecs.lookup(named or "").name.replace("-", "_")
        b"a".decode(found, "replace")  # or it is a way to pack bytes, and no charset
    except (LookupError, ValueError, TypeError):
        return None
    return None if found in NO_CHARSETS else found


def plain(text: str, longest: int = LONGEST) -> str:
    """Words that any page and database can hold: no control characters, no marks that turn the direction of text."""
    return INVISIBLE.sub("", tidy(_with_few_marks(text[:longest]))).strip()


def _with_few_marks(text: str) -> str:
    """Putting hundreds of accents on one letter in their order takes for ever, so that only the first are kept."""
    made, marks = [], 0
    for letter in text:
        marks = marks + 1 if unicodedata.combining(letter) else 0
        if marks <= MOST_MARKS:
            made.append(letter)
    return "".join(made)


def line(text: str, longest: int) -> str:
    """The same as one line."""
    return " ".join(plain(text, LONGEST_LINE).split())[:longest].strip()


def header(value: object, longest: int = LONGEST_LINE) -> str:
    """A header as it is meant to be read."""
    raw = str(value or "")[:LONGEST_LINE]
    try:
        found = decode_header(raw)
    except (HeaderParseError, ValueError):
        found = [(raw, None)]
    return line("".join(_word(word, charset) for word, charset in found), longest)


def _word(word: bytes | str, charset: str | None) -> str:
    if isinstance(word, str):
        word = word.encode("utf-8", "surrogateescape")
    return text_of(word, charset)


class _Reader(HTMLParser):
    """Gathers what a reader of the page would see."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self._skipping = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self._skipping = 0 if tag == "body" else self._skipping + (tag in SKIPPED)
        if tag in BLOCKS:
            self.found.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self._skipping -= tag in SKIPPED and self._skipping > 0
        if tag in BLOCKS:
            self.found.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._skipping:
            self.found.append(data)


def text_of_html(page: str) -> str:
    """What a page says, without scripts, styles and marks.

    A tag that is not closed would make the parser look ahead again and again, so it becomes plain text before it gets
    there.
    """
    reader = _Reader()
    reader.feed(_with_whole_tags(_without_comments(page[:MOST_HTML])))
    reader.close()
    lines = (" ".join(each.split()) for each in "".join(reader.found).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _without_comments(page: str) -> str:
    first, *others = page.split("<!--")
    return first + "".join(each.partition("-->")[2] for each in others)


def _with_whole_tags(page: str) -> str:
    made, end = [], 0
    for tag in TAG.finditer(page):
        made += [page[end : tag.start()].replace("<", "&lt;"), f"<{tag['close']}{tag['name']}>"]
        end = tag.end()
    return "".join([*made, page[end:].replace("<", "&lt;")])
