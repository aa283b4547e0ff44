"""What staff may type about an enquiry: the facts that a step asks for, or a whole new one; guards judge them."""

from collections.abc import Callable, Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField

from intake.forms import SHORT_TEXT, EmailField, IntakeForm, LineField, TextField, VersionField, column_limit
from intake.models import Enquiry
from workflows.enquiry import ENQUIRY
from workflows.enquiry_guards import LONGEST

LONGEST_REFERENCE = 40


class StepForm(IntakeForm):
    """The form of one step: its facts as fields of the same names, and the version that the page showed."""

    version = VersionField()
    asked: tuple[str, ...] = ()

    @property
    def seen(self) -> int:
        """The version that the person saw; 0, which is always stale, when it is missing."""
        return int(self.version.data or 0)

    def show_to(self, enquiry: Enquiry) -> None:
        """Make the words ready to be sent again about the enquiry as it now is."""
        self.version.data, self.version.raw_data = enquiry.version, None

    def facts(self) -> dict[str, Any]:
        """What the table's row asks for, as guards read it."""
        return {name: self[name].data or "" for name in self.asked}


class ReferenceField(LineField):
    """The reference of an expression, in the form that references have."""

    @staticmethod
    def clean(text: str | None) -> str:
        """The reference as it will be kept."""
        return LineField.clean(text).upper()


FIELDS: Mapping[str, Callable[[], Any]] = {
    "question": lambda: TextField(_("What they asked"), LONGEST, render_kw={"rows": 8}),
    "answer": lambda: TextField(_("Answer, as they will read it"), LONGEST, render_kw={"rows": 12}),
    "reason": lambda: TextField(_("Reason, for your colleagues"), SHORT_TEXT, render_kw={"rows": 3}),
    "expression": lambda: ReferenceField(_("Reference of the expression"), LONGEST_REFERENCE),
}
"""The field of each fact."""


def for_step(enquiry: Enquiry, trigger: str, *, formdata: Any = None, **known: str) -> StepForm:
    """The form of a step: what was sent in `formdata`, else what is known beforehand."""
    asked = ENQUIRY.facts(trigger)
    fields = {fact: FIELDS[fact]() for fact in asked}
    kind = type(f"{trigger.title()}Form", (StepForm,), {"asked": asked, **fields})
    form: StepForm = kind(formdata=formdata, data={"version": enquiry.version, **known})
    return form


class EntryForm(IntakeForm):
    """An enquiry that came by telephone or by letter."""

    email = EmailField(_l("Their e-mail address, to which the answer goes"))
    name = LineField(_l("Their name"), column_limit(Enquiry.name))
    subject = LineField(_l("Subject"), column_limit(Enquiry.subject))
    question = TextField(_l("What they asked"), LONGEST, render_kw={"rows": 8})
    acknowledged = BooleanField(_l("Send them a letter with the number of the enquiry"))

    def validate(self, extra_validators: Any = None) -> bool:
        """Nothing that the acknowledgement and the answer need may be missing."""
        fine = bool(super().validate(extra_validators))
        for name, sentence in self._missing().items():
            if not self[name].data and not self[name].errors:
                self.blame(name, sentence)
                fine = False
        return fine

    def question_with_its_sender(self) -> dict[str, Any]:
        """What `intake.asking.ask` is told."""
        told = {name: self[name].data or "" for name in ("email", "name", "subject", "question")}
        return {**told, "silent": not self.acknowledged.data}

    @staticmethod
    def _missing() -> dict[str, str]:
        return {
            "email": _("Write the address to which the answer goes, such as name@example.org."),
            "subject": _("Write in a few words what it is about."),
            "question": _("Write what they asked."),
        }
