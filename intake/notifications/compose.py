"""Renders the text of a letter in one recipient's language; it stores and sends nothing."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from flask import current_app
from flask_babel import force_locale, gettext
from jinja2 import StrictUndefined, TemplateNotFound

from intake import wording
from intake.current import programme
from intake.models import LINK, Subject
from intake.notifications import grammar, texts
from intake.notifications.grammar import Parts
from intake.notifications.placeholders import MARK, Occasion, Purpose, known_for
from intake.notifications.recipients import Recipient
from intake.notifications.texts import Texts
from intake.translations import direction, isolated
from workflows.people import Audience

__all__ = ["MARK", "LetterError", "Text", "letter", "rendered", "staff_letter"]
LONGEST_SUBJECT = 300
STAFF = "staff"
"""The folder of letters that are about no single expression."""


class LetterError(Exception):
    """A letter cannot be rendered; the sentence names the template."""


@dataclass(frozen=True, slots=True)
class Text:
    """What a recipient reads. `language` is that of the words, which is English where no other text was written."""

    subject: str
    body: str
    language: str = "en"


def letter(
    kind: str,
    audience: Audience,
    recipient: Recipient,
    *,
    facts: Mapping[str, Any],
    about: Subject | None,
    before: Mapping[str, Any] | None = None,
    written: Texts | None = None,
) -> Text:
    """The letter of a kind to an audience; `facts` and `before` are those of the step, as the history keeps them.

    `written` are the texts of this kind; without them they are read, in one statement. Raises `LetterError`.
    """
    purpose = Purpose(about.workflow.name if about else STAFF, kind, audience)
    try:
        known = texts.of(purpose.folder, kind) if written is None else written
        source, language = known.find(purpose, recipient.language)
        return rendered(source, purpose, Occasion(recipient, facts, about, before or {}), language=language)
    except TemplateNotFound as error:
        raise LetterError(f"The letter {purpose}.txt has no template.") from error


def rendered(source: str, purpose: Purpose, occasion: Occasion, *, language: str) -> Text:
    """A text with its placeholders filled in. Raises `LetterError` when it is not as a text must be."""
    parts, known = _ready(source, purpose), known_for(purpose)
    try:
        with force_locale(language):
            words = {name: known[name].text(occasion) for name in parts.names}
            if direction(language) == "rtl":
                words = {name: text if known[name].is_long else isolated(text) for name, text in words.items()}
            subject, body = parts.subject.render(words), parts.body.render(words)
    except Exception as error:  # a placeholder can fail in any way; whichever it is, the step must not go through
        raise LetterError(f"The letter {purpose}.txt cannot be composed ({type(error).__name__}).") from error
    subject, body = " ".join(_without_link(subject).split()), _with_link(body).strip()
    if not subject or not body:
        raise LetterError(f"The letter {purpose}.txt has no words left in its subject or its text.")
    return Text(subject[:LONGEST_SUBJECT], body + "\n", language)


def staff_letter(template: str, subject: str, /, **words: Any) -> Text:
    """A letter to staff that is about no step, in the language of now: its text is one file for all languages.

    There `_` escapes nothing, as nothing of it is HTML.
    """
    found = current_app.jinja_env.overlay(undefined=StrictUndefined).get_template(f"mail/staff/{template}.txt")
    body = found.render(_=gettext, programme=programme(), **words).strip() + "\n"
    return Text(subject[:LONGEST_SUBJECT], body, wording.language())


@lru_cache(maxsize=512)
def _ready(source: str, purpose: Purpose) -> Parts:
    """A text looked through and made ready once, as the same are used again and again. Raises `LetterError`."""
    wrong = grammar.faults(source, known_for(purpose))
    if wrong:
        raise LetterError(f"The letter {purpose}.txt cannot be composed: {' '.join(map(str, wrong))}")
    return grammar.ready(source)


def _without_link(words: str) -> str:
    """What a person has written where only our own hand may write the placeholder becomes plain words."""
    return words.replace(LINK, f"({LINK.strip('[]')})")


def _with_link(words: str) -> str:
    """The placeholder, on a line of its own whatever stands round it, where the text has the link."""
    own_line = re.sub(rf"(?<=[^\n])(?={MARK})|(?<={MARK})(?=[^\n])", "\n", _without_link(words))
    return own_line.replace(MARK, LINK)
