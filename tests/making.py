"""Makes stored things for tests: complete expressions in any state, with what their state demands."""

import hashlib
import io
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from intake import asking, holders
from intake.current import call_row
from intake.documents import storing
from intake.extensions import db
from intake.models import Document, DocumentType, Enquiry, Expression, Holder, Mode, Outcome, Proof, Verdict
from intake.organisations import organisation_key
from intake.references import new_reference
from workflows.expression import JUDGED, PLACED, State
from workflows.people import Actor, Role

NUMBERS = count(1)
CRITERIA = ("commitment", "pledge", "participation", "engagement")
APPLICANT = Actor("Programme officer", frozenset({Role.APPLICANT}))
SCREENER = Actor("The screener", frozenset({Role.SCREENER}))
ENQUIRER = asking.enquirer("Programme officer")
SECRETARIAT = Actor("The secretariat", frozenset({Role.SECRETARIAT}))
ANSWERS: dict[str, dict[str, Any]] = {
    "commitment": {
        "statement": "We connected 40 schools.",
        "basis": "past_work",
        "link": "https://example.org/schools",
    },
    "pledge": {"statement": "We intend to connect more.", "pledge_type": "programmatic", "target": "100 schools"},
    "participation": {"statement": "Our minister will attend."},
    "engagement": {"statement": "We will review drafts.", "nominee_name": "Head of policy"},
}


def expression(
    state: State = State.SUBMITTED, *, met: bool = False, is_proven: bool = True, **changes: Any
) -> Expression:
    """A committed expression that has what its state demands, or every verdict met; `changes` are attributes.

    Its addresses are proven, as if links mailed to them had been opened.
    """
    number = next(NUMBERS)
    name = changes.get("organisation_name", f"Ministry of Connectivity {number}")
    values = {
        "reference": new_reference(),
        "call_id": call_row().id,
        "state": state,
        "organisation_name": name,
        "organisation_key": organisation_key(name),
        "category": "member_states",
        "sub_type": "ministry",
        "country": "RWA",
        "contact_name": "Programme officer",
        "contact_email": f"applicant{number}@example.org",
        "preferences": ["access", "adoption"],
        "criteria": ANSWERS,
        "delegate_name": "The Minister",
        "delegate_title": "Minister of Connectivity",
        "participation_mode": Mode.IN_PERSON,
        "communities": "Rural schools",
        "countries_served": ["RWA", "BDI"],
        "sdgs": [4, 9],
        "action_lines": ["C2"],
        "consented_at": datetime.now(UTC),
        "notice_version": "test",
        "criteria_count": len(CRITERIA),
        **_demanded(state),
        **changes,
    }
    made = Expression(**values)
    made.verdicts = verdicts(Outcome.MET) if met or state in JUDGED else []
    made.criteria_met = len(made.verdicts)
    db.session.add(made)
    db.session.flush()
    if is_proven:
        holders.vouch(made, Proof.LINK)
    db.session.commit()
    return made


def document(subject: Expression, content: bytes = b"%PDF-", **changes: Any) -> Document:
    """A committed document of an expression, with its bytes in the storage; `changes` are attributes."""
    values = {
        "key": storing.new_key(),
        "name": f"letter-{next(NUMBERS)}.pdf",
        "type": DocumentType.PDF,
        "size": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        **changes,
    }
    made = Document(expression_id=subject.id, **values)
    storing.put(made.key, io.BytesIO(content))
    db.session.add(made)
    db.session.commit()
    return made


def colleague_of(subject: Expression, **changes: Any) -> Holder:
    """A committed colleague who was added to the people of an expression; `changes` are attributes."""
    address = f"colleague{next(NUMBERS)}@example.org"
    values = {"address": address, "address_key": address, "is_colleague": True, "proven_at": datetime.now(UTC)}
    made = Holder(expression_id=subject.id, **{**values, "proof": Proof.LINK, **changes})
    db.session.add(made)
    db.session.commit()
    return made


def enquiry(**changes: Any) -> Enquiry:
    """An open enquiry with the letters that it wrote; `changes` are what `intake.asking.ask` is told."""
    number = next(NUMBERS)
    asked = {
        "email": f"enquirer{number}@example.org",
        "name": "Programme officer",
        "subject": "Partner2Connect Digital Coalition – Information Request",
        "question": "May an association of operators take part?",
        "actor": ENQUIRER,
        **changes,
    }
    return asking.ask(**asked)


def _demanded(state: State) -> dict[str, Any]:
    values: dict[str, Any] = {}
    if state is not State.DRAFT:
        values["submitted_at"] = datetime.now(UTC) - timedelta(days=2)
        values["decision_due_on"] = datetime.now(UTC).date() + timedelta(days=10)
    if state in PLACED:
        values["focus_area"] = "access"
    if state in {State.CONFIRMED, State.WAITLISTED}:
        values["seat_mode"] = Mode.IN_PERSON
    if state is State.RETURNED:
        values["points"] = [{"question": "How many schools?", "answer": ""}]
        values["answer_due_on"] = datetime.now(UTC).date() + timedelta(days=10)
    return values


def verdicts(outcome: Outcome) -> list[Verdict]:
    """A verdict on each criterion."""
    return [Verdict(criterion=criterion, outcome=outcome, reason="Shown in the statement.") for criterion in CRITERIA]
