"""What staff may type on a screening sheet: an outcome and a reason for each criterion; it stores nothing."""

from collections.abc import Iterator, Mapping
from typing import Any

from flask_babel import gettext as _
from wtforms import Form, FormField

from intake.current import programme
from intake.forms import SHORT_TEXT, IntakeForm, RadiosField, TextField
from intake.judging import Judgement
from intake.models import Expression, Outcome
from intake.screening.forms import VersionedForm
from intake.staff_words import outcome_name

Words = Mapping[str, str]
"""An outcome and a reason, either of which may be empty."""


class VerdictsForm(VersionedForm):
    """A verdict for each criterion; those without an outcome are not given yet."""

    def validate(self, extra_validators: Any = None) -> bool:
        """An outcome needs its reason and a reason its outcome, so that no words are lost."""
        self.validate_words()
        for criterion in programme().criteria:
            part = self[criterion.id].form
            if part.outcome.data and not part.reason.data:
                said = _("%(criterion)s: give a reason for this verdict.", criterion=criterion.name)
                part.reason.errors = [*part.reason.errors, said]
            if part.reason.data and not part.outcome.data:
                said = _("%(criterion)s: choose what you found, or empty the reason.", criterion=criterion.name)
                part.outcome.errors = [*part.outcome.errors, said]
        if not any(words for _id, words in self._written()):
            self.form_errors.append(_("Give a verdict on at least one criterion."))
        return not self.errors

    def validate_words(self) -> bool:
        """Whether each field holds what can be kept, however much is still missing."""
        fine = bool(super().validate())
        self.words = {id: words for id, words in self._written() if words}
        return fine

    words: Mapping[str, Words]
    """After validation: what was written and can be kept, by criterion."""

    def _written(self) -> Iterator[tuple[str, Words]]:
        for criterion in programme().criteria:
            part = self[criterion.id].form
            yield criterion.id, {field.short_name: field.data for field in part if field.data and not field.errors}

    def judgements(self) -> dict[str, Judgement]:
        """The verdicts that are given, by criterion."""
        parts = {criterion.id: self[criterion.id].form for criterion in programme().criteria}
        given = {id: part for id, part in parts.items() if part.outcome.data}
        return {id: Judgement(Outcome(part.outcome.data), part.reason.data) for id, part in given.items()}


class SettleForm(IntakeForm):
    """What holds of a criterion that both screeners have judged, and why. It stands inside the form of the verdicts."""

    class Meta:
        csrf = False  # the form around it carries the token, and the application checks that of every post

    def validate(self, extra_validators: Any = None) -> bool:
        """Both are needed."""
        super().validate(extra_validators)
        for field in self:
            if not field.data and not field.errors:
                field.errors = [_("%(label)s: this answer is needed.", label=str(field.label.text))]
        return not self.errors

    def judgement(self) -> Judgement:
        """What holds."""
        return Judgement(Outcome(self["outcome"].data), self["reason"].data)


def _outcomes() -> dict[str, str]:
    return {outcome.value: outcome_name(outcome) for outcome in Outcome}


def for_verdicts(expression: Expression, words: Mapping[str, Words], *, formdata: Any = None) -> VerdictsForm:
    """The form of the verdicts: what was sent in `formdata`, else `words` by criterion."""
    fields = {"outcome": RadiosField(_("What you found"), _outcomes()), "reason": TextField(_("Why"), SHORT_TEXT)}
    part = type("VerdictFields", (Form,), fields)
    parts: dict[str, Any] = {criterion.id: FormField(part, criterion.name) for criterion in programme().criteria}
    kind = type("ProgrammeVerdictsForm", (VerdictsForm,), parts)
    form: VerdictsForm = kind(formdata=formdata, data={"version": expression.version, **words})
    return form


def for_settling(criterion: str, *, formdata: Any = None) -> SettleForm:
    """The form that settles one criterion; its fields carry the criterion, because a page may hold several."""
    fields = {
        "outcome": RadiosField(_("What holds"), _outcomes()),
        "reason": TextField(_("Why this holds"), SHORT_TEXT),
    }
    kind = type("ProgrammeSettleForm", (SettleForm,), fields)
    form: SettleForm = kind(formdata=formdata, prefix=f"settle-{criterion}")
    return form
