"""Several people of one organisation hold links, one is shut out at once, and the contact person changes as a flow."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from intake import contacts, links
from intake.advance import advance
from intake.applicants import linking
from intake.extensions import db
from intake.models import AccessLink, Expression, Holder, Letter, LetterStatus, Revision, now
from intake.notifications import deliver
from tests import making
from tests.applicants import walking
from tests.making import APPLICANT, SCREENER
from tests.smtp import SmtpSink
from workflows.expression import State

Make = Callable[..., Expression]
FIRST, NEXT, ANN = "first@example.org", "next@example.org", "ann@example.org"


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linking, "EQUAL_SECONDS", 0.0)


@pytest.fixture
def mine(client: FlaskClient, expression: Make) -> Expression:
    """An expression that was sent, open in this browser."""
    made = expression(State.SUBMITTED, contact_email=FIRST)
    walking.hold(client, made)
    return made


def mailed(expression: Expression, address: str) -> str:
    """The token of a link that left by mail to an address."""
    _link, token = links.mint(expression.id, address)
    db.session.commit()
    return token


def letters() -> list[tuple[str, str, str]]:
    """Kind, recipient and fate of every letter to applicants."""
    db.session.rollback()
    found = select(Letter.kind, Letter.recipient, Letter.status).where(Letter.audience == "applicant")
    return [(kind, recipient, str(status)) for kind, recipient, status in db.session.execute(found.order_by(Letter.id))]


def add(client: FlaskClient, expression: Expression, address: str, name: str = "") -> int:
    """Fill in the form for one more colleague: the code of the answer."""
    return client.post(walking.address(expression, "/people"), data={"email": address, "name": name}).status_code


def people(client: FlaskClient, expression: Expression) -> str:
    """The page of the list."""
    return client.get(walking.address(expression, "/people")).text


def test_a_colleague_gets_a_link_and_letters_once_it_is_opened(
    app: Flask, client: FlaskClient, mine: Expression
) -> None:
    other = app.test_client()

    assert add(client, mine, "Ann@example.org", "Ann") == 303
    waiting = people(client, mine)
    advance(mine, "withdraw", actor=APPLICANT, version=mine.version, reason="Another plan.")
    other.post(f"/link/{mailed(mine, 'Ann@example.org')}")
    again = walking.by_reference(mine.reference)
    advance(again, "reopen", actor=making.SECRETARIAT, version=again.version, reason="They asked for it.")

    assert ("Ann@example.org" in waiting, "Waits since" in waiting) == (True, True)
    assert "Waits since" not in people(client, mine)
    assert other.get(walking.address(mine)).status_code == 200
    assert [(kind, to) for kind, to, _status in letters()] == [
        ("invite", "Ann@example.org"),
        ("withdraw", FIRST),
        ("reopen", FIRST),
        ("reopen", "Ann@example.org"),
    ]


def test_who_is_removed_is_out_at_once_and_no_letter_on_its_way_lets_them_in_again(
    app: Flask, client: FlaskClient, mine: Expression
) -> None:
    colleague, other = making.colleague_of(mine), app.test_client()
    other.post(f"/link/{mailed(mine, colleague.address)}")
    unused = mailed(mine, colleague.address)
    held = walking.by_reference(mine.reference)
    point = {"points": [{"question": "How many?"}], "due_on": held.decision_due_on}
    advance(held, "request_information", actor=SCREENER, version=held.version, **point)
    where = walking.address(mine, f"/people/{colleague.id}/remove")
    inside = other.get(walking.address(mine)).status_code

    asked, removed = client.get(where), client.post(where)

    assert (inside, asked.status_code, removed.status_code) == (200, 200, 303)
    assert colleague.address not in people(client, mine).replace(f"{colleague.address} can no longer open", "")
    assert other.get(walking.address(mine)).status_code == 403
    assert other.post(f"/link/{unused}").status_code == 404
    assert other.post(f"/link/{mailed(mine, colleague.address)}").status_code == 404
    assert client.get(walking.address(mine)).status_code == 200
    kind = "request_information"
    assert letters() == [(kind, FIRST, "held"), (kind, colleague.address, str(LetterStatus.CANCELLED))]


def test_who_is_removed_and_asks_for_a_link_gets_none_and_can_be_added_again(
    app: Flask, client: FlaskClient, mine: Expression
) -> None:
    colleague = making.colleague_of(mine)
    client.post(walking.address(mine, f"/people/{colleague.id}/remove"))

    client.post("/link", data={"email": colleague.address})
    assert letters() == []
    assert add(client, mine, colleague.address) == 303

    other = app.test_client()
    assert other.post(f"/link/{mailed(mine, colleague.address)}").status_code == 303
    assert other.get(walking.address(mine)).status_code == 200


def test_a_colleague_who_lost_the_link_asks_for_another(client: FlaskClient, mine: Expression) -> None:
    colleague = making.colleague_of(mine)

    client.post("/link", data={"email": colleague.address.upper()})

    assert letters() == [("invite", colleague.address, "queued")]


def test_who_removes_oneself_is_led_out(client: FlaskClient, expression: Make) -> None:
    made = expression(State.SUBMITTED)
    colleague = making.colleague_of(made)
    client.post(f"/link/{mailed(made, colleague.address)}")

    answer = client.post(walking.address(made, f"/people/{colleague.id}/remove"))

    assert (answer.location, client.get(walking.address(made)).status_code) == ("/", 403)


def test_nobody_removes_the_contact_person_or_somebody_of_another_expression(
    client: FlaskClient, mine: Expression, expression: Make
) -> None:
    contact = db.session.scalars(select(Holder.id).where(Holder.expression_id == mine.id)).one()
    stranger = making.colleague_of(expression()).id

    codes = [client.post(walking.address(mine, f"/people/{key}/remove")).status_code for key in (contact, stranger)]

    assert codes == [404, 404]
    assert client.get(walking.address(mine)).status_code == 200


def test_five_colleagues_at_most(client: FlaskClient, mine: Expression) -> None:
    codes = [add(client, mine, f"colleague{number}@example.com") for number in range(6)]

    assert codes == [303] * 5 + [422]
    assert "5 colleagues are added, which is the most." in people(client, mine)


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("", "write the address of the person"),
        ("nobody", "write an address such as"),
        ("FIRST@example.org", "FIRST@example.org is on the list already."),
        ("a@example.org\r\nBcc: b@example.org", "E-mail address: "),
    ],
)
def test_who_cannot_be_added_is_said_in_a_sentence(
    client: FlaskClient, mine: Expression, address: str, said: str
) -> None:
    page = client.post(walking.address(mine, "/people"), data={"email": address, "name": "Ann"})

    assert (page.status_code, said in page.text, 'value="Ann"' in page.text) == (422, True, True)
    assert letters() == []


def test_before_the_contact_address_is_confirmed_nobody_is_added(client: FlaskClient) -> None:
    draft = walking.begin(client)
    walking.answer(client, draft, "contact")

    assert add(client, draft, ANN) == 422
    assert letters() == []


def test_a_mailbox_that_got_many_links_gets_no_more_this_hour(
    client: FlaskClient, mine: Expression, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("intake.applicants.people.may_write_to", lambda mailbox: False)

    page = client.post(walking.address(mine, "/people"), data={"email": ANN})

    assert (page.status_code, f"We have written to {ANN} so often that we pause." in page.text) == (422, True)


def ask(client: FlaskClient, expression: Expression, address: str = NEXT, name: str = "") -> int:
    """Ask for another contact person: the code of the answer."""
    return client.post(walking.address(expression, "/contact"), data={"email": address, "name": name}).status_code


def test_another_contact_person_holds_once_the_link_is_opened(
    app: Flask, client: FlaskClient, mine: Expression
) -> None:
    code = ask(client, mine, name="The next one")
    between = walking.by_reference(mine.reference)
    kept = between.contact_email, between.contact_name
    page, told = people(client, mine), letters()
    opened = app.test_client()
    answer = opened.post(f"/link/{mailed(mine, NEXT)}")

    assert (code, kept) == (303, (FIRST, "Programme officer"))
    assert "Asked for as contact person" in page
    assert told == [("take_over", NEXT, "queued"), ("change_asked", FIRST, "queued")]
    assert "You are the contact person now" in opened.get(answer.location).text
    changed = walking.by_reference(mine.reference)
    assert (changed.contact_email, changed.contact_name, changed.unread) == (NEXT, "The next one", True)
    assert [revision.before["contact_email"] for revision in db.session.scalars(select(Revision))] == [FIRST]
    assert client.get(walking.address(mine)).status_code == 403
    assert client.post(f"/link/{mailed(mine, FIRST)}").status_code == 404


def test_until_then_letters_go_to_the_old_address_and_held_ones_follow_the_change(
    client: FlaskClient, mine: Expression
) -> None:
    ask(client, mine)
    mine = walking.by_reference(mine.reference)
    point = {"points": [{"question": "How many?"}], "due_on": mine.decision_due_on}
    advance(mine, "request_information", actor=SCREENER, version=mine.version, **point)
    before = letters()[-1]

    client.post(f"/link/{mailed(mine, NEXT)}")

    assert before == ("request_information", FIRST, "held")
    assert letters()[-1] == ("request_information", NEXT, "held")


def test_the_old_contact_person_can_stop_it_by_the_link_in_the_letter(
    app: Flask, client: FlaskClient, mine: Expression, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(client, mine)
    with SmtpSink() as smtp:
        for name, value in {"MAIL_SERVER": smtp.host, "MAIL_PORT": smtp.port}.items():
            monkeypatch.setitem(app.config, name, value)
        deliver.everything_due()
        (warning,) = [each for each in smtp.messages if each.recipient == FIRST]
        (offer,) = [each for each in smtp.messages if each.recipient == NEXT]
    assert NEXT in warning.text
    assert mine.organisation_name not in offer.text
    other = app.test_client()
    other.post(_path(warning.text))

    stopped = other.post(walking.address(mine, "/contact/kept"))

    assert stopped.status_code == 303
    assert app.test_client().post(_path(offer.text)).status_code == 404
    assert walking.by_reference(mine.reference).contact_email == FIRST
    assert client.post(walking.address(mine, "/contact/kept")).status_code == 303


def _path(text: str) -> str:
    """The path of the link in a letter."""
    return "/link/" + text.partition("/link/")[2].split()[0]


def test_a_second_ask_replaces_the_first(client: FlaskClient, mine: Expression) -> None:
    first = [ask(client, mine, "wrong@example.org"), mailed(mine, "wrong@example.org")]
    ask(client, mine)

    assert client.post(f"/link/{first[1]}").status_code == 404
    asked = contacts.next_contact(walking.by_reference(mine.reference))
    assert asked is not None
    assert asked.address == NEXT


def test_a_colleague_becomes_the_contact_person_by_a_new_link_alone(
    app: Flask, client: FlaskClient, mine: Expression
) -> None:
    colleague = making.colleague_of(mine)
    old = mailed(mine, colleague.address)
    earlier = db.session.scalars(select(AccessLink).order_by(AccessLink.id.desc())).first()
    assert earlier is not None
    earlier.created_at = now().replace(year=2020)
    db.session.commit()
    ask(client, mine, colleague.address)
    other = app.test_client()

    other.post(f"/link/{old}")
    between = walking.by_reference(mine.reference).contact_email
    other.post(f"/link/{mailed(mine, colleague.address)}")

    assert (between, walking.by_reference(mine.reference).contact_email) == (FIRST, colleague.address)
    assert "Colleague" not in people(other, mine)


def test_the_step_of_the_form_asks_in_the_same_way_after_sending(client: FlaskClient, mine: Expression) -> None:
    answer = walking.answer(client, mine, "contact", contact_name="The next one", contact_email=NEXT)

    stored = walking.by_reference(mine.reference)
    assert (stored.contact_email, stored.contact_name, stored.contact_title) == (FIRST, "Programme officer", "Officer")
    assert f"Until it is opened our letters go to {FIRST}." in client.get(answer.location).text
    client.post(f"/link/{mailed(stored, NEXT)}")
    stored = walking.by_reference(mine.reference)
    assert (stored.contact_email, stored.contact_name) == (NEXT, "The next one")


def test_the_contact_of_a_draft_is_a_step_of_the_form(client: FlaskClient) -> None:
    draft = walking.begin(client)

    answers = [client.get(walking.address(draft, "/contact")), client.post(walking.address(draft, "/contact"))]

    assert {answer.location for answer in answers} == {walking.address(draft, "/answers/contact")}


@pytest.mark.parametrize("address", ["", "nobody", "First@example.org"])
def test_what_is_no_other_address_changes_nothing(client: FlaskClient, mine: Expression, address: str) -> None:
    assert ask(client, mine, address) == 422
    assert letters() == []


def test_erasure_takes_the_people_along(client: FlaskClient, mine: Expression) -> None:
    making.colleague_of(mine)
    advance(mine, "request_erasure", actor=APPLICANT, version=mine.version)
    advance(mine, "erase", actor=making.SECRETARIAT, version=mine.version)

    assert db.session.scalars(select(Holder)).all() == []
