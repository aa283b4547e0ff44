"""The base form and the fields for choices and versions, with those for words beside them; it never judges a step."""

from collections.abc import Sequence
from typing import Any

from flask import request
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from wtforms import IntegerField, RadioField, SelectField, SelectMultipleField
from wtforms.validators import StopValidation
from wtforms.widgets import CheckboxInput, HiddenInput, ListWidget

from intake.fields import (
    LONG_TEXT,
    SHORT_TEXT,
    AmountField,
    DateField,
    EmailField,
    LineField,
    LinkField,
    PhoneField,
    TextField,
    column_limit,
    tidy,
)
from intake.widgets import ListInput

__all__ = [
    "LONG_TEXT",
    "SENT",
    "SHORT_TEXT",
    "AmountField",
    "CheckboxesField",
    "ChoiceField",
    "DateField",
    "EmailField",
    "IntakeForm",
    "LineField",
    "LinkField",
    "PhoneField",
    "RadiosField",
    "TextField",
    "VersionField",
    "column_limit",
    "tidy",
]
LARGEST_VERSION = 2**31 - 1
SENT = object()
"""Stands for the form of the request, as opposed to None: show the values given."""


class IntakeForm(FlaskForm):  # type: ignore[misc]
    """What every form inherits. It reads the form of the request alone: neither JSON nor files."""

    def __init__(self, formdata: Any = SENT, **values: Any) -> None:
        sent = request.form if self.is_submitted() else None
        super().__init__(formdata=sent if formdata is SENT else formdata, **values)

    def blame(self, name: str, sentence: str) -> None:
        """Put an error at a field; call it after validation."""
        field = self[name]
        field.errors = [*field.errors, sentence]


def _offered(field: Any) -> list[Any]:
    """The values that a field offers, in their order."""
    choices = field.choices.items()
    return [value for key, words in choices for value in (words if isinstance(words, dict) else (key,))]


class _Chosen(SelectField):
    """Common ground of one choice among several. `choices` maps values to words, or groups to such maps."""

    def __init__(self, label: str, choices: Any, validators: Sequence[Any] = (), **options: Any) -> None:
        super().__init__(label, validators=[*validators], choices=choices, **options)

    def pre_validate(self, form: Any) -> None:
        """Nothing chosen is allowed here; something that was not offered is not."""
        if self.data and self.data not in _offered(self):
            raise StopValidation(_("%(label)s: choose one of the answers offered.", label=str(self.label.text)))
        self.data = self.data or ""


class ChoiceField(_Chosen):
    """One choice from a list that opens; offer "" for none."""

    widget = ListInput()


class RadiosField(_Chosen, RadioField):
    """One choice from a few that are all in sight."""


class CheckboxesField(SelectMultipleField):
    """Any number of choices. `coerce=int` for numbers; what was not offered is refused."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()

    def __init__(self, label: str, choices: Any, validators: Sequence[Any] = (), **options: Any) -> None:
        super().__init__(label, validators=[*validators], choices=choices, **options)

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Keep the choices in the order offered, each once; the others are kept aside to be refused."""
        offered = _offered(self)
        sent = set(valuelist)
        self.unknown = sent - {str(value) for value in offered}
        self.data = [self.coerce(value) for value in offered if str(value) in sent]

    def pre_validate(self, form: Any) -> None:
        """Raises `StopValidation` when something was sent that was not offered."""
        if getattr(self, "unknown", None):
            raise StopValidation(_("%(label)s: choose among the answers offered.", label=str(self.label.text)))


class VersionField(IntegerField):
    """The version that the page showed. What is no version counts as 0, which is always stale."""

    widget = HiddenInput()

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Never an error: a stale version is answered by the step itself."""
        text = str(valuelist[0]) if valuelist else ""
        is_version = text.isascii() and text.isdigit() and len(text) <= len(str(LARGEST_VERSION))
        self.data = min(int(text), LARGEST_VERSION) if is_version else 0

    def _value(self) -> str:
        """What the page shows next, also after a form was sent: the version of now, not the one that was sent."""
        return str(self.data or 0)
