"""Letters to staff about mail that came in: they name it and never quote it; it leaves the commit to its caller."""

from flask import current_app
from flask_babel import force_locale
from flask_babel import gettext as _

from intake.current import programme
from intake.extensions import db
from intake.inbound import limits
from intake.inbound.bounces import Bounce
from intake.models import Enquiry, Expression, Letter, ReceivedMessage, Subject
from intake.notifications import outbox
from intake.notifications.compose import Text, staff_letter
from intake.notifications.recipients import Recipient, recipients
from workflows.expression import State
from workflows.people import Audience


def _place(path: str) -> str:
    return f"{current_app.config['BASE_URL']}{path}"


def _subject_of(letter: Letter) -> Subject | None:
    if letter.expression_id is not None:
        return db.session.get(Expression, letter.expression_id)
    return db.session.get(Enquiry, letter.enquiry_id) if letter.enquiry_id is not None else None


def of_bounce(bounce: Bounce) -> None:
    """Tell the secretariat that a letter came back, at all its addresses but the one that bounces itself.

    A letter that tells of this is told of by none, or the two would go on for ever.
    """
    letter = bounce.letter
    if letter.kind == limits.BOUNCED:
        return
    about = _subject_of(letter)
    text = staff_letter(
        "bounce",
        _("A letter came back: %(subject)s", subject=letter.subject),
        letter=letter,
        words=bounce.words,
        about=about.reference if about else "",
        page=_place(f"/staff/outbox/{letter.id}"),
    )
    for address in programme().secretariat.addresses:
        if address.lower() != letter.recipient.lower():
            _write(text, limits.BOUNCED, Audience.SECRETARIAT, Recipient(address), about)


def _write(text: Text, kind: str, audience: Audience, recipient: Recipient, about: Subject | None) -> None:
    outbox.enqueue_word(text, kind=kind, audience=audience, recipient=recipient, about=about)


def of_answer(row: ReceivedMessage, about: Subject, *, is_known: bool) -> None:
    """Tell the secretariat, and the screener, that there is mail about an expression or an enquiry, and where."""
    if limits.is_told(about):
        return
    for audience in (Audience.SECRETARIAT, Audience.SCREENER):
        for recipient in recipients(audience, about):
            with force_locale(recipient.language):
                text = staff_letter(
                    "received",
                    _("Mail about %(reference)s", reference=about.reference),
                    name=recipient.name or _("colleague"),
                    what=_named(about),
                    is_known=is_known,
                    page=_page(row, about),
                )
            _write(text, limits.RECEIVED, audience, recipient, about)


def _named(about: Subject) -> str:
    name = about.organisation_name if isinstance(about, Expression) else ""
    return " – ".join(filter(None, (about.reference, " ".join(name.split()))))


def _page(row: ReceivedMessage, about: Subject) -> str:
    """Where staff read it; a draft has no page of theirs."""
    if isinstance(about, Expression) and about.state is not State.DRAFT:
        return _place(f"/staff/expressions/{about.reference}#mail")
    return _place(f"/staff/received/{row.id}")
