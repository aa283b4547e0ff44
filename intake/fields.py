"""The fields for words: made clean, kept within limits, refused with a sentence; choices are in `intake.forms`.

Whatever is wrong stays in the field as it was typed, but for what is invisible, which is taken out as it is refused.
"""

import re
import unicodedata
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from email_validator import EmailNotValidError, validate_email
from flask_babel import format_decimal
from flask_babel import gettext as _
from sqlalchemy.orm import InstrumentedAttribute
from wtforms import StringField, TextAreaField
from wtforms.validators import StopValidation
from wtforms.widgets import Input

from intake.widgets import DayInput, EmailInput, LineInput, LinkInput, PhoneInput, TextInput
from intake.wording import labelled

LONG_TEXT = 5_000
"""Characters of a statement or another text of several paragraphs."""
SHORT_TEXT = 1_000
"""Characters of a reason, an answer's aside or another text of a few lines."""
LONGEST_EMAIL = 254
LONGEST_LINK = 500
MOST_MONEY = Decimal(10) ** 15
FIRST_YEAR, LAST_YEAR = 1900, 2200
BREAKS = re.compile(r"\r\n?|[\v\f\u0085\u2028\u2029]")
INVISIBLE = re.compile(
    "[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\u202a-\\u202e\\u2066-\\u2069\\ud800-\\udfff\\ufdd0-\\ufdef\\ufffe\\uffff]"
)
"""Control characters, marks that turn the direction of text, and what stands for no letter at all."""
MONEY = re.compile(r"[0-9]+(\.[0-9]{1,2})?")
THOUSANDS = re.compile(r"[0-9]{1,3}(,[0-9]{3})+(\.[0-9]{1,2})?")
OTHER_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:(?![0-9])")


def column_limit(column: InstrumentedAttribute[Any]) -> int:
    """How many characters a column of a model holds."""
    limit: int = column.type.length
    return limit


def tidy(text: str | None) -> str:
    """Line ends of one kind, no byte order marks, composed letters, nothing around; a missing text is empty."""
    return unicodedata.normalize("NFC", BREAKS.sub("\n", text or "").replace("\ufeff", "")).strip()


def _tidy_line(text: str | None) -> str:
    return tidy(text).replace("\t", " ")


class _WordsField(StringField):
    """Words of a person with a limit of characters; `check` refuses what cannot be kept."""

    def __init__(self, label: str, limit: int, validators: Sequence[Any] = (), **options: Any) -> None:
        super().__init__(label, [*validators], filters=(self.clean,), **options)
        self.limit = limit

    @staticmethod
    def clean(text: str | None) -> str:
        """The text as it will be kept."""
        return _tidy_line(text)

    def _refuse(self, sentence: str) -> None:
        raise StopValidation(labelled(self.label.text, sentence))

    def _refuse_length(self, count: int) -> None:
        self._refuse(
            _(
                "write at most %(limit)s characters (you have %(count)s).",
                limit=format_decimal(self.limit),
                count=format_decimal(count),
            )
        )

    def pre_validate(self, form: Any) -> None:
        """Raises `StopValidation` with the first thing to mend."""
        text = self.data or ""
        if INVISIBLE.search(text):
            self.data = INVISIBLE.sub("", text)
            self._refuse(_("it held invisible control characters, which are taken out now. Read it and send it again."))
        if len(text) > self.limit:
            self._refuse_length(len(text))
        if "\ufffd" in text:
            self._refuse(_("some of its letters could not be read. Type them again."))
        if text:
            self.check(text)

    def check(self, text: str) -> None:
        """Refuse a text of the wrong form; `text` is never empty."""


class LineField(_WordsField):
    """One line of text."""

    widget: Input = LineInput()

    def check(self, text: str) -> None:
        """Refuse a text of several lines, which could forge the head of a letter."""
        if "\n" in text:
            self._refuse(_("write it on one line."))


class PhoneField(LineField):
    """A telephone number as people write it."""

    widget = PhoneInput()

    def check(self, text: str) -> None:
        """Refuse what nobody can dial."""
        super().check(text)
        if not re.fullmatch(r"[0-9+(). /x-]+", text, re.IGNORECASE) or sum(c.isdigit() for c in text) < 4:
            self._refuse(_("write digits, with the country first, such as +250 788 000 000."))


class TextField(_WordsField, TextAreaField):
    """A text of one or more lines."""

    widget = TextInput()

    def __init__(self, label: str, limit: int = LONG_TEXT, validators: Sequence[Any] = (), **options: Any) -> None:
        super().__init__(label, limit, validators, **options)
        self.flags.maxlength = limit

    @staticmethod
    def clean(text: str | None) -> str:
        """The text as it will be kept."""
        return tidy(text)


class EmailField(LineField):
    """One e-mail address, kept in its normal form; whether it exists, only a letter can tell."""

    widget = EmailInput()

    def __init__(self, label: str, validators: Sequence[Any] = (), **options: Any) -> None:
        super().__init__(label, LONGEST_EMAIL, validators, **options)

    def check(self, text: str) -> None:
        """Refuse what is no address; keep the normal form of what is one."""
        super().check(text)
        try:
            found = validate_email(text, check_deliverability=False)
        except EmailNotValidError:
            self._refuse(_("write an address such as name@example.org."))
        self.data = found.ascii_email or found.normalized


class LinkField(LineField):
    """The address of a page on the web; https:// is put before it when nothing stands there."""

    widget = LinkInput()

    def __init__(self, label: str, validators: Sequence[Any] = (), **options: Any) -> None:
        super().__init__(label, LONGEST_LINK, validators, **options)

    def check(self, text: str) -> None:
        """Refuse other schemes, addresses without a host and those that carry a password."""
        super().check(text)
        address = text if "://" in text or OTHER_SCHEME.match(text) else f"https://{text}"
        if not _is_web_address(address):
            self._refuse(_("write an address that begins with https://, such as https://example.org/report."))
        if len(address) > self.limit:
            self._refuse_length(len(address))
        self.data = address


def _is_web_address(address: str) -> bool:
    try:
        parts = urlsplit(address)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        return False
    printable = not re.search(r"[\s<>\"\\^`{|}]", address)
    return parts.scheme in {"http", "https"} and "." in host.strip(".") and "@" not in parts.netloc and printable


class DateField(LineField):
    """A day; `data` is the text, `day` the date or None."""

    widget = DayInput()

    def __init__(self, label: str, validators: Sequence[Any] = (), **options: Any) -> None:
        super().__init__(label, 40, validators, **options)

    @staticmethod
    def clean(text: Any) -> str:
        """The text as it will be kept; a stored date is shown as the control expects it."""
        return text.isoformat() if isinstance(text, date) else _tidy_line(text)

    @property
    def day(self) -> date | None:
        """The date, or None when there is none or it is wrong."""
        try:
            found = date.fromisoformat(self.data or "")
        except ValueError:
            return None
        return found if FIRST_YEAR <= found.year <= LAST_YEAR else None

    def check(self, text: str) -> None:
        """Refuse what is no day of a year that a call could speak of."""
        if self.day is None:
            self._refuse(_("write the date as year-month-day, such as 2027-06-30."))
        self.data = self.day.isoformat() if self.day else text


class AmountField(LineField):
    """An amount of money; `data` is the text with its thousands' marks taken out, `amount` the number or None."""

    def __init__(self, label: str, validators: Sequence[Any] = (), **options: Any) -> None:
        options.setdefault("render_kw", {"inputmode": "decimal"})
        super().__init__(label, 60, validators, **options)

    @property
    def amount(self) -> Decimal | None:
        """The amount, or None when there is none or it is wrong."""
        written = re.sub(r"[\s'’]", "", self.data or "")
        written = written.replace(",", "") if THOUSANDS.fullmatch(written) else written
        return Decimal(written) if MONEY.fullmatch(written) else None

    def check(self, text: str) -> None:
        """Refuse what is no amount from nothing to a thousand million million."""
        super().check(text)
        amount = self.amount
        if amount is None:
            self._refuse(_("write digits alone, with a point before cents, such as 250000 or 1250.50."))
        elif amount > MOST_MONEY:
            self._refuse(_("write %(most)s at most.", most=format_decimal(MOST_MONEY)))
        self.data = f"{amount:f}"
