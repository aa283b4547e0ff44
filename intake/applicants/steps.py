"""The steps of the form in their order: which they are, what is kept of them, what is missing; it renders nothing."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from intake import contacts, drafting, holders
from intake.applicants import forms
from intake.current import programme
from intake.extensions import db
from intake.extensions import gettext as _
from intake.history import plain
from intake.models import Expression
from intake.programme import Criterion

STARTED, COMPLETE, EMPTY = "started", "complete", "empty"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the form; a criterion's step has its id."""

    id: str
    title: str
    form: type[forms.StepForm]
    criterion: Criterion | None = None

    def stored(self, expression: Expression) -> dict[str, Any]:
        """The answers of this step as they are kept, in JSON's terms."""
        answer = expression.criteria.get(self.id, {})
        kept = {name: plain(getattr(expression, name)) for name in self.form.attributes}
        return kept | {name: answer.get(name, _nothing(name)) for name in self.form.facts}

    def status(self, expression: Expression, missing: Mapping[str, list[str]]) -> str:
        """Whether it is empty, started or complete."""
        if self.id not in missing:
            return COMPLETE
        return STARTED if any(value for name, value in self.stored(expression).items() if name != "language") else EMPTY


def _nothing(name: str) -> Any:
    return [] if name == "countries" else ""


def steps() -> tuple[Step, ...]:
    """All steps in the order of the list."""
    return (
        Step("organisation", _("Your organisation"), forms.OrganisationForm),
        Step("contact", _("Contact person"), forms.ContactForm),
        Step("focus_areas", _("Focus areas"), forms.FocusAreasForm),
        *(Step(each.id, each.name, forms.CRITERION_FORMS[each.facts], each) for each in programme().criteria),
        Step("communities", _("Communities and countries"), forms.CommunitiesForm),
        Step("goals", _("Goals and action lines"), forms.GoalsForm),
    )


def missing_by_step(expression: Expression) -> dict[str, list[str]]:
    """Step to the names of its answers that are still needed."""
    found: dict[str, list[str]] = {}
    for step, name in drafting.missing(expression):
        found.setdefault(step, []).append(name)
    return found


def digest(answers: Any) -> str:
    """A short mark of answers, to see whether somebody changed them."""
    text = json.dumps(answers, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


class Differs(Exception):
    """Somebody changed these answers since the page was shown; `stored` is what they are now."""

    def __init__(self, stored: Mapping[str, Any]) -> None:
        self.stored = stored
        super().__init__("The answers were changed since you opened the page.")


def save(expression: Expression, step: Step, form: forms.StepForm) -> list[str]:
    """Keep and commit what was sent without an error; gives the names of the step's answers that are still needed.

    The guard of the view has read the expression under a lock. Raises `Differs` or `workflows.workflow.Refused`.
    """
    stored = step.stored(expression)
    sent = {**stored, **form.answers()}
    changed = {name: value for name, value in sent.items() if value != stored[name]}
    if changed and form.seen.data != digest(stored):
        db.session.rollback()
        raise Differs(stored)
    if changed:
        _change(expression, _by_place(expression, step, changed))
    missing = missing_by_step(expression).get(step.id, [])
    db.session.commit()
    return missing


def _change(expression: Expression, changes: dict[str, Any]) -> None:
    """Keep changed answers; another contact person of what was sent is asked for, and holds once the link is opened."""
    earlier, asked = holders.named(expression), None
    address = changes.get("contact_email", "")
    if expression.submitted_at and address and holders.key(address) != holders.key(expression.contact_email):
        asked = changes.pop("contact_email"), changes.pop("contact_name", "")
    drafting.change_locked(expression, changes)
    if holders.named(expression) != earlier:
        contacts.follow(expression, earlier)
    if asked:
        contacts.ask_for_contact(expression, *asked)


def _by_place(expression: Expression, step: Step, changed: Mapping[str, Any]) -> dict[str, Any]:
    """Changed answers as attributes of the expression; those of a criterion go into its own answer."""
    changes = {name: value for name, value in changed.items() if name in step.form.attributes}
    facts = {name: value for name, value in changed.items() if name in step.form.facts}
    if facts:
        changes["criteria"] = {step.id: {**expression.criteria.get(step.id, {}), **facts}}
    return changes
