"""Which answers an expression needs before it can be submitted; it judges presence, never content."""

from collections.abc import Iterator, Mapping
from typing import Any

REQUIRED: Mapping[str, tuple[str, ...]] = {
    "organisation": ("organisation_name", "category", "country"),
    "contact": ("contact_name", "contact_email"),
    "focus_areas": ("preferences",),
    "communities": ("communities",),
    "goals": ("sdgs",),
}
"""Form step to the attributes of an expression that must not be empty."""

REQUIRED_FACTS: Mapping[str, tuple[str, ...]] = {
    "commitment": ("statement", "basis"),
    "pledge": ("statement", "pledge_type", "target"),
    "participation": ("statement",),
    "engagement": ("statement", "nominee_name"),
    "none": ("statement",),
}
"""Kind of facts to the keys of a criterion's answer that must not be empty."""

REQUIRED_WITH: Mapping[str, tuple[str, ...]] = {"participation": ("delegate_title", "participation_mode")}
"""Kind of facts to attributes of the expression itself that are asked on the same step."""


def missing_answers(subject: Any, criteria: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Pairs of (step, field) still empty; `criteria` maps a criterion's id, which names its step, to its facts."""
    return tuple(_missing_fields(subject)) + tuple(_missing_facts(subject, criteria))


def _missing_fields(subject: Any) -> Iterator[tuple[str, str]]:
    for step, names in REQUIRED.items():
        yield from ((step, name) for name in names if not getattr(subject, name))


def _missing_facts(subject: Any, criteria: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for criterion, kind in criteria.items():
        answer = subject.criteria.get(criterion, {})
        yield from ((criterion, name) for name in REQUIRED_FACTS[kind] if not answer.get(name))
        yield from ((criterion, name) for name in REQUIRED_WITH.get(kind, ()) if not getattr(subject, name))
