"""Answers and ways of an applicant, for tests that speak HTTP; it asserts nothing."""

import re
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from intake import links
from intake.applicants.entry import new_key
from intake.extensions import db
from intake.models import Expression

ANSWERS: dict[str, dict[str, Any]] = {
    "organisation": {
        "organisation_name": "Ministry of Connectivity",
        "kind": "member_states:ministry",
        "country": "RWA",
        "website": "example.org",
    },
    "contact": {
        "contact_name": "Programme officer",
        "contact_title": "Officer",
        "contact_email": "officer@example.org",
        "second_email": "",
        "contact_phone": "+250 788 000 000",
        "language": "en",
    },
    "focus_areas": {"place_1": "adoption", "place_2": "access", "place_3": "", "place_4": ""},
    "commitment": {
        "statement": "We connected 40 schools.",
        "basis": "past_work",
        "link": "https://example.org/schools",
    },
    "pledge": {
        "statement": "We intend to connect more.",
        "pledge_type": "financial",
        "target": "100 schools",
        "target_date": "2027-12-31",
        "value": "1,000,000",
        "currency": "usd",
        "countries": ["RWA", "BDI"],
        "beneficiaries": "30,000 pupils",
        "public": "yes",
    },
    "participation": {
        "statement": "Our minister will attend.",
        "delegate_title": "Minister of Connectivity",
        "delegate_name": "",
        "participation_mode": "in_person",
        "accessibility_needs": "",
    },
    "engagement": {
        "statement": "We will review drafts.",
        "nominee_name": "Head of policy",
        "nominee_title": "Head of policy",
        "nominee_email": "policy@example.org",
    },
    "communities": {"communities": "Rural schools", "countries_served": ["RWA"]},
    "goals": {"sdgs": ["4", "9"], "action_lines": ["C2"]},
}
"""Step to what a person types into its form."""
HIDDEN = re.compile(r'<input (?=[^>]*type="hidden")(?=[^>]*name="(\w+)")(?=[^>]*value="([^"]*)")[^>]*>')


def hidden(page: TestResponse) -> dict[str, str]:
    """The hidden fields of a page."""
    return dict(HIDDEN.findall(page.get_data(as_text=True)))


def begin(client: FlaskClient, key: str | None = None) -> Expression:
    """A draft that this browser began."""
    answer = client.post("/expressions", data={"key": key or new_key()})
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return by_reference(answer.location.rpartition("/")[2])


def by_reference(reference: str) -> Expression:
    """An expression as it is stored now."""
    db.session.rollback()
    return db.session.scalars(select(Expression).where(Expression.reference == reference)).one()


def address(expression: Expression, page: str = "") -> str:
    """The address of a page of an expression."""
    return f"/expressions/{expression.reference}{page}"


def answer(client: FlaskClient, expression: Expression, step: str, **changes: Any) -> TestResponse:
    """Open a step, fill it in and send it."""
    where = address(expression, f"/answers/{step}")
    return client.post(where, data={**hidden(client.get(where)), **ANSWERS[step], **changes})


def fill(client: FlaskClient, expression: Expression) -> None:
    """Complete every step, and confirm the address as the mailed link does."""
    for step in ANSWERS:
        sent = answer(client, expression, step)
        assert sent.status_code == 303, sent.get_data(as_text=True)
    hold(client, by_reference(expression.reference))


def send(client: FlaskClient, expression: Expression, **changes: Any) -> TestResponse:
    """Read the check, agree to the notice, send."""
    where = address(expression, "/check")
    return client.post(where, data={**hidden(client.get(where)), "consent": "y", **changes})


def hold(client: FlaskClient, expression: Expression) -> None:
    """Give this browser a link to an expression."""
    link, token = links.mint(expression.id, expression.contact_email)
    db.session.commit()
    assert link.id
    assert client.post(f"/link/{token}").status_code == 303
