"""What the secretariat may type about letters and their texts; whether it is allowed, others say."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField

from intake.forms import SHORT_TEXT, EmailField, IntakeForm, LineField, RadiosField, TextField, VersionField
from intake.notifications.compose import LONGEST_SUBJECT
from intake.notifications.grammar import MOST_BYTES

NOW, IN_TIME = "now", "in_time"


class HandlingForm(IntakeForm):
    """A form about one letter; `seen` marks what had been done to it when the page was made."""

    seen = VersionField()

    @property
    def mark(self) -> int:
        """What the person saw; 0, which is always stale, when it is missing."""
        return int(self.seen.data or 0)


class EditForm(HandlingForm):
    """The words of one letter."""

    subject = LineField(_l("Subject"), LONGEST_SUBJECT)
    body = TextField(_l("Text"), MOST_BYTES, render_kw={"rows": 22})


class ReleaseForm(HandlingForm):
    """When a letter leaves."""

    when = RadiosField(_l("When it leaves"), lambda: {IN_TIME: _("When it is due"), NOW: _("Now")})


class CancelForm(HandlingForm):
    """Why a letter shall never leave."""

    reason = TextField(_l("Reason, for your colleagues"), SHORT_TEXT, render_kw={"rows": 3})


class SettleForm(HandlingForm):
    """Why a letter that nobody has read needs nobody any more."""

    reason = TextField(_l("What was done instead, for your colleagues"), SHORT_TEXT, render_kw={"rows": 3})


class ResendForm(HandlingForm):
    """Whether a second copy of a letter is meant."""

    confirmed = HiddenField()


class PersonForm(IntakeForm):
    """Whose data are asked for, and that erasure is meant."""

    email = EmailField(_l("E-mail address"))
    confirmed = BooleanField(_l("The person has asked for it, and I have checked that it is their address"))


class TextForm(IntakeForm):
    """The text of a kind of letter, and the reference of what it is previewed with."""

    version = VersionField()
    text = TextField(_l("Text"), MOST_BYTES, render_kw={"rows": 24})
    reference = LineField(_l("Reference to preview it with"), 40)

    @property
    def number(self) -> int:
        """The number of the version that the person saw; -1, which is always stale, when it is missing."""
        return int(self.version.data or 0) - 1


class ShippedForm(IntakeForm):
    """The wish to have the shipped text again."""

    version = VersionField()
    confirmed = BooleanField(_l("Yes, use the shipped text from now on"))

    @property
    def number(self) -> int:
        """As in `TextForm`."""
        return int(self.version.data or 0) - 1
