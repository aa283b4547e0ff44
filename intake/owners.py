"""Letters to whom an account belongs, about how it is entered; they hold no secret, and the caller commits."""

from enum import StrEnum

from flask import current_app
from flask_babel import force_locale
from flask_babel import gettext as _

from intake.models import User, now
from intake.notifications import outbox
from intake.notifications.compose import staff_letter
from intake.notifications.recipients import of_staff
from intake.wording import moment
from workflows.people import Audience, Role


class Event(StrEnum):
    """What the owner of an account is told of."""

    PAUSED = "paused"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - the name of an event
    APP_ADDED = "app_added"
    APP_REMOVED = "app_removed"
    PASSKEY_ADDED = "passkey_added"
    PASSKEY_REMOVED = "passkey_removed"
    CODES_MADE = "codes_made"
    CODE_USED = "code_used"
    RESET = "reset"


def _words() -> dict[Event, str]:
    return {
        Event.PAUSED: _("So many wrong passwords or codes were tried that it lets nobody in for some minutes."),
        Event.PASSWORD_CHANGED: _("Its password was changed, and every other browser was signed out."),
        Event.APP_ADDED: _("An authenticator app was set up for it."),
        Event.APP_REMOVED: _("Its authenticator app was removed."),
        Event.PASSKEY_ADDED: _("A passkey was added to it."),
        Event.PASSKEY_REMOVED: _("A passkey was removed from it."),
        Event.CODES_MADE: _("New recovery codes were made for it; those from before no longer work."),
        Event.CODE_USED: _("Somebody signed in with one of its recovery codes, which is used up by that."),
        Event.RESET: _("An administrator removed its app, passkeys and recovery codes, and signed it out everywhere."),
    }


def tell(user: User, event: Event) -> None:
    """Write the letter that tells the owner of an account what happened to it."""
    with force_locale(user.language):
        text = staff_letter(
            "account",
            _("Your account: how it is entered"),
            name=user.name or _("colleague"),
            what=_words()[event],
            at=moment(now()),
            page=f"{current_app.config['BASE_URL']}/staff/sign-in",
        )
    screens = Role.SCREENER in user.actor.roles
    outbox.enqueue_word(
        text,
        kind="account",
        audience=Audience.SCREENER if screens else Audience.SECRETARIAT,
        recipient=of_staff(user),
        about=None,
    )
