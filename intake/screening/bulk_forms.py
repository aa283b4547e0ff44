"""What staff type for a step on many expressions: the list of references, and the facts asked once for all of them."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from flask_babel import gettext as _
from wtforms import HiddenField

from intake import bulk, history
from intake.current import programme
from intake.forms import SHORT_TEXT, CheckboxesField, IntakeForm, RadiosField, TextField
from intake.models import Expression, Mode
from intake.references import PATTERN
from intake.staff_words import area_name, button, criterion_name, readable
from intake.wording import listed, mode_name
from workflows.expression import EXPRESSION
from workflows.people import Actor

REFERENCE = re.compile(PATTERN)
LONGEST_LIST = 200_000
"""Characters of a list; the number of lines is what people are told."""
MOST_NAMED = 5


class ReferencesField(TextField):
    """References, one a line; empty lines and small letters are forgiven."""

    def __init__(self, label: str, **options: Any) -> None:
        super().__init__(label, LONGEST_LIST, **options)
        self.flags.maxlength = None

    @property
    def lines(self) -> list[str]:
        """What stands on each line, in the form that references have."""
        return [line.strip().upper() for line in (self.data or "").splitlines() if line.strip()]


class ListForm(IntakeForm):
    """A list of expressions; after validation `expressions` holds them in the order of the list."""

    expressions: list[Expression]
    asked: tuple[str, ...] = ()

    def validate(self, extra_validators: Any = None) -> bool:
        """Every line names another submitted expression of this call, or the sentences say which do not."""
        if not super().validate(extra_validators):
            return False
        lines = self.references.lines
        for sentence in _shape(lines):
            self.blame("references", sentence)
        found = {} if self.errors else bulk.find(lines)
        unknown = [line for line in lines if line not in found]
        if unknown and not self.errors:
            said = _(
                "Not among the submitted expressions of this call: %(lines)s. Take them out.", lines=_some(unknown)
            )
            self.blame("references", said)
        self.expressions = list(found.values()) if self.errors else [found[line] for line in lines]
        return not self.errors

    def facts(self) -> dict[str, Any]:
        """The facts of the step, as a run keeps them."""
        return {name: history.plain(self[name].data) for name in self.asked}


def _shape(lines: list[str]) -> Iterable[str]:
    """What is wrong with a list whatever expressions there are."""
    if not lines:
        yield _("Write at least one reference.")
    if len(lines) > bulk.MOST:
        given, most = len(lines), bulk.MOST
        yield _(
            "The list has %(given)s lines; at most %(most)s can be moved at once. Split it.", given=given, most=most
        )
        return
    strange = [line for line in lines if not REFERENCE.fullmatch(line)]
    if strange:
        yield _("These are no references: %(lines)s. A reference looks like P2C-7K3M-Q9XD.", lines=_some(strange))
    repeated = [line for line, count in Counter(lines).items() if count > 1]
    if repeated:
        yield _("These stand there more than once: %(lines)s. Leave each once.", lines=_some(repeated))


def _some(lines: list[str]) -> str:
    """The first few lines, and how many more there are."""
    named, more = [readable(line, 40) for line in lines[:MOST_NAMED]], len(lines) - MOST_NAMED
    return listed([*named, _("%(count)s more", count=more)] if more > 0 else named)


def _references() -> ReferencesField:
    return ReferencesField(_("References, one a line"))


def for_list(actor: Actor, *, formdata: Any = None, lines: Iterable[str] = ()) -> ListForm:
    """The list with a choice of the steps that this person may take on many at once."""
    steps = {trigger: button(trigger) for trigger in bulk.open_to(actor.roles)}
    kind = type("StepListForm", (ListForm,), {"references": _references(), "step": RadiosField(_("Step"), steps)})
    form: ListForm = kind(formdata=formdata, data={"references": "\n".join(lines)})
    return form


def for_step(trigger: str, *, formdata: Any = None, lines: Iterable[str] = ()) -> ListForm:
    """The list with the facts of one step."""
    asked = EXPRESSION.facts(trigger)
    fields = {name: _field(name, trigger) for name in asked}
    kind = type("FactsForm", (ListForm,), {"references": _references(), "asked": asked, **fields})
    usual = {"focus_area": bulk.EACH_FIRST, "seat_mode": bulk.EACH_ASKED}
    form: ListForm = kind(formdata=formdata, data={"references": "\n".join(lines), **usual})
    return form


def _field(fact: str, trigger: str) -> Any:
    match fact:
        case "criteria":
            return CheckboxesField(
                _("Which criteria are not met"), {each.id: each.name for each in programme().criteria}
            )
        case "change":
            return TextField(_("What would change the decision"), SHORT_TEXT)
        case "focus_area":
            return RadiosField(_("Focus area"), _areas(trigger))
        case "seat_mode":
            return RadiosField(_("How the delegates take part"), _modes())
        case _:
            return TextField(_("Reason, as every applicant will read it and the history will keep it"), SHORT_TEXT)


def _areas(trigger: str) -> dict[str, str]:
    own = {bulk.EACH_FIRST: _("Each one's first preference")} if trigger == "assign" else {}
    return {**own, **{area.id: area.name for area in programme().focus_areas}}


def _modes() -> dict[str, str]:
    return {bulk.EACH_ASKED: _("As each one asked"), **{mode.value: mode_name(mode).capitalize() for mode in Mode}}


def said(facts: Mapping[str, Any], trigger: str) -> list[tuple[str, Any, None, None]]:
    """The facts of a run, as rows of the macro `summary_list`."""
    form = for_step(trigger)
    return [(str(form[name].label.text), _words(name, value), None, None) for name, value in facts.items() if value]


def _words(fact: str, value: Any) -> Any:
    match fact:
        case "criteria":
            return [criterion_name(id) for id in value]
        case "focus_area":
            return _areas("assign").get(value) or area_name(value)
        case "seat_mode":
            return _modes().get(value, value)
    return value


class PlanForm(IntakeForm):
    """The one confirmation: what the dry run has shown, sealed, so that nothing else can be confirmed."""

    plan = HiddenField()
