"""An address is proven by opening a link that was mailed to it: before that nothing is sent, and letters say little."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from intake import links
from intake.advance import advance
from intake.applicants import linking
from intake.extensions import db
from intake.models import Expression, Holder, Letter, Proof, now
from tests.applicants import walking
from tests.making import APPLICANT
from workflows.expression import State
from workflows.workflow import Refused

Make = Callable[..., Expression]
OFFICER = "officer@example.org"
UNPROVEN = (
    f"The address {OFFICER} is not confirmed yet. Have the letter with the link sent to it, open the link in that "
    "letter and press the button there; then send."
)


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linking, "EQUAL_SECONDS", 0.0)


@pytest.fixture
def filled(client: FlaskClient) -> Expression:
    """A complete draft of this browser whose address nobody has confirmed."""
    draft = walking.begin(client)
    for step in walking.ANSWERS:
        walking.answer(client, draft, step)
    return draft


def mailed(expression: Expression, address: str) -> str:
    """The token of a link that left by mail to an address."""
    _link, token = links.mint(expression.id, address)
    db.session.commit()
    return token


def letters() -> list[tuple[str, str]]:
    """Kind and recipient of every letter."""
    db.session.rollback()
    found = db.session.execute(select(Letter.kind, Letter.recipient).order_by(Letter.id))
    return [(kind, recipient) for kind, recipient in found]


def proofs(expression: Expression) -> dict[str, Proof | None]:
    """How each address of an expression is proven."""
    db.session.rollback()
    found = select(Holder.address_key, Holder.proof).where(Holder.expression_id == expression.id)
    return {address: proof for address, proof in db.session.execute(found)}  # noqa: C416 - dict() loses the types


def test_what_is_complete_is_not_sent_before_the_address_is_confirmed(client: FlaskClient, filled: Expression) -> None:
    page = client.get(walking.address(filled, "/check")).text
    version = walking.by_reference(filled.reference).version
    sent = walking.send(client, filled, version=str(version))

    assert "Your answers are complete. One thing is left." in page
    assert (sent.status_code, UNPROVEN in sent.text) == (409, True)
    assert walking.by_reference(filled.reference).state is State.DRAFT
    assert letters() == []


def test_opening_the_mailed_link_leads_back_to_the_check_and_then_it_is_sent(
    client: FlaskClient, filled: Expression
) -> None:
    asked = client.post(walking.address(filled, "/link"), data={"back": "check"})
    waiting = client.get(asked.location).text
    opened = client.post(f"/link/{mailed(filled, OFFICER)}")
    page = client.get(opened.location).text
    sent = walking.send(client, filled)

    assert asked.location == opened.location == walking.address(filled, "/check")
    assert ("Send the letter once more" in waiting, "The last letter was written on" in waiting) == (True, True)
    assert f"The address {OFFICER} is confirmed." in page
    assert sent.status_code == 303
    assert proofs(filled) == {OFFICER: Proof.LINK}
    assert letters() == [("link", OFFICER), ("submit", OFFICER), ("submit", "secretariat@example.org")]


def test_looking_at_the_link_as_a_scanner_does_proves_nothing(client: FlaskClient, filled: Expression) -> None:
    token = mailed(filled, OFFICER)

    for _ in range(2):
        assert client.get(f"/link/{token}").status_code == 200
        assert client.head(f"/link/{token}").status_code == 200

    assert proofs(filled) == {}
    assert walking.send(client, filled).status_code == 409


def test_a_link_of_the_browser_proves_no_address(client: FlaskClient, filled: Expression) -> None:
    token = mailed(filled, "")

    assert client.post(f"/link/{token}").location == walking.address(filled)
    assert proofs(filled) == {}


def test_an_address_with_answers_missing_leads_to_the_list_which_says_that_it_is_confirmed(
    client: FlaskClient,
) -> None:
    draft = walking.begin(client)
    walking.answer(client, draft, "contact")
    before = client.get(walking.address(draft)).text

    opened = client.post(f"/link/{mailed(draft, OFFICER)}")

    assert "is not confirmed yet: before you can send, open the link that is mailed to it." in before
    assert opened.location == walking.address(draft)
    assert client.get(opened.location).text.count("is confirmed.") == 2


def test_another_address_has_to_be_confirmed_anew_and_the_first_one_opens_nothing_more(
    client: FlaskClient, filled: Expression
) -> None:
    first, late = mailed(filled, OFFICER), mailed(filled, OFFICER)
    stranger = client.application.test_client()
    stranger.post(f"/link/{first}")
    assert stranger.get(walking.address(filled)).status_code == 200

    walking.answer(client, filled, "contact", contact_email="other@example.org")

    assert walking.send(client, filled).status_code == 409
    assert stranger.get(walking.address(filled)).status_code == 403
    assert stranger.post(f"/link/{late}").status_code == 404
    assert stranger.post(f"/link/{mailed(filled, OFFICER)}").status_code == 404, "a letter that was still on its way"
    assert client.get(walking.address(filled)).status_code == 200


def test_the_spelling_of_an_address_makes_no_other_one(client: FlaskClient, filled: Expression) -> None:
    client.post(f"/link/{mailed(filled, OFFICER)}")
    walking.answer(client, filled, "contact", contact_email="Officer@EXAMPLE.org")

    assert walking.send(client, filled).status_code == 303


def test_letters_with_content_go_to_proven_addresses_alone(client: FlaskClient, filled: Expression) -> None:
    walking.answer(client, filled, "contact", second_email="deputy@example.org")
    client.post(f"/link/{mailed(filled, OFFICER)}")

    walking.send(client, filled)
    assert [each for each in letters() if each[1] != "secretariat@example.org"] == [
        ("submit", OFFICER),
        ("link", "deputy@example.org"),
    ]
    client.post(f"/link/{mailed(filled, 'deputy@example.org')}")
    sent = walking.by_reference(filled.reference)
    advance(sent, "withdraw", actor=APPLICANT, version=sent.version, reason="Another plan.")

    assert [recipient for kind, recipient in letters() if kind == "withdraw"][:2] == [OFFICER, "deputy@example.org"]


def test_a_letter_to_an_address_that_is_not_confirmed_quotes_nobody(client: FlaskClient, filled: Expression) -> None:
    walking.answer(client, filled, "contact", contact_name="Buy pills at evil dot example")
    client.post(walking.address(filled, "/link"))
    before = db.session.scalars(select(Letter)).one()
    client.post(f"/link/{mailed(filled, OFFICER)}")
    client.post(walking.address(filled, "/link"))
    after = db.session.scalars(select(Letter).order_by(Letter.id.desc())).first()

    assert after is not None
    assert [word in before.body for word in ("Dear colleague", "pills", "Ministry of Connectivity")] == [
        True,
        False,
        False,
    ]
    assert [word in after.body for word in ("Dear Buy pills", "Ministry of Connectivity")] == [True, True]


def test_the_table_itself_refuses_an_unproven_address(expression: Make) -> None:
    draft = expression(State.DRAFT, is_proven=False)

    with pytest.raises(Refused) as refused:
        advance(draft, "submit", actor=APPLICANT, version=draft.version)

    assert [reason.code for reason in refused.value.reasons] == ["address_unproven"]


def test_a_proof_belongs_to_one_expression(client: FlaskClient, filled: Expression, expression: Make) -> None:
    expression(State.SUBMITTED, contact_email=OFFICER)

    assert walking.send(client, filled).status_code == 409


def test_an_expired_link_proves_nothing(client: FlaskClient, filled: Expression) -> None:
    link, token = links.mint(filled.id, OFFICER)
    link.expires_at = now() - timedelta(seconds=1)
    db.session.commit()

    assert client.post(f"/link/{token}").status_code == 404
    assert proofs(filled) == {}
