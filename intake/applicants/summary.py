"""Answers in words, step by step, for people to read and print; it changes nothing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import format_decimal
from flask_babel import gettext as _

from intake.applicants import choices, forms, steps
from intake.current import programme
from intake.models import Expression
from intake.programme import action_lines, sdgs
from intake.translations import LANGUAGES
from intake.wording import day, labelled, language, listed, mode_name, place_name

Words = str | list[str]


@dataclass(frozen=True, slots=True)
class Row:
    """A question and its answer, empty when there is none."""

    label: str
    words: Words


@dataclass(frozen=True, slots=True)
class Part:
    """A step with its answers."""

    step: steps.Step
    rows: list[Row]


def parts(expression: Expression) -> list[Part]:
    """All answers of an expression."""
    return [Part(step, rows(step, step.stored(expression))) for step in steps.steps()]


def rows(step: steps.Step, stored: Mapping[str, Any]) -> list[Row]:
    """The answers of one step; what one field asks for together stands together."""
    return [Row(_label(step.form, name), _words(name, stored)) for name in stored if name not in WITHIN_ANOTHER]


WITHIN_ANOTHER = {"sub_type", "currency"}
LABELS: Mapping[str, Callable[[], str]] = {"preferences": lambda: _("Order of preference")}


def _label(form: type[forms.StepForm], name: str) -> str:
    """The label on the form, read without making one."""
    if name in LABELS:
        return LABELS[name]()
    return str(getattr(form, form.shown_at.get(name, name)).args[0])


def _words(name: str, stored: Mapping[str, Any]) -> Words:
    value = stored[name]
    if not value:
        return ""
    spell = SPELLINGS.get(name)
    return spell(value, stored) if spell else str(value)


def _kind(value: str, stored: Mapping[str, Any]) -> Words:
    category = next((each for each in programme().categories if each.id == value), None)
    if category is None:
        return value
    sub_type = next((each.name for each in category.sub_types if each.id == stored["sub_type"]), "")
    return labelled(category.name, sub_type) if sub_type else category.name


def _country(code: str, stored: Mapping[str, Any] | None = None) -> str:
    return place_name(code)


def _countries(codes: list[str], stored: Mapping[str, Any]) -> Words:
    return listed(map(place_name, codes))


def _preferences(areas: list[str], stored: Mapping[str, Any]) -> Words:
    names = {area.id: labelled(area.name, area.tagline) for area in programme().focus_areas}
    return [f"{place}. {names.get(area, area)}" for place, area in enumerate(areas, start=1)]


def _day(text: str, stored: Mapping[str, Any]) -> Words:
    try:
        return day(date.fromisoformat(text))
    except ValueError:
        return text


def _value(text: str, stored: Mapping[str, Any]) -> Words:
    try:
        amount = str(format_decimal(text, "#,##0.##"))
    except ArithmeticError:
        amount = text
    return f"{amount} {stored['currency']}".strip()


def _goals(numbers: list[int], stored: Mapping[str, Any]) -> Words:
    names = {number: goal.name_in(language()) for number, goal in sdgs().items()}
    return [f"{number}. {names.get(number, '')}" for number in numbers]


def _lines(codes: list[str], stored: Mapping[str, Any]) -> Words:
    names = {code: line.name_in(language()) for code, line in action_lines().items()}
    return [f"{code}. {names.get(code, '')}" for code in codes]


SPELLINGS: Mapping[str, Callable[[Any, Mapping[str, Any]], Words]] = {
    "category": _kind,
    "country": _country,
    "language": lambda code, _stored: LANGUAGES.get(code, code),
    "preferences": _preferences,
    "basis": lambda code, _stored: choices.basis_choices().get(code, code),
    "pledge_type": lambda code, _stored: choices.pledge_choices().get(code, code),
    "target_date": _day,
    "value": _value,
    "countries": _countries,
    "public": lambda code, _stored: choices.public_choices().get(code, code),
    "participation_mode": lambda code, _stored: mode_name(code),
    "countries_served": _countries,
    "sdgs": _goals,
    "action_lines": _lines,
}
"""Answer to how it is put into words; every other is shown as it was written."""
