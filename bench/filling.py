"""Fills a database with expressions in bulk, for measuring; their words are the same throughout."""

import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import insert

from intake.current import call_row, programme
from intake.extensions import db
from intake.models import Expression, Holder, Mode, Proof
from intake.references import new_reference
from workflows.expression import JUDGED, State

WORDS = "We connect rural schools and health posts, with partners in the country, and report once a year. " * 5


def fill(count: int, state: State) -> list[int]:
    """Store so many expressions in one state and give their ids."""
    call = call_row().id
    rows = [_row(call, number, state) for number in range(count)]
    stored = db.session.scalars(insert(Expression).returning(Expression.id, sort_by_parameter_order=True), rows)
    keys = list(stored)
    held = [_holder(key, row["contact_email"]) for key, row in zip(keys, rows, strict=True)]
    db.session.execute(insert(Holder), held)
    db.session.commit()
    return keys


def _holder(key: int, address: str) -> dict[str, Any]:
    at = datetime.now(UTC)
    known = {"address": address, "address_key": address, "is_colleague": False, "name": ""}
    return {"expression_id": key, **known, "proven_at": at, "proof": Proof.LINK}


def _row(call: int, number: int, state: State) -> dict[str, Any]:
    criteria = programme().criteria
    name = f"Organisation {secrets.token_hex(8)}"
    return {
        "reference": new_reference(),
        "call_id": call,
        "state": state,
        "submitted_at": datetime.now(UTC) - timedelta(minutes=number),
        "organisation_name": name,
        "organisation_key": name.lower(),
        "category": programme().categories[number % len(programme().categories)].id,
        "country": "RWA",
        "contact_name": "Programme officer",
        "contact_email": f"{secrets.token_hex(8)}@example.org",
        "preferences": ["access", "adoption"],
        "criteria": {criterion.id: {"statement": WORDS} for criterion in criteria},
        "delegate_name": "The head",
        "delegate_title": "Head of the organisation",
        "participation_mode": Mode.IN_PERSON,
        "communities": WORDS,
        "countries_served": ["RWA"],
        "sdgs": [9],
        "criteria_count": len(criteria),
        "criteria_met": len(criteria) if state in JUDGED else 0,
    }
