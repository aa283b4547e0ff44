"""Takes in one mail in one transaction: kept once, with what it is for and what came of it; it fetches nothing.

Mail changes no state: it opens an enquiry or asks further in one, makes a draft, marks a letter as returned, or is
there for staff to read.
"""

import logging
import traceback

from flask_babel import gettext as _
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError, InterfaceError, OperationalError

from intake import asking, contacts
from intake.extensions import db
from intake.inbound import drafts, limits, telling
from intake.inbound.parsing import HEAD_BYTES, MOST_BYTES
from intake.inbound.reading import Mail, read
from intake.inbound.sorting import Purpose, purpose
from intake.models import Expression, Kind, Letter, LetterStatus, ReceivedMessage
from intake.notifications import outbox
from workflows.enquiry_guards import LONGEST

AWAY = (OperationalError, InterfaceError)
"""The database does not answer: the mail is to be given again later."""

log = logging.getLogger(__name__)


class NotYet(Exception):
    """It is about a letter whose fate is not written yet, as it is just being sent; the mail is to be given again."""


def receive(content: bytes, *, source: str, size: int | None = None) -> ReceivedMessage:
    """Take in a mail, or give the row of the one that was taken in before; commits.

    `size` is that of the whole mail where `content` is only its beginning. Whatever a mail is, it ends as one row.
    Raises only `NotYet`, or what the database raises when it does not answer or has not the tables of this version;
    then nothing is stored. Needs an app context.
    """
    mail = read(content, size=size)
    try:
        return _known(mail) or _take(mail, content, source)
    except IntegrityError:
        db.session.rollback()
        return _known(mail) or _put_aside(mail, content, source)
    except (NotYet, *AWAY):
        db.session.rollback()
        raise
    except Exception as error:
        db.session.rollback()
        log.error("a mail could not be handled: %s", _place_of(error))  # the message could quote the mail
        return _put_aside(mail, content, source)


def _place_of(error: Exception) -> str:
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} at {last.name}, line {last.lineno}"


def _known(mail: Mail) -> ReceivedMessage | None:
    return db.session.scalar(select(ReceivedMessage).where(ReceivedMessage.identity == mail.identity))


def _take(mail: Mail, content: bytes, source: str) -> ReceivedMessage:
    limits.alone(mail)
    known = _known(mail)
    if known is not None:
        return known
    found = purpose(mail)
    row = _row(mail, found, content, source)
    db.session.add(row)
    db.session.flush()
    _act(mail, found, row)
    db.session.commit()
    outbox.nudge()
    return row


def _put_aside(mail: Mail, content: bytes, source: str) -> ReceivedMessage:
    """Keep a mail that nothing could be done with, so that staff see it."""
    reason = str(_("It could not be handled; a person has to look at it."))
    row = _row(mail, Purpose(Kind.QUARANTINED, reason), content, source)
    db.session.add(row)
    try:
        db.session.commit()
    except IntegrityError:
        db.session.rollback()
        return db.session.scalars(select(ReceivedMessage).where(ReceivedMessage.identity == mail.identity)).one()
    return row


def _row(mail: Mail, found: Purpose, content: bytes, source: str) -> ReceivedMessage:
    is_whole = mail.size == len(content) and mail.size <= MOST_BYTES
    return ReceivedMessage(
        identity=mail.identity,
        source=source,
        kind=found.kind,
        reason=found.reason,
        message_id=mail.message_id,
        sender=mail.sender.lower(),
        sender_name=mail.sender_name,
        subject=mail.subject,
        words=mail.words,
        size=mail.size,
        content=content if is_whole else content[:HEAD_BYTES].partition(b"\r\n\r\n")[0].partition(b"\n\n")[0],
        expression_id=found.expression.id if found.expression else None,
        enquiry_id=found.enquiry.id if found.enquiry else None,
        letter_id=found.letter.id if found.letter else None,
    )


def _act(mail: Mail, found: Purpose, row: ReceivedMessage) -> None:
    """Let follow what has to; only an enquiry commits by itself, with everything that the session holds."""
    match found.kind:
        case Kind.BOUNCE:
            _mark(found)
        case Kind.ANSWER:
            _land(found, row)
        case Kind.EXPRESSION:
            _draft(mail, row)
        case Kind.ENQUIRY:
            _ask(mail, found, row)


def _mark(found: Purpose) -> None:
    """Mark a letter that left and came back, and tell the secretariat; once, however often it is reported.

    A mail system may be faster than whoever writes down that the letter has left. Raises `NotYet`.
    """
    bounce = found.bounce
    if bounce is None or not bounce.is_final:
        return
    sent = update(Letter).where(Letter.id == bounce.letter.id, Letter.status == LetterStatus.SENT)
    marked = sent.values(status=LetterStatus.BOUNCED, answer=bounce.words).returning(Letter.id)
    if db.session.scalar(marked) is not None:
        telling.of_bounce(bounce)
    elif db.session.scalar(select(Letter.status).where(Letter.id == bounce.letter.id)) is LetterStatus.SENDING:
        raise NotYet


def _land(found: Purpose, row: ReceivedMessage) -> None:
    """Show that there is mail. It is no change of the expression, so that no open page becomes stale by it."""
    about = found.expression or found.enquiry
    if isinstance(about, Expression):
        unread = update(Expression).where(Expression.id == about.id)
        db.session.execute(unread.values(unread=True, updated_at=Expression.updated_at))
    if about is not None:
        telling.of_answer(row, about, is_known=found.is_known)


def _draft(mail: Mail, row: ReceivedMessage) -> None:
    draft = drafts.begin(mail)
    row.expression_id = draft.id
    contacts.invite(draft, mail.sender, limits.MAILED)


def _ask(mail: Mail, found: Purpose, row: ReceivedMessage) -> None:
    question = mail.words[:LONGEST].strip() or _without_words(mail)
    actor = asking.enquirer(mail.sender_name or mail.sender)
    if found.enquiry is not None:
        asking.ask_more(found.enquiry, question=question, actor=actor)
        return
    asking.ask(
        email=mail.sender,
        name=mail.sender_name,
        subject=mail.subject,
        question=question,
        language=mail.language,
        silent=found.is_silent,
        mail=row,
        actor=actor,
    )


def _without_words(mail: Mail) -> str:
    names = ", ".join(each.name or each.kind for each in mail.attachments)
    return str(_("(The mail has no text. Attached: %(names)s)", names=names or _("nothing")))
