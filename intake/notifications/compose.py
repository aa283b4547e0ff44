"""Renders the text of a letter in one recipient's language from templates/mail; it stores and sends nothing."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import current_app
from jinja2 import FileSystemLoader, StrictUndefined, TemplateNotFound
from jinja2.sandbox import ImmutableSandboxedEnvironment

from intake.current import programme
from intake.models import LINK, Expression
from intake.notifications.recipients import Recipient
from intake.resources import folder
from intake.wording import day, kind_name, mode_name, moment

LONGEST_SUBJECT = 300
MARK = secrets.token_hex(16)
"""Stands for the link while a template is rendered. Nobody outside can write it, so no one's words become a link."""


class LetterError(Exception):
    """A letter cannot be rendered; the sentence names the template."""


@dataclass(frozen=True, slots=True)
class Text:
    """What a recipient reads."""

    subject: str
    body: str


def _area_name(area: str | None) -> str:
    return programme().focus_area(area).name if area else ""


def _environment() -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(folder("templates") / "mail"),
        undefined=StrictUndefined,
        autoescape=False,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(
        day=day, moment=moment, area=_area_name, mode=mode_name, iso_day=_iso_day, kind=kind_name
    )
    return environment


def _iso_day(text: str | date | datetime) -> str:
    return day(date.fromisoformat(text) if isinstance(text, str) else text)


ENVIRONMENT = _environment()


def letter(
    kind: str,
    audience: str,
    recipient: Recipient,
    *,
    facts: Mapping[str, Any],
    about: Expression,
    before: Mapping[str, Any] | None = None,
) -> Text:
    """The letter that a step sends to an audience; `facts` are those of the step, as the history keeps them.

    `before` are the fields that the step changed, as it found them.

    A template begins with a line "Subject: ..." and an empty line. Raises `LetterError`.
    """
    path = f"{about.workflow.name}/{kind}.{audience}"
    try:
        template = ENVIRONMENT.select_template([f"{path}.{recipient.language}.txt", f"{path}.txt"])
        rendered = template.render(_words(recipient, facts, about), before=before or {})
    except TemplateNotFound as error:
        raise LetterError(f"The letter {path}.txt has no template.") from error
    except Exception as error:  # a template can fail in any way; whichever it is, the step must not go through
        raise LetterError(f"The letter {path}.txt cannot be composed: {error}") from error
    head, _, body = _with_link(rendered).partition("\n\n")
    if not head.startswith("Subject: ") or "\n" in head or not body.strip():
        raise LetterError(f"The letter {path}.txt must begin with a subject line, an empty line and a text.")
    return Text(head.removeprefix("Subject: ").strip()[:LONGEST_SUBJECT], body.strip() + "\n")


def _with_link(rendered: str) -> str:
    """The placeholder where the template has the link; where a person has written it, it becomes plain words."""
    return rendered.replace(LINK, f"({LINK.strip('[]')})").replace(MARK, LINK)


def _words(recipient: Recipient, facts: Mapping[str, Any], about: Expression) -> dict[str, Any]:
    base = current_app.config["BASE_URL"]
    return {
        "recipient": recipient,
        "facts": facts,
        "expression": about,
        "organisation": " ".join(about.organisation_name.split()),
        "reference": about.reference,
        "programme": programme(),
        "link": MARK,
        "staff_page": f"{base}/staff/expressions/{about.reference}",
        "ask_for_link": f"{base}/link",
    }
