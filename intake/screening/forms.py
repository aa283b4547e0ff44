"""What staff may type for a step: the facts that its row asks for; whether the step is allowed, guards say."""

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any

from flask_babel import gettext as _
from wtforms import FieldList, HiddenField

from intake.current import programme
from intake.forms import (
    SHORT_TEXT,
    CheckboxesField,
    ChoiceField,
    DateField,
    IntakeForm,
    RadiosField,
    TextField,
    VersionField,
)
from intake.models import Expression, Mode, Outcome
from intake.staff_words import criterion_name
from intake.wording import labelled, mode_name, today
from workflows import working_days
from workflows.expression import EXPRESSION

MOST_POINTS = 5


class VersionedForm(IntakeForm):
    """A form that knows which version of the expression its page showed."""

    version = VersionField()

    @property
    def seen(self) -> int:
        """The version that the person saw; 0, which is always stale, when it is missing."""
        return int(self.version.data or 0)

    def show_to(self, expression: Expression) -> None:
        """Make the words ready to be sent again to the expression as it now is."""
        self.version.data, self.version.raw_data = expression.version, None


class StepForm(VersionedForm):
    """The form of one step: its facts as fields of the same names, beside what every step has."""

    confirmed = HiddenField()
    """The digest of what the page before the click showed; empty until it was shown."""

    trigger: str = ""
    wanted: tuple[str, ...] = ()
    """The facts of the row."""
    asked: tuple[str, ...] = ()
    """Those that have a field of their own."""

    @property
    def is_confirmed(self) -> bool:
        """Whether the consequences of exactly these facts, on this version, were shown before this was sent."""
        return self.confirmed.data == self.digest()

    def digest(self) -> str:
        """What the consequences depend on: the step, the version that was seen, and the facts."""
        content = json.dumps([self.trigger, self.seen, self.words()])
        return hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()

    def words(self) -> list[tuple[str, str]]:
        """Names and values of the facts, as hidden fields send them again."""
        return [pair for fact in self.asked for pair in _pairs(self[fact])]

    def facts(self) -> dict[str, Any]:
        """What the table's row asks for, as guards read it."""
        return {fact: READ.get(fact, _as_typed)(self[TYPED_IN.get(fact, fact)]) for fact in self.wanted}


def _pairs(field: Any) -> list[tuple[str, str]]:
    if isinstance(field, FieldList):  # the empty ones too: WTForms reads a list with gaps wrongly
        return [(entry.name, entry.data or "") for entry in field.entries]
    values = field.data if isinstance(field.data, list) else [field.data]
    return [(field.name, str(value)) for value in values if value]


def _as_typed(field: Any) -> Any:
    return field.data


def _points(field: Any) -> list[dict[str, str]]:
    return [{"question": text} for text in field.data if text]


READ: Mapping[str, Callable[[Any], Any]] = {
    "points": _points,
    "due_on": lambda field: field.day,
    "seat_mode": lambda field: Mode(field.data) if field.data else None,
    "category": lambda field: field.data.partition(":")[0],
    "sub_type": lambda field: field.data.partition(":")[2],
}
TYPED_IN: Mapping[str, str] = {"sub_type": "category"}
"""Facts without a field of their own, and the field that holds them: one list offers categories with sub-types."""


def _reason_label(trigger: str) -> str:
    match trigger:
        case "decline":
            return str(_("Reason, as the applicant will read it"))
        case "assign":
            return str(_("Reason, if the applicant did not rank this focus area"))
        case _:
            return str(_("Reason, as the applicant will read it and the history will keep it"))


def _field(fact: str, trigger: str, expression: Expression) -> Any:
    """The field of one fact."""
    match fact:
        case "points":
            point = TextField(_("Point"), SHORT_TEXT)
            return FieldList(
                point,
                _("What the applicant has to answer"),
                min_entries=MOST_POINTS,
                max_entries=MOST_POINTS,
            )
        case "due_on":
            return DateField(_("Answers are due on"))
        case "criteria":
            choices = {criterion.id: criterion.name for criterion in programme().criteria}
            return CheckboxesField(_("Which criteria are not met"), choices)
        case "change":
            return TextField(_("What would change the decision"), SHORT_TEXT)
        case "focus_area":
            return RadiosField(_("Focus area"), _areas(expression))
        case "category":
            return ChoiceField(_("Category, with the kind of organisation"), _kinds())
        case "seat_mode":
            return RadiosField(
                _("How the delegate takes part"), {mode.value: mode_name(mode).capitalize() for mode in Mode}
            )
        case _:
            return TextField(_reason_label(trigger), SHORT_TEXT)


def _kinds() -> dict[str, str]:
    """Every category with each of its sub-types; a value names both, as "category:sub_type"."""
    offered: dict[str, str] = {}
    for category in programme().categories:
        kinds = {f"{category.id}:{kind.id}": labelled(category.short_name, kind.name) for kind in category.sub_types}
        offered |= kinds or {f"{category.id}:": category.short_name}
    return offered


def _areas(expression: Expression) -> dict[str, str]:
    """The focus areas in the applicant's order of preference, then the others."""
    order = {id: number for number, id in enumerate(expression.preferences)}
    areas = sorted(programme().focus_areas, key=lambda area: (order.get(area.id, len(order)), area.number))
    return {area.id: area.name for area in areas}


def for_step(expression: Expression, trigger: str, *, formdata: Any = None) -> StepForm:
    """The form of a step: what was sent in `formdata`, else what is known beforehand."""
    wanted = EXPRESSION.facts(trigger)
    asked = tuple(fact for fact in wanted if fact not in TYPED_IN)
    fields = {fact: _field(fact, trigger, expression) for fact in asked}
    kind = type(f"{trigger.title()}Form", (StepForm,), {"trigger": trigger, "wanted": wanted, "asked": asked, **fields})
    form: StepForm = kind(formdata=formdata, data={"version": expression.version, **_known(expression, asked)})
    for number, point in enumerate(form["points"] if "points" in asked else (), start=1):
        point.label.text = _("Point %(number)s", number=number)
    return form


def _known(expression: Expression, asked: tuple[str, ...]) -> dict[str, Any]:
    """What the fields of a step hold before anybody has typed."""
    days = programme().call.answer_working_days
    known: dict[str, Callable[[], Any]] = {
        "points": lambda: _questions(expression),
        "due_on": lambda: working_days.after(today(), days),
        "criteria": lambda: [each.criterion for each in expression.verdicts if each.outcome is Outcome.NOT_MET],
        "focus_area": lambda: expression.focus_area or next(iter(expression.preferences), ""),
        "category": lambda: f"{expression.category}:{expression.sub_type}",
        "seat_mode": lambda: expression.seat_mode or expression.participation_mode or "",
    }
    return {fact: known[fact]() for fact in asked if fact in known}


def _questions(expression: Expression) -> list[str]:
    """A question for each criterion that needs more, in the words of the verdict."""
    need_more = [verdict for verdict in expression.verdicts if verdict.outcome is Outcome.NEED_MORE]
    texts = [labelled(criterion_name(verdict.criterion), verdict.reason)[:SHORT_TEXT] for verdict in need_more]
    return texts[:MOST_POINTS]
