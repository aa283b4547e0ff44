"""What erasure leaves of a subject: each field that could name or reach a person, and what stands there afterwards.

What figures need stays: state, dates, category, country, focus areas, goals, and codes of the answers.
"""

from collections.abc import Mapping
from typing import Any

from workflows.workflow import Move

ERASED = "(erased)"
"""Stands where pages need a name."""
KEPT_FACTS = frozenset({"basis", "pledge_type", "target_date", "value", "currency", "countries", "public"})
"""The facts of a criterion's answer that are codes, dates and sums; all others are somebody's words or names."""
OF_EXPRESSION: Mapping[str, Any] = {
    "organisation_name": ERASED,
    "website": "",
    "contact_name": "",
    "contact_title": "",
    "contact_email": "",
    "second_email": "",
    "contact_phone": "",
    "delegate_name": "",
    "delegate_title": "",
    "communities": "",
    "accessibility_needs": "",
    "points": (),
    "answer_due_on": None,
    "creation_key": None,
    "unread": False,
    "erasure_due_on": None,
}
OF_ENQUIRY: Mapping[str, Any] = {"email": "", "name": "", "subject": ERASED, "question": "", "silent": True}


def erase_expression(move: Move) -> Mapping[str, Any]:
    """The key of the organisation becomes one that no other has: two without a name are not the same."""
    answers = move.subject.criteria.items()
    codes = {id: {name: said for name, said in answer.items() if name in KEPT_FACTS} for id, answer in answers}
    empty = {name: list(value) if value == () else value for name, value in OF_EXPRESSION.items()}
    key = f"{ERASED} {move.subject.reference}"
    return {**empty, "criteria": codes, "organisation_key": key, "erased_at": move.circumstances.now}


def erase_enquiry(move: Move) -> Mapping[str, Any]:
    """Nobody is answered any more."""
    return {**OF_ENQUIRY, "erased_at": move.circumstances.now}
