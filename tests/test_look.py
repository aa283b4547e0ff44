"""The stylesheet, with colours that can be read in every theme and one rule for both directions; the first page."""

import gzip
import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from itertools import product

import html5lib
import pytest
from flask import Flask, render_template
from flask.testing import FlaskClient

from intake.applicants import call, forms
from intake.current import programme
from intake.models import now
from intake.resources import folder
from workflows.expression_words import STATES

CSS = (folder("static") / "app.css").read_text(encoding="utf-8")
MOST_BYTES = 9_000
"""Of the stylesheet, compressed."""
MOST_WORDS = 450
"""What is read in two minutes."""
TEXT, CONTROL = 4.5, 3.0
"""The contrasts that WCAG 2.2 AA asks for: of text, and of the edges of controls and of the focus."""
GROUNDS = ("paper", "surface", "sunken")
WRITTEN = {
    **dict.fromkeys(("ink", "ink-soft", "link", "visited", "accent", "brass", "warning", "danger"), GROUNDS),
    "on-accent": ("accent", "accent-strong"),
    "on-band": ("band",),
    "danger-wash": ("danger",),
    **{tone: (f"{tone}-wash",) for tone in ("neutral", "info", "success", "warning", "danger")},
}
"""Tokens of text, with those of what they stand on."""
ON_WASHES = list(product(("ink", "link"), [f"{tone}-wash" for tone in ("info", "success", "warning", "danger")]))
"""Words and links within notices."""
DRAWN = {"edge": GROUNDS, "focus": GROUNDS, "accent": GROUNDS, "warning": GROUNDS, "on-band": ("band",)}
"""Tokens of edges, of the focus and of marks."""
DECLARATION = re.compile(r"--([\w-]+):\s*([^;]+);")


def block(opening: str, text: str = CSS) -> str:
    """What stands in the first block that opens so; its braces are balanced."""
    begins = text.index(opening) + len(opening)
    depth, at = 1, begins
    while depth:
        depth += {"{": 1, "}": -1}.get(text[at], 0)
        at += 1
    return text[begins : at - 1]


def tokens(*blocks: str) -> Mapping[str, str]:
    """The tokens of several blocks, later ones over earlier ones."""
    return {name: value.strip() for each in blocks for name, value in DECLARATION.findall(each)}


LIGHT = block(":root {")
DARK = block(":root {", block("@media (prefers-color-scheme: dark) {"))
MORE = block(":root {", block("@media (prefers-contrast: more) {"))
THEMES = {
    "light": tokens(LIGHT),
    "dark": tokens(LIGHT, DARK),
    "light, more contrast": tokens(LIGHT, MORE),
    "dark, more contrast": tokens(LIGHT, DARK, MORE),
}


def luminance(theme: Mapping[str, str], token: str) -> float:
    """The relative luminance of a token, as WCAG defines it."""
    value = theme[token]
    while value.startswith("var("):
        value = theme[value.removeprefix("var(--").removesuffix(")")]
    digits = value.removeprefix("#")
    digits = "".join(2 * digit for digit in digits) if len(digits) == 3 else digits
    parts = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(theme: Mapping[str, str], one: str, other: str) -> float:
    """The contrast of two tokens."""
    low, high = sorted((luminance(theme, one), luminance(theme, other)))
    return (high + 0.05) / (low + 0.05)


def too_weak(theme: Mapping[str, str], pairs: Iterator[tuple[str, str]], least: float) -> list[str]:
    """The pairs below a contrast, with theirs."""
    measured = {f"{one} on {other}": contrast(theme, one, other) for one, other in pairs}
    return [f"{pair}: {found:.2f}" for pair, found in measured.items() if found < least]


def test_black_on_white_has_the_contrast_that_wcag_gives_it() -> None:
    assert contrast({"black": "#000", "white": "#ffffff", "black-too": "var(--black)"}, "black-too", "white") == 21


@pytest.mark.parametrize("name", THEMES)
def test_text_can_be_read_on_what_it_stands_on(name: str) -> None:
    pairs = [(ink, ground) for ink, grounds in WRITTEN.items() for ground in grounds]

    assert too_weak(THEMES[name], iter(pairs + ON_WASHES), TEXT) == []


@pytest.mark.parametrize("name", THEMES)
def test_edges_of_controls_the_focus_and_marks_can_be_seen(name: str) -> None:
    pairs = ((mark, ground) for mark, grounds in DRAWN.items() for ground in grounds)

    assert too_weak(THEMES[name], pairs, CONTROL) == []


def test_every_token_that_is_used_is_defined() -> None:
    defined = {name for name, _value in DECLARATION.findall(CSS)}

    assert set(re.findall(r"var\(--([\w-]+)", CSS)) - defined == set()


def test_nothing_has_a_left_or_a_right() -> None:
    sides = r"\b(?:left|right)\b|\b(?:margin|padding|border)-(?:top|bottom)\b"
    physical = rf"{sides}|(?<![-\w])(?:min-|max-)?(?:width|height):"
    rules = re.sub(r"/\*.*?\*/|@media[^{]*", "", CSS, flags=re.DOTALL)

    assert re.findall(physical, rules) == []


def test_nothing_is_fetched_from_anywhere() -> None:
    assert re.findall(r"url\(|@import|@font-face", CSS) == []


def test_the_stylesheet_is_light() -> None:
    assert len(gzip.compress(CSS.encode())) <= MOST_BYTES


def running_text(page: str) -> list[str]:
    """The words of the paragraphs and lists of a page; headings, buttons and the facts at a glance are looked at."""
    main = html5lib.parse(page, namespaceHTMLElements=False).find(".//main")
    for form in main.findall(".//form/.."):
        form.remove(form.find("form"))
    whole = [each for each in main.iter() if each.tag in {"p", "ul", "ol"}]
    inner = {part for each in whole for part in each.iter() if part is not each}
    return " ".join("".join(each.itertext()) for each in whole if each not in inner).split()


def test_the_first_page_is_read_in_two_minutes_and_holds_what_the_programme_says(client: FlaskClient) -> None:
    words = running_text(client.get("/").text)
    said = " ".join(words)

    told = [each.name for each in programme().categories]
    told += [each.summary for each in programme().focus_areas] + [each.text for each in programme().criteria]
    assert [text for text in told if " ".join(text.split()) not in said] == []
    assert 300 < len(words) <= MOST_WORDS


@pytest.mark.parametrize(
    ("days", "words"),
    [(-400, "The call opens in"), (0, "The call is open:"), (400, "The call is closed")],
)
def test_one_can_begin_only_while_the_call_is_open(days: int, words: str, app: Flask) -> None:
    window = call.window(now() + timedelta(days=days))
    with app.test_request_context("/"):
        begin = forms.BeginForm(formdata=None, key="key")
        page = render_template("applicants/landing.html", begin=begin, window=window, mine=[], states=STATES)

    assert words in page
    assert (">Begin</button>" in page) == (days == 0)


def test_each_page_names_the_languages_in_themselves_and_marks_its_own(client: FlaskClient) -> None:
    page = html5lib.parse(client.get("/notice?lang=fr").text, namespaceHTMLElements=False)
    links = page.findall(".//header//ul[@class='frame languages']//a")

    assert {link.get("lang"): link.text for link in links} == {
        "en": "English",
        "ar": "العربية",
        "zh": "中文",
        "es": "Español",
        "fr": "Français",
        "ru": "Русский",
    }
    assert [link.get("lang") for link in links if link.get("aria-current")] == ["fr"]
