"""Writes letters into the outbox and changes their fate by decisions of staff; it never opens a connection."""

import secrets
from datetime import timedelta
from typing import Any

from sqlalchemy import update

from intake.current import programme
from intake.extensions import db
from intake.models import Expression, HistoryEntry, Letter, LetterStatus, now
from intake.notifications.compose import Text, letter
from intake.notifications.recipients import Recipient, recipients
from workflows.people import Audience
from workflows.workflow import Move, Transition

WAITING = (LetterStatus.HELD, LetterStatus.QUEUED)


def _row(text: Text, *, kind: str, audience: Audience, recipient: Recipient, about: Expression | None) -> Letter:
    domain = programme().secretariat.sender.rpartition("@")[2]
    return Letter(
        expression_id=about.id if about else None,
        kind=kind,
        audience=audience,
        recipient=recipient.address,
        recipient_name=recipient.name,
        language=recipient.language,
        subject=" ".join(text.subject.split()),
        body=text.body,
        message_id=f"<{secrets.token_hex(16)}@{domain}>",
        status=LetterStatus.QUEUED,
        due_at=now(),
    )


def enqueue(entry: HistoryEntry, row: Transition[Any], move: Move) -> None:
    """Write one letter for each recipient of a step, in the transaction of the step.

    Letters of a step that can be undone are held for the programme's undo minutes. Raises `LetterError`.
    """
    about: Expression = move.subject
    held_for = timedelta(minutes=programme().call.undo_minutes if row.undoable else 0)
    for audience in row.tells:
        for recipient in recipients(audience, about):
            text = letter(entry.trigger, audience, recipient, facts=entry.facts, about=about)
            written = _row(text, kind=entry.trigger, audience=audience, recipient=recipient, about=about)
            written.step_id = entry.id
            if held_for:
                written.status, written.due_at = LetterStatus.HELD, entry.at + held_for
            db.session.add(written)


def take_back(step_id: int) -> None:
    """Cancel the held letters of an undone step; letters that it had superseded wait again, held anew."""
    held = update(Letter).where(Letter.step_id == step_id, Letter.status == LetterStatus.HELD)
    db.session.execute(held.values(status=LetterStatus.CANCELLED))
    due_at = now() + timedelta(minutes=programme().call.undo_minutes)
    superseded = update(Letter).where(Letter.superseded_by_id == step_id, Letter.status == LetterStatus.SUPERSEDED)
    again = superseded.values(status=LetterStatus.HELD, superseded_by_id=None, due_at=due_at)
    db.session.execute(again)


def supersede(expression_id: int, *, by: int) -> None:
    """Letters of earlier steps that have not left will not leave: the step with the id `by` says something else."""
    waiting = update(Letter).where(
        Letter.expression_id == expression_id, Letter.step_id.is_not(None), Letter.status.in_(WAITING)
    )
    db.session.execute(waiting.values(status=LetterStatus.SUPERSEDED, superseded_by_id=by))


def enqueue_link(expression: Expression, recipient: Recipient) -> None:
    """Write the letter that brings an applicant a new link; it belongs to no step."""
    text = letter("link", Audience.APPLICANT, recipient, facts={}, about=expression)
    db.session.add(_row(text, kind="link", audience=Audience.APPLICANT, recipient=recipient, about=expression))


def enqueue_test(address: str, text: Text) -> None:
    """Write a letter that shows whether mail arrives."""
    db.session.add(_row(text, kind="test", audience=Audience.SECRETARIAT, recipient=Recipient(address), about=None))


def resend(original: Letter) -> None:
    """Put a failed letter back into the queue, with its own text and Message-ID."""
    original.status, original.due_at, original.attempts, original.answer = LetterStatus.QUEUED, now(), 0, ""
