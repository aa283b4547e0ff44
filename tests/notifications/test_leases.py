"""One letter, one lease: several deliveries at once, dead ones, late ones, and steps taken meanwhile."""

import threading
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text, update
from sqlalchemy.exc import OperationalError

from intake.advance import advance
from intake.extensions import db
from intake.models import LINK, AccessLink, Base, Expression, Letter, LetterStatus
from intake.notifications import deliver, leases, outbox
from intake.notifications.deliver import Delivered
from intake.notifications.recipients import Recipient
from tests.making import APPLICANT, SCREENER, SECRETARIAT
from tests.notifications.conftest import Enqueue, fates, leases_end, only_letter, pauses_end
from tests.smtp import DROP, SmtpSink
from workflows.expression import State
from workflows.workflow import Refused

Make = Callable[..., Expression]


def test_several_deliveries_at_once_send_each_letter_once(app: Flask, smtp: SmtpSink, enqueue: Enqueue) -> None:
    addresses = [f"number{number}@example.org" for number in range(40)]
    enqueue(*addresses)
    together = threading.Barrier(4)

    def work() -> None:
        with app.app_context():
            together.wait()
            while deliver.due(3).handled:
                pass

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert Counter(smtp.recipients) == Counter(addresses)
    assert {status for _, status in fates()} == {"sent"}


def test_what_one_delivery_holds_no_other_takes(smtp: SmtpSink, enqueue: Enqueue) -> None:
    enqueue("one@example.org", "two@example.org")

    first, second, third = leases.claim(1), leases.claim(1), leases.claim(1)

    assert [[letter.recipient for letter in held] for held in (first, second, third)] == [
        ["one@example.org"],
        ["two@example.org"],
        [],
    ]


def test_a_delivery_that_died_loses_its_lease_but_no_letter(smtp: SmtpSink, enqueue: Enqueue) -> None:
    enqueue("one@example.org")
    for _ in range(20):
        leases.claim(1)
        leases_end()

    assert deliver.due() == Delivered(sent=1)

    letter = only_letter()
    assert letter.attempts == 21
    assert [received.message["Message-ID"] for received in smtp.messages] == [letter.message_id]


def test_a_late_delivery_cannot_overwrite_a_newer_lease(enqueue: Enqueue, caplog: pytest.LogCaptureFixture) -> None:
    enqueue("one@example.org")
    (late,) = leases.claim(1)
    leases_end()
    (newer,) = leases.claim(1)

    leases.note_failed(late, "550 no")
    assert fates() == [("one@example.org", "sending")]
    db.session.rollback()
    leases.note_sent(newer, "250 yes")

    letter = only_letter()
    assert (letter.status, letter.answer) == (LetterStatus.SENT, "250 yes")
    assert "another delivery holds it by now" in caplog.text


def test_a_delivery_told_to_stop_gives_back_what_it_has_not_begun(smtp: SmtpSink, enqueue: Enqueue) -> None:
    enqueue("one@example.org", "two@example.org", "three@example.org")
    stop = threading.Event()
    smtp.on_letter = stop.set

    assert deliver.everything_due(stop) == Delivered(sent=1)

    assert fates() == [("one@example.org", "sent"), ("two@example.org", "queued"), ("three@example.org", "queued")]
    assert deliver.everything_due() == Delivered(sent=2)


def test_no_letter_is_begun_when_its_lease_may_end_first(
    smtp: SmtpSink, enqueue: Enqueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    enqueue("one@example.org")
    monkeypatch.setattr(deliver, "MOST_SECONDS", -1)

    assert deliver.due() == Delivered()
    assert (only_letter().status, only_letter().attempts) == (LetterStatus.QUEUED, 0)


def test_an_interruption_leaves_only_the_letter_on_its_way_in_doubt(
    smtp: SmtpSink, enqueue: Enqueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    enqueue("one@example.org", "two@example.org")

    def interrupt(*_letter_and_signer: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(deliver, "envelope", interrupt)
    with pytest.raises(KeyboardInterrupt):
        deliver.due()

    assert fates() == [("one@example.org", "sending"), ("two@example.org", "queued")]


def assigned(make: Make) -> Expression:
    """An expression of which two steps have just been taken, the letters of both due."""
    expression = make(State.SUBMITTED, met=True)
    advance(expression, "screen", actor=SCREENER, version=expression.version)
    advance(expression, "assign", actor=SECRETARIAT, version=expression.version, focus_area="access")
    return expression


def subjects(server: SmtpSink, expression: Expression) -> list[str]:
    """What the applicant has received, in this order."""
    address = expression.contact_email
    return [received.message["Subject"].split(": ")[1] for received in server.messages if received.recipient == address]


def test_letters_about_one_expression_reach_a_recipient_in_their_order(smtp: SmtpSink, expression: Make) -> None:
    rwanda = assigned(expression)
    pauses_end()
    address = rwanda.contact_email
    smtp.refused[address] = "450 come later"
    deliver.everything_due()
    assert [status for recipient, status in fates() if recipient == address] == ["queued", "held"]
    attempts = db.session.scalars(select(Letter.attempts).where(Letter.recipient == address).order_by(Letter.id)).all()
    assert attempts == [1, 0], "the later letter was not even tried"

    del smtp.refused[address]
    pauses_end()
    deliver.everything_due()

    assert subjects(smtp, rwanda) == ["your expression of interest meets the criteria", "your focus area is ACCESS"]


def test_a_failed_letter_holds_nothing_back(smtp: SmtpSink, expression: Make) -> None:
    rwanda = assigned(expression)
    pauses_end()
    address = rwanda.contact_email
    smtp.refused[address] = "550 no"
    deliver.due(1)
    assert (address, "failed") in fates()
    del smtp.refused[address]

    deliver.everything_due()

    assert len(subjects(smtp, rwanda)) == 1


def test_a_new_link_does_not_wait_for_a_held_decision(smtp: SmtpSink, expression: Make) -> None:
    rwanda = expression(State.SUBMITTED, met=True)
    advance(rwanda, "screen", actor=SCREENER, version=rwanda.version)
    outbox.enqueue_link(rwanda, Recipient(rwanda.contact_email))
    db.session.commit()

    deliver.everything_due()

    assert subjects(smtp, rwanda) == ["your link"]


def test_a_step_whose_letter_is_on_its_way_cannot_be_undone(smtp: SmtpSink, expression: Make) -> None:
    rwanda = expression(State.SUBMITTED, met=True)
    advance(rwanda, "screen", actor=SCREENER, version=rwanda.version)
    pauses_end()
    leases.claim(1)

    with pytest.raises(Refused):
        advance(rwanda, "undo", actor=SCREENER, version=rwanda.version)

    assert rwanda.state is State.SCREENED


def test_undo_and_delivery_at_the_same_moment_never_both_win(app: Flask, smtp: SmtpSink, expression: Make) -> None:
    names = []
    for _ in range(8):
        rwanda = expression(State.SUBMITTED, met=True)
        advance(rwanda, "screen", actor=SCREENER, version=rwanda.version)
        names.append((rwanda.id, rwanda.version))
    pauses_end()
    undone: list[int] = []
    together = threading.Barrier(2)

    def undo() -> None:
        with app.app_context():
            together.wait()
            for id, version in names:
                subject = db.session.get_one(Expression, id)
                try:
                    advance(subject, "undo", actor=SCREENER, version=version)
                except Refused:
                    continue
                undone.append(id)

    thread = threading.Thread(target=undo)
    thread.start()
    together.wait()
    while deliver.due(2).handled:
        pass
    thread.join()

    rows = db.session.execute(select(Letter.expression_id, Letter.status)).all()
    for id, _ in names:
        statuses = {status.value for about, status in rows if about == id}
        assert statuses == ({"cancelled"} if id in undone else {"sent"})


def test_a_letter_superseded_on_its_way_is_not_tried_again(smtp: SmtpSink, expression: Make) -> None:
    rwanda = expression(State.SUBMITTED, met=True)
    advance(rwanda, "screen", actor=SCREENER, version=rwanda.version)
    pauses_end()
    (held,) = leases.claim(1)
    advance(rwanda, "decline", actor=SCREENER, version=rwanda.version, **DECISION)

    leases.note_postponed(held, "450 later", keep_link=False)

    statuses = dict(db.session.execute(select(Letter.kind, Letter.status).where(Letter.audience == "applicant")).all())  # type: ignore[arg-type]
    assert statuses == {
        "screen": LetterStatus.SUPERSEDED,
        "decline": LetterStatus.HELD,
    }


def test_a_letter_superseded_on_its_way_waits_again_when_that_is_undone(smtp: SmtpSink, expression: Make) -> None:
    rwanda = expression(State.SUBMITTED, met=True)
    advance(rwanda, "screen", actor=SCREENER, version=rwanda.version)
    pauses_end()
    (held,) = leases.claim(1)
    advance(rwanda, "decline", actor=SCREENER, version=rwanda.version, **DECISION)
    advance(rwanda, "undo", actor=SCREENER, version=rwanda.version)

    leases.note_postponed(held, "450 later", keep_link=False)

    statuses = [status for recipient, status in fates() if recipient == rwanda.contact_email]
    assert statuses == ["queued", "cancelled"]


DECISION = {"criteria": ["commitment"], "reason": "Not shown.", "change": "An example."}


def sent_link(server: SmtpSink) -> str:
    """The token of the link in the newest letter."""
    lines = server.messages[-1].text.split("\n")
    (address,) = [line for line in lines if line.startswith("http://intake.example.org/link/")]
    return address.rpartition("/")[2]


def submitted(make: Make) -> Expression:
    """An expression whose confirmation waits for delivery; the secretariat's letters are left out."""
    expression = make(State.DRAFT)
    outbox.enqueue_link(expression, Recipient(expression.contact_email, expression.contact_name))
    db.session.commit()
    return expression


def everything_stored() -> str:
    """Every value of every table, as text."""
    rows = []
    for table in Base.metadata.sorted_tables:
        rows += [str(row) for row in db.session.execute(text(f'SELECT * FROM "{table.name}"'))]  # noqa: S608
    return "\n".join(rows)


def test_the_link_is_minted_as_the_letter_leaves_and_stored_nowhere(
    smtp: SmtpSink, expression: Make, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    rwanda = submitted(expression)
    assert db.session.query(AccessLink).count() == 0

    deliver.due()

    token = sent_link(smtp)
    link = db.session.scalars(select(AccessLink)).one()
    assert (link.expression_id, link.email, link.letter_id) == (rwanda.id, rwanda.contact_email, only_letter().id)
    assert LINK in only_letter().body
    assert token not in everything_stored()
    assert token not in caplog.text


def test_the_link_opens_the_expression(smtp: SmtpSink, expression: Make) -> None:
    rwanda = submitted(expression)
    deliver.due()

    found = leases.links.find(sent_link(smtp))

    assert found is not None
    assert found.expression_id == rwanda.id


@pytest.mark.parametrize(("answer", "links"), [("450 later", 0), ("550 never", 0), (DROP, 1)])
def test_a_link_lives_on_only_when_somebody_may_have_it(
    smtp: SmtpSink, expression: Make, answer: str, links: int
) -> None:
    submitted(expression)
    smtp.answer("DOT", answer)

    deliver.due()

    assert db.session.query(AccessLink).count() == links


def test_a_server_that_is_away_leaves_no_links(
    app: Flask, smtp: SmtpSink, expression: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    submitted(expression)
    smtp.answer("CONNECT", "421 not now")

    deliver.due()

    assert db.session.query(AccessLink).count() == 0


def test_both_contacts_get_links_of_their_own(smtp: SmtpSink, expression: Make) -> None:
    rwanda = expression(State.DRAFT, second_email="second@example.org", participation_mode="in_person")
    advance(rwanda, "submit", actor=APPLICANT, version=rwanda.version)

    deliver.everything_due()

    emails = db.session.scalars(select(AccessLink.email).order_by(AccessLink.id)).all()
    assert emails == [rwanda.contact_email, "second@example.org"]


def test_no_link_is_minted_for_staff_whatever_the_text_says(smtp: SmtpSink, expression: Make) -> None:
    rwanda = submitted(expression)
    db.session.execute(update(Letter).values(audience="secretariat"))
    db.session.commit()

    deliver.due()

    assert db.session.query(AccessLink).count() == 0
    assert LINK in smtp.messages[0].text
    assert rwanda.reference in smtp.messages[0].message["Subject"]


def test_a_database_that_is_away_for_a_moment_still_learns_what_was_sent(
    smtp: SmtpSink, enqueue: Enqueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    enqueue("one@example.org")
    monkeypatch.setattr(leases, "ASK_AGAIN_SECONDS", 0)
    usual, away = leases._write, [OperationalError("UPDATE", {}, Exception("gone"))] * (leases.TRIES_TO_NOTE - 1)

    def write(letter: leases.Leased, changes: Mapping[str, Any], *, keep_link: bool) -> None:
        if away:
            raise away.pop()
        usual(letter, changes, keep_link=keep_link)

    monkeypatch.setattr(leases, "_write", write)

    assert deliver.due() == Delivered(sent=1)
    assert fates() == [("one@example.org", "sent")]
