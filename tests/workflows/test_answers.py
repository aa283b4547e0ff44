"""Which answers an expression needs, whole: step and field, in the order of the form."""

from typing import Any

from tests.workflows.test_guards import subject
from workflows.answers import missing_answers

EMPTY: dict[str, Any] = {
    "organisation_name": "", "category": None, "country": "", "contact_name": "", "contact_email": "",
    "preferences": [], "communities": "", "sdgs": [], "delegate_title": "", "participation_mode": None,
}  # fmt: skip
KINDS = ("commitment", "pledge", "participation", "engagement", "none")
OF_THE_FORM = (
    ("organisation", "organisation_name"), ("organisation", "category"), ("organisation", "country"),
    ("contact", "contact_name"), ("contact", "contact_email"), ("focus_areas", "preferences"),
    ("communities", "communities"), ("goals", "sdgs"),
)  # fmt: skip
OF_THE_CRITERIA = (
    ("commitment", "statement"), ("commitment", "basis"),
    ("pledge", "statement"), ("pledge", "pledge_type"), ("pledge", "target"),
    ("participation", "statement"), ("participation", "delegate_title"), ("participation", "participation_mode"),
    ("engagement", "statement"), ("engagement", "nominee_name"),
    ("none", "statement"),
)  # fmt: skip


def test_an_empty_expression_lacks_every_answer() -> None:
    missing = missing_answers(subject(**EMPTY, criteria={}), {kind: kind for kind in KINDS})

    assert missing == OF_THE_FORM + OF_THE_CRITERIA


def test_a_criterion_asks_what_its_kind_of_facts_asks_under_its_own_name() -> None:
    about = subject(criteria={"promise": {"statement": "More.", "pledge_type": "programmatic", "target": ""}})

    assert missing_answers(about, {"promise": "pledge"}) == (("promise", "target"),)
