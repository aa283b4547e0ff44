"""From the empty form to the status page, in a browser without JavaScript."""

from flask.testing import FlaskClient

from intake.models import Mode
from tests.applicants import walking
from workflows.expression import State


def test_an_expression_goes_from_the_first_page_to_its_status_page(client: FlaskClient) -> None:
    assert client.get("/").status_code == 200
    draft = walking.begin(client)
    walking.fill(client, draft)

    sent = walking.send(client, draft)

    assert (sent.status_code, sent.location) == (303, walking.address(draft))
    stored = walking.by_reference(draft.reference)
    assert (
        stored.state,
        stored.organisation_name,
        stored.category,
        stored.sub_type,
        stored.country,
        stored.website,
    ) == (
        State.SUBMITTED,
        "Ministry of Connectivity",
        "member_states",
        "ministry",
        "RWA",
        "https://example.org",
    )
    assert (stored.preferences, stored.participation_mode, stored.sdgs, stored.action_lines) == (
        ["adoption", "access"],
        Mode.IN_PERSON,
        [4, 9],
        ["C2"],
    )
    assert stored.criteria["pledge"] == {
        "statement": "We intend to connect more.",
        "pledge_type": "financial",
        "target": "100 schools",
        "target_date": "2027-12-31",
        "value": "1000000",
        "currency": "USD",
        "countries": ["BDI", "RWA"],
        "beneficiaries": "30,000 pupils",
        "public": "yes",
    }
    assert [(letter.audience, letter.kind) for letter in stored.letters] == [
        ("applicant", "submit"),
        ("secretariat", "submit"),
    ]
    page = client.get(walking.address(draft)).get_data(as_text=True)
    assert "Received, being screened" in page
    assert "You sent your expression of interest." in page
    assert client.get(walking.address(draft, "/answers")).status_code == 200
