"""A language in which each of our words stands between brackets, and what of a page or a letter stands outside them."""

import re
from collections.abc import Iterator
from typing import Any

import html5lib
from babel.messages.catalog import Catalog
from babel.support import NullTranslations

LANGUAGE = "ar"
"""What Babel and the data say in Arabic has no Latin letters, so that whatever has some is ours, or a person's."""
OPEN, CLOSE = "⟦", "⟧"
MARKED = re.compile(f"{OPEN}[^{OPEN}{CLOSE}]*{CLOSE}")
LATIN = re.compile(r"[A-Za-z]+")
STAND_IN = "\x01"
GLUED = re.compile(f"{STAND_IN}(?:, |: |; )(?={STAND_IN})")
"""Two texts with our punctuation between them, which another language may not have."""
MACHINES = re.compile(
    r"https?://\S+|/staff/\S*|[\w.+-]+@[\w.-]+|\b(?:P2C|ENQ)-[0-9A-Z]{4}-[0-9A-Z]{4}|[\w-]+\.(?:pdf|csv|ics)\b"
    r"|\bC1?[0-9]\.|\b(?:PDF|DOCX|ODT|PNG|JPEG|CSV|XLSX|JSON)\b"
)
"""Addresses, references, names and kinds of files, codes of Action Lines."""
SAID = ("title", "placeholder", "aria-label", "aria-description", "alt", "label")
SAID_LATER = ("data-over", "data-on", "data-off", "data-kept", "data-failed")
"""What our scripts write into a page."""
NO_WORDS = {"script", "style", "textarea", "template", "code", "kbd"}
BUTTONS = {"submit", "button", "reset"}


class MarkedWords(NullTranslations):
    """Every text that translators are given stands between brackets; what they never see stays as it is."""

    def __init__(self, catalogue: Catalog) -> None:
        super().__init__()
        self.known = {message.id[0] if isinstance(message.id, tuple) else message.id for message in catalogue}

    def gettext(self, message: str) -> str:
        """The text between brackets."""
        return f"{OPEN}{message}{CLOSE}" if message and message in self.known else message

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        """The form for a number between brackets."""
        form = msgid1 if n == 1 else msgid2
        return f"{OPEN}{form}{CLOSE}" if msgid1 in self.known else form

    ugettext, ungettext = gettext, ngettext  # type: ignore[assignment]


def unmarked(text: str, data: re.Pattern[str]) -> list[str]:
    """What of a text stands outside brackets, has Latin letters and is no data; in the order of the text."""
    bare = text
    while MARKED.search(bare):
        bare = MARKED.sub(STAND_IN, bare)
    glued = [f"between two texts: {each[1:]!r}" for each in GLUED.findall(bare)]
    bare = data.sub(" ", MACHINES.sub(" ", bare))
    lines = (line.replace(STAND_IN, " … ").strip() for line in re.split(r"[\n\x1f]+", bare))
    return [*(line for line in lines if LATIN.search(line)), *glued]


def of_page(page: str, data: re.Pattern[str]) -> list[str]:
    """The same of a page: its texts and what its attributes say."""
    tree = html5lib.parse(page, namespaceHTMLElements=False)
    return [
        *unmarked("\x1f".join(_texts(tree)), data),
        *(each for said in _said(tree) for each in unmarked(said, data)),
    ]


def _is_ours(node: Any) -> bool:
    """Whether its words are in the language of the page."""
    if not isinstance(node.tag, str) or node.tag in NO_WORDS or node.get("translate") == "no":
        return False
    return bool(node.get("lang", LANGUAGE) == LANGUAGE)


def _texts(node: Any) -> Iterator[str]:
    yield node.text or ""
    for child in node:
        if _is_ours(child):
            yield from _texts(child)
        yield child.tail or ""


def _said(node: Any) -> Iterator[str]:
    for child in node:
        if not isinstance(child.tag, str) or child.get("lang", LANGUAGE) != LANGUAGE:
            continue
        yield from (child.get(name, "") for name in (*SAID, *SAID_LATER))
        if child.tag == "input" and child.get("type") in BUTTONS:
            yield child.get("value", "")
        yield from _said(child)
