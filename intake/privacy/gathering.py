"""Everything that is kept about the person of an expression or an enquiry, for them to have; it changes nothing.

What staff write to each other and think of an expression is not part of it (decision 0018), nor is a letter that waits.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from intake.current import programme
from intake.extensions import db
from intake.history import plain
from intake.models import (
    AccessLink,
    Document,
    Enquiry,
    Expression,
    HistoryEntry,
    Holder,
    Letter,
    LetterStatus,
    ReceivedMessage,
    Revision,
    Subject,
)
from intake.papers import Paper, Row, Section
from intake.wording import moment
from workflows import enquiry_words, expression_words
from workflows.people import Audience

THEIRS = (Audience.APPLICANT, Audience.ENQUIRER)
LEFT = (LetterStatus.QUEUED, LetterStatus.SENDING, LetterStatus.SENT, LetterStatus.FAILED, LetterStatus.BOUNCED)
ABOUT = ("reference", "state", "created_at", "submitted_at", "updated_at", "consented_at", "notice_version")
PARTS: Mapping[str, tuple[str, ...]] = {
    "organisation": ("organisation_name", "category", "sub_type", "country", "website"),
    "people": (
        "contact_name",
        "contact_title",
        "contact_email",
        "second_email",
        "contact_phone",
        "language",
        "delegate_name",
        "delegate_title",
        "participation_mode",
        "accessibility_needs",
    ),
    "answers": ("preferences", "communities", "countries_served", "sdgs", "action_lines", "criteria", "points"),
    "decisions": ("decision_due_on", "answer_due_on", "focus_area", "seat_mode", "erasure_due_on"),
}
OF_ENQUIRY = ("reference", "state", "created_at", "updated_at", "email", "name", "language", "subject", "question")
HELD = ("address", "name", "is_colleague", "invited_at", "proven_at", "proof", "next_contact_at", "removed_at")
TWO = 2
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?[+-]\d\d:\d\d")
Whole = dict[str, Any]


def of(subject: Subject) -> Whole:
    """Everything about one subject, as JSON can hold it."""
    own = _of_enquiry(subject) if isinstance(subject, Enquiry) else _of_expression(subject)
    return {**own, "history": _history(subject), "letters": _letters(subject), "mail": _mail(subject)}


def _fields(row: Any, names: Iterable[str]) -> Whole:
    return {name: plain(getattr(row, name)) for name in names}


def _of_enquiry(enquiry: Enquiry) -> Whole:
    return {"enquiry": _fields(enquiry, OF_ENQUIRY)}


def _of_expression(expression: Expression) -> Whole:
    parts = {part: _fields(expression, names) for part, names in PARTS.items()}
    return {
        "expression": _fields(expression, ABOUT),
        **parts,
        "earlier_answers": _rows(Revision, expression, ("at", "before")),
        "documents": _rows(Document, expression, ("name", "type", "size", "added_at", "removed_at")),
        "addresses": _rows(Holder, expression, HELD),
        "links": _rows(AccessLink, expression, ("email", "created_at", "expires_at", "claimed_at", "revoked_at")),
    }


def _rows(kind: Any, expression: Expression, names: Sequence[str]) -> list[Whole]:
    found = select(kind).where(kind.expression_id == expression.id).order_by(kind.id)
    return [_fields(row, names) for row in db.session.scalars(found)]


def _history(subject: Subject) -> list[Whole]:
    """Each step by its name and the role in which it was taken; who of staff it was is theirs."""
    steps = enquiry_words.STEPS if isinstance(subject, Enquiry) else expression_words.STEPS
    found = select(HistoryEntry).where(getattr(HistoryEntry, subject.key_name) == subject.id)
    entries = db.session.scalars(found.order_by(HistoryEntry.number))
    return [
        {
            "at": plain(entry.at),
            "step": _(steps[entry.trigger].staff),
            "by": entry.role,
            "words": entry.facts if entry.role in THEIRS else {},
        }
        for entry in entries
    ]


def _letters(subject: Subject) -> list[Whole]:
    mine = getattr(Letter, subject.key_name) == subject.id
    found = select(Letter).where(mine, Letter.audience.in_(THEIRS), Letter.status.in_(LEFT)).order_by(Letter.id)
    names = ("created_at", "sent_at", "status", "recipient", "recipient_name", "subject", "body")
    return [_fields(letter, names) for letter in db.session.scalars(found)]


def _mail(subject: Subject) -> list[Whole]:
    mine = getattr(ReceivedMessage, subject.key_name) == subject.id
    found = select(ReceivedMessage).where(mine).order_by(ReceivedMessage.id)
    names = ("received_at", "sender", "sender_name", "subject", "words")
    return [_fields(message, names) for message in db.session.scalars(found)]


def as_json(wholes: Sequence[Whole]) -> str:
    """Copies as JSON, with letters of every script as they are."""
    return json.dumps(wholes, ensure_ascii=False, indent=1) + "\n"


def as_paper(wholes: Sequence[Whole], at: datetime) -> Paper:
    """Copies to read: a section for each part that holds something."""
    sections = [_section(_reference(whole), part, held) for whole in wholes for part, held in whole.items() if held]
    facts = [programme().name, _("As it was on %(moment)s.", moment=moment(at))]
    return Paper(str(_("Everything that is kept about you")), facts, sections)


def _reference(whole: Whole) -> str:
    return str((whole.get("expression") or whole["enquiry"])["reference"])


def _section(reference: str, part: str, held: Any) -> Section:
    title = f"{reference}: {_words(part)}"
    if isinstance(held, dict):
        return Section(title, [Row(_words(name), _said(value)) for name, value in held.items()])
    return Section(title, [Row(str(number), _said(item)) for number, item in enumerate(held, start=1)])


def _words(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _said(value: Any) -> list[str]:
    """Whatever JSON holds, as lines."""
    if isinstance(value, dict):
        return [line for name, held in value.items() if held for line in _named(_words(name), _said(held))]
    if isinstance(value, list):
        return [line for item in value for line in ["; ".join(_said(item))] if line]
    return [] if value in (None, "") else [_moment(line) for line in str(value).splitlines()]


def _named(name: str, lines: list[str]) -> list[str]:
    return [f"{name}: {line}" for line in lines] if len(lines) < TWO else [f"{name}:", *lines]


def _moment(line: str) -> str:
    """A time as people read it; every other line as it is."""
    return moment(datetime.fromisoformat(line)) if MOMENT.fullmatch(line) else line
