"""Words that the pages of letters share, for their fates, what was done to them and how their texts stand."""

from collections.abc import Iterator

from flask_babel import gettext as _

from intake.current import programme
from intake.models import Letter, LetterAction, LetterEvent
from intake.notifications.outbox import WAITING
from intake.notifications.texts import Standing
from intake.staff_words import audience_name, fate, fate_tone, is_kept_back, letter_kind, letter_status
from intake.wording import day, moment, reason_text
from workflows.people import Audience
from workflows.workflow import Reason

__all__ = ["audiences", "done", "fate", "fate_tone", "headers", "sentence", "short_fate", "state"]


def short_fate(letter: Letter) -> str:
    """The same in as few words as a list has room for."""
    return fate(letter) if is_kept_back(letter) else letter_status(letter.status)


def headers(letter: Letter) -> list[tuple[str, str, None, None]]:
    """The rows of the macro `summary_list` that tell what a letter is, without those that have nothing to say."""
    secretariat = programme().secretariat
    named = f"{letter.recipient_name} <{letter.recipient}>" if letter.recipient_name else letter.recipient
    rows = {
        _("From"): f"{secretariat.name} <{secretariat.sender}>",
        _("To"): named,
        _("Replies to"): secretariat.reply_to,
        _("Subject"): letter.subject,
        _("About"): letter_kind(letter.kind),
        _("Written to"): audience_name(letter.audience),
        _("Written"): moment(letter.created_at),
        _("Due"): moment(letter.due_at) if letter.status in WAITING else "",
        _("Sent"): moment(letter.sent_at),
        _("Attempts"): str(letter.attempts or ""),
        _("The mail server's words"): letter.answer,
        _("Attached"): _("the Roundtable as a calendar file") if letter.calendar else "",
        _("Message-ID"): letter.message_id,
    }
    return [(str(name), str(value), None, None) for name, value in rows.items() if value]


def done(event: LetterEvent) -> str:
    """What somebody did to a letter."""
    if event.action is LetterAction.RESENT and "original" in event.before:
        return str(_("Written as a copy of letter %(number)s", number=event.before["original"]))
    if event.action is LetterAction.RESENT and "copy" in event.before:
        return str(_("Sent again as letter %(number)s", number=event.before["copy"]))
    names = {
        LetterAction.HELD: _("Kept back"),
        LetterAction.EDITED: _("Changed"),
        LetterAction.RELEASED: _("Released"),
        LetterAction.CANCELLED: _("Cancelled"),
        LetterAction.RESENT: _("Sent again"),
        LetterAction.SETTLED: _("Settled"),
    }
    return str(names[event.action])


def audiences() -> tuple[Audience, ...]:
    """To whom letters are written."""
    return tuple(Audience)


def sentence(reason: Reason) -> str:
    """Why a text is refused."""
    return reason_text(reason)


def state(standing: Standing) -> Iterator[tuple[str, str]]:
    """How a text stands, in few words with their tones."""
    if standing.faults:
        yield str(_("Cannot be sent")), "danger"
    if standing.differs:
        yield str(_("English has changed")), "warning"
    if standing.is_written and standing.version:
        yield str(_("Changed %(day)s", day=day(standing.version.written_at))), "info"
    elif standing.is_own:
        yield str(_("Shipped")), "neutral"
