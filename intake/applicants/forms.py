"""What an applicant may type, one form a step; whether an answer is needed or a step allowed is judged elsewhere."""

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, FileField, HiddenField, StringField

from intake.applicants import choices, timing
from intake.documents.limits import ACCEPTED
from intake.forms import (
    LONG_TEXT,
    SHORT_TEXT,
    AmountField,
    CheckboxesField,
    ChoiceField,
    DateField,
    EmailField,
    IntakeForm,
    LineField,
    LinkField,
    PhoneField,
    RadiosField,
    TextField,
    VersionField,
    column_limit,
    tidy,
)
from intake.models import Expression, Holder, Mode
from intake.translations import LANGUAGES

PLACES = 4
"""How many focus areas can be ranked."""
SERVED = ("countries", "beneficiaries", "public")
CURRENCY = re.compile(r"[A-Z]{3}")


class CurrencyField(LineField):
    """A currency by its ISO 4217 code."""

    @staticmethod
    def clean(text: str | None) -> str:
        """The text in capital letters."""
        return tidy(text).upper()

    def check(self, text: str) -> None:
        """Refuse what has not the form of a code."""
        if not CURRENCY.fullmatch(text):
            self._refuse(_("write the three letters of its code, such as USD, EUR or CHF."))


class StepForm(IntakeForm):
    """One step. `attributes` and `facts` name its fields by where they are kept: the expression, or its criterion.

    `seen` is the digest of the answers as the page showed them. `shown_at` maps an answer to the field that asks it,
    where the names differ.
    """

    seen = HiddenField()
    attributes: ClassVar[tuple[str, ...]] = ()
    facts: ClassVar[tuple[str, ...]] = ()
    shown_at: ClassVar[Mapping[str, str]] = {}

    @classmethod
    def shown(cls, stored: Mapping[str, Any]) -> dict[str, Any]:
        """Stored answers as values of the fields."""
        return dict(stored)

    def answers(self) -> dict[str, Any]:
        """The answers that were sent and have no error, by the names under which they are kept."""
        names = (*self.attributes, *self.facts)
        return {name: self[name].data for name in names if name in self and not self[name].errors}


class OrganisationForm(StepForm):
    """Who applies."""

    organisation_name = LineField(_l("Name of the organisation"), column_limit(Expression.organisation_name))
    kind = ChoiceField(_l("Category and type"), choices.kinds)
    country = ChoiceField(_l("Country"), choices.country_choices)
    website = LinkField(_l("Website"))
    attributes = ("organisation_name", "category", "sub_type", "country", "website")
    shown_at: ClassVar[Mapping[str, str]] = {"category": "kind", "sub_type": "kind"}

    @classmethod
    def shown(cls, stored: Mapping[str, Any]) -> dict[str, Any]:
        """The category and the type as one choice."""
        kind = f"{stored['category']}:{stored['sub_type']}" if stored["category"] else ""
        return {**stored, "kind": kind}

    def answers(self) -> dict[str, Any]:
        """The one choice as the category and the type."""
        found = super().answers()
        if not self.kind.errors:
            found["category"], _colon, found["sub_type"] = self.kind.data.partition(":")
        return found


class ContactForm(StepForm):
    """To whom letters go."""

    contact_name = LineField(_l("Full name"), column_limit(Expression.contact_name))
    contact_title = LineField(_l("Job title"), column_limit(Expression.contact_title))
    contact_email = EmailField(_l("E-mail address"))
    second_email = EmailField(_l("Second e-mail address"))
    contact_phone = PhoneField(_l("Telephone"), column_limit(Expression.contact_phone))
    language = ChoiceField(_l("Language of our letters"), LANGUAGES)
    attributes = ("contact_name", "contact_title", "contact_email", "second_email", "contact_phone", "language")


class FocusAreasForm(StepForm):
    """The focus areas in the order of preference."""

    place_1 = ChoiceField(_l("1st choice"), choices.area_choices)
    place_2 = ChoiceField(_l("2nd choice"), choices.area_choices)
    place_3 = ChoiceField(_l("3rd choice"), choices.area_choices)
    place_4 = ChoiceField(_l("4th choice"), choices.area_choices)
    attributes = ("preferences",)
    shown_at: ClassVar[Mapping[str, str]] = {"preferences": "place_1"}

    @classmethod
    def shown(cls, stored: Mapping[str, Any]) -> dict[str, Any]:
        """The order as a choice for each place."""
        return {f"place_{place}": area for place, area in enumerate(stored["preferences"][:PLACES], start=1)}

    def validate(self, extra_validators: Any = None) -> bool:
        """Each focus area has one place at most."""
        sound = bool(super().validate(extra_validators))
        taken: dict[str, str] = {}
        for field in self._places():
            if field.data and field.data in taken:
                said = _(
                    "%(label)s: it repeats your %(other)s. Choose another focus area, or none.",
                    label=str(field.label.text),
                    other=taken[field.data],
                )
                self.blame(field.name, said)
                sound = False
            taken.setdefault(field.data, str(field.label.text))
        return sound

    def _places(self) -> list[Any]:
        return [self[f"place_{place}"] for place in range(1, PLACES + 1)]

    def answers(self) -> dict[str, Any]:
        """The whole order, or nothing while any of its places is wrong."""
        if any(field.errors for field in self._places()):
            return {}
        return {"preferences": [field.data for field in self._places() if field.data]}


class StatementForm(StepForm):
    """A criterion that asks for a statement alone."""

    statement = TextField(_l("Your statement"), LONG_TEXT)
    facts: ClassVar[tuple[str, ...]] = ("statement",)


class CommitmentForm(StatementForm):
    """Evidence of commitment."""

    basis = RadiosField(_l("What it rests on"), choices.basis_choices)
    link = LinkField(_l("A link to the evidence"))
    facts = ("statement", "basis", "link")


class PledgeForm(StatementForm):
    """What the organisation intends to pledge; this is not yet a pledge."""

    pledge_type = RadiosField(_l("Type of pledge"), choices.pledge_choices)
    target = LineField(_l("Target"), 300)
    target_date = DateField(_l("Date by which the target is reached"))
    value = AmountField(_l("Estimated value"))
    currency = CurrencyField(_l("Currency"), 3)
    countries = CheckboxesField(_l("Countries that would benefit"), choices.served_choices)
    beneficiaries = TextField(_l("Who would benefit, and how many"), SHORT_TEXT)
    public = RadiosField(_l("May this intention be made public?"), choices.public_choices)
    facts = ("statement", "pledge_type", "target", "target_date", "value", "currency", *SERVED)

    def validate(self, extra_validators: Any = None) -> bool:
        """A value has its currency."""
        sound = bool(super().validate(extra_validators))
        if self.value.data and not self.currency.data and not self.value.errors:
            self.blame("currency", _("Currency: write the code of the currency in which the value is given."))
            return False
        return sound


class ParticipationForm(StatementForm):
    """Who comes to the Roundtable."""

    delegate_title = LineField(_l("Title of the highest-level representative"), column_limit(Expression.delegate_title))
    delegate_name = LineField(_l("Name of that representative"), column_limit(Expression.delegate_name))
    participation_mode = RadiosField(_l("How they take part"), choices.mode_choices)
    accessibility_needs = TextField(_l("Accessibility needs"), SHORT_TEXT)
    attributes = ("delegate_title", "delegate_name", "participation_mode", "accessibility_needs")

    def answers(self) -> dict[str, Any]:
        """A mode that is not chosen is None."""
        found = super().answers()
        if "participation_mode" in found:
            mode = found["participation_mode"]
            found["participation_mode"] = Mode(mode) if mode else None
        return found


class EngagementForm(StatementForm):
    """Who works in the working group."""

    nominee_name = LineField(_l("Name of the nominee"), 200)
    nominee_title = LineField(_l("Job title of the nominee"), 200)
    nominee_email = EmailField(_l("E-mail address of the nominee"))
    facts = ("statement", "nominee_name", "nominee_title", "nominee_email")


class CommunitiesForm(StepForm):
    """Whom the organisation serves."""

    communities = TextField(_l("Communities you serve"), LONG_TEXT)
    countries_served = CheckboxesField(_l("Countries you serve"), choices.served_choices)
    attributes = ("communities", "countries_served")


class GoalsForm(StepForm):
    """The goals that the work serves."""

    sdgs = CheckboxesField(_l("Sustainable Development Goals"), choices.sdg_choices, coerce=int)
    action_lines = CheckboxesField(_l("WSIS Action Lines"), choices.line_choices)
    attributes = ("sdgs", "action_lines")


CRITERION_FORMS: Mapping[str, type[StepForm]] = {
    "commitment": CommitmentForm,
    "pledge": PledgeForm,
    "participation": ParticipationForm,
    "engagement": EngagementForm,
    "none": StatementForm,
}
"""The kind of facts that a criterion asks for, to its form."""


class OpenForm(IntakeForm):
    """A form that is open to strangers; it carries the time at which it was shown (see `timing`)."""

    shown = HiddenField(default=timing.shown_now)

    def too_soon_or_late(self) -> str:
        """Why it is not taken yet, in a sentence; whatever is said, it is fresh from now on."""
        said = timing.objection(self.shown.data)
        self.shown.data = timing.shown_now()
        return said


class BeginForm(OpenForm):
    """The button on the first page; the key makes one draft of however many clicks."""

    key = HiddenField()


class SendForm(IntakeForm):
    """The end of the form: the notice, and a likely duplicate."""

    version = VersionField()
    acknowledged = BooleanField(_l("Another expression of interest of this organisation is intended"))
    consent = BooleanField(_l("I have read the notice on personal data and agree to it"))
    fax = StringField(_l("Leave this empty"))
    """Nobody sees it; machines fill it in."""


class PointsForm(IntakeForm):
    """Answers to the secretariat's points; `for_points` adds a field for each."""

    seen = HiddenField()

    @property
    def replies(self) -> list[Any]:
        """The fields with the answers, in the order of the points."""
        return [field for field in self if field.short_name.startswith("answer_")]


def for_points(points: list[dict[str, str]]) -> PointsForm:
    """The form for these points, filled with what is kept or was sent."""
    fields = {
        f"answer_{number}": TextField(_l("Answer to point %(number)s", number=number), LONG_TEXT)
        for number, _point in enumerate(points, start=1)
    }
    kept = {f"answer_{number}": point["answer"] for number, point in enumerate(points, start=1)}
    form: PointsForm = type("PointsForm", (PointsForm,), fields)(data=kept)
    return form


class DelegateForm(IntakeForm):
    """Who speaks for the organisation at the Roundtable."""

    delegate_name = LineField(_l("Full name of the delegate"), column_limit(Expression.delegate_name))
    delegate_title = LineField(_l("Title of the delegate"), column_limit(Expression.delegate_title))


class WithdrawForm(IntakeForm):
    """Why the organisation withdraws."""

    version = VersionField()
    reason = TextField(_l("Reason"), SHORT_TEXT)


class DocumentForm(IntakeForm):
    """One document; its bytes are read from the request."""

    document = FileField(_l("Document"), render_kw={"accept": ACCEPTED})


class ErasureForm(IntakeForm):
    """A request for erasure, with the tick that its consequences were read."""

    version = VersionField()
    confirmed = BooleanField(_l("I have read what erasure means, and ask for it"))


class LinkForm(OpenForm):
    """Where to send a new link."""

    email = EmailField(_l("E-mail address"))


class PersonForm(IntakeForm):
    """Somebody who is to be let in."""

    email = EmailField(_l("E-mail address"))
    name = LineField(_l("Full name"), column_limit(Holder.name))


class NextContactForm(PersonForm):
    """Who is to be the contact person from now on."""


class PlainForm(IntakeForm):
    """A button alone."""
