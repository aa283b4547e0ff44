"""Questions that reach the secretariat: opening an enquiry, and asking further; answers are steps like any other."""

import unicodedata

from sqlalchemy import select

from intake.advance import advance
from intake.extensions import db
from intake.models import Enquiry, HistoryEntry, ReceivedMessage
from intake.notifications.message import clean
from intake.references import new_enquiry_reference
from workflows.enquiry import WAITING
from workflows.people import Actor, Role

LONGEST_NAME, LONGEST_SUBJECT = 200, 300
NO_SUBJECT = "(no subject)"


def enquirer(name_or_address: str) -> Actor:
    """Somebody who asks, as the history will name them; they have no account."""
    return Actor(_line(name_or_address, LONGEST_NAME), frozenset({Role.ENQUIRER}))


def by_reference(reference: str) -> Enquiry | None:
    """The enquiry with this number, or None."""
    return db.session.scalar(select(Enquiry).where(Enquiry.reference == reference))


def ask(
    *,
    email: str,
    name: str,
    subject: str,
    question: str,
    language: str = "en",
    silent: bool = False,
    mail: ReceivedMessage | None = None,
    actor: Actor,
) -> Enquiry:
    """Open an enquiry and write its letters, in one transaction with whatever the session held before.

    `silent`: no letter acknowledges it. `mail` is the message that asks, which then points at the enquiry. What is too
    long of a name or a subject is cut; an empty question, or one of more than `workflows.enquiry_guards.LONGEST`
    characters, raises `Refused`, and then nothing is stored.
    """
    words = _words(question)
    enquiry = Enquiry(
        reference=_free_reference(),
        email=email,
        name=_line(name, LONGEST_NAME),
        subject=_line(subject, LONGEST_SUBJECT) or NO_SUBJECT,
        question=words,
        language=language,
        silent=silent,
    )
    db.session.add(enquiry)
    db.session.flush()
    if mail is not None:
        mail.enquiry_id = enquiry.id
    advance(enquiry, "ask", actor=actor, version=enquiry.version, question=words)
    return enquiry


def ask_more(enquiry: Enquiry, *, question: str, actor: Actor) -> HistoryEntry:
    """Add a question to an enquiry, which opens it again where it was answered or closed.

    A question may be asked whatever happened meanwhile, so it is never stale. Raises `Refused` as `ask` does.
    """
    db.session.refresh(enquiry, with_for_update=True)
    trigger = "ask_further" if enquiry.state in WAITING else "ask_again"
    return advance(enquiry, trigger, actor=actor, version=enquiry.version, question=_words(question))


def _free_reference() -> str:
    """A number that no enquiry has."""
    while by_reference(drawn := new_enquiry_reference()) is not None:
        pass
    return drawn


def _line(words: str, longest: int) -> str:
    return clean(words)[:longest].strip()


def _words(text: str) -> str:
    """A text without what no database and no page can hold; a message may bring anything."""
    lines = "\n".join(text.strip().splitlines())
    return "".join(each for each in lines if each in "\n\t" or unicodedata.category(each) not in {"Cc", "Cs"})
