"""Takes out what names or reaches a person in all that belongs to a subject, in the transaction of the erasing step.

The fields of the subject itself are the step's effect (`workflows.erasure`). It decides nothing and commits nothing.
"""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Update, delete, or_, select, update

from intake import history
from intake.extensions import db
from intake.models import (
    AccessLink,
    BulkItem,
    BulkRun,
    Conflict,
    Expression,
    HistoryEntry,
    Holder,
    Letter,
    LetterEvent,
    Note,
    ReceivedMessage,
    Reminder,
    Revision,
    SecondOpinion,
    SheetDraft,
    Subject,
    Verdict,
    Visit,
)
from workflows.erasure import ERASED

LETTER: dict[str, Any] = {
    "recipient": "",
    "recipient_name": "",
    "subject": ERASED,
    "body": "",
    "calendar": "",
    "answer": "",
}
MESSAGE: dict[str, Any] = {
    "sender": "",
    "sender_name": "",
    "subject": ERASED,
    "words": "",
    "reason": "",
    "message_id": "",
    "content": b"",
}
GONE = (AccessLink, Holder, Note, Reminder, Revision, SheetDraft, Visit)
"""Whose rows go; figures need none of them."""
EMPTIED: dict[type[Any], dict[str, Any]] = {
    Verdict: {"reason": "", "settled": ""},
    SecondOpinion: {"reason": ""},
    Conflict: {"reason": "", "lift_reason": "", "taken_back": []},
    BulkItem: {"reasons": []},
}
"""Whose rows stay without the words: figures count them."""


ALSO: list[Callable[[Expression], object]] = []
"""What is kept of an expression by rooms above this one, which put here how it is removed."""


def take_out(subject: Subject, entry: HistoryEntry) -> None:
    """Empty everything around a subject whose own fields the step of `entry` has emptied."""
    history.erase_words(subject, before=entry.number)
    _empty_mail(subject)
    if isinstance(subject, Expression):
        _empty_desk(subject)
        for remove in ALSO:
            remove(subject)


def _empty_mail(subject: Subject) -> None:
    letters = select(Letter.id).where(getattr(Letter, subject.key_name) == subject.id)
    of_subject = getattr(ReceivedMessage, subject.key_name) == subject.id
    messages = update(ReceivedMessage).where(or_(of_subject, ReceivedMessage.letter_id.in_(letters)))
    events = update(LetterEvent).where(LetterEvent.letter_id.in_(letters))
    _all(messages.values(MESSAGE), events.values(reason="", before={}))
    _all(update(Letter).where(Letter.id.in_(letters)).values(LETTER))


def _empty_desk(expression: Expression) -> None:
    for kind in GONE:
        db.session.execute(delete(kind).where(kind.expression_id == expression.id))
    _all(*(update(kind).where(kind.expression_id == expression.id).values(kept) for kind, kept in EMPTIED.items()))
    runs = select(BulkItem.run_id).where(BulkItem.expression_id == expression.id)
    _all(update(BulkRun).where(BulkRun.id.in_(runs), BulkRun.finished_at.is_not(None)).values(facts={}))


def _all(*changes: Update) -> None:
    for change in changes:
        db.session.execute(change, execution_options={"synchronize_session": False})
