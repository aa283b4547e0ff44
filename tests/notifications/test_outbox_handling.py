"""What staff do to one letter by hand: hold, edit, release, cancel, resend; who did it, and who comes too late."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from intake import asking
from intake.advance import advance
from intake.extensions import db
from intake.models import LINK, Expression, Letter, LetterAction, LetterEvent, LetterStatus, now
from intake.notifications import deliver, handling, leases, outbox
from tests import making
from tests.making import SCREENER, SECRETARIAT
from tests.notifications.conftest import Enqueue, fates, only_letter, pauses_end
from tests.smtp import SmtpSink
from workflows.expression import State
from workflows.people import Audience
from workflows.workflow import Refused

Make = Callable[..., Expression]
FIRST = 1
"""The mark of a letter that nobody has touched."""


@pytest.fixture
def told(expression: Make) -> Expression:
    """An expression whose screening is told to its applicant and to the secretariat, both letters held."""
    ghana = expression(State.SUBMITTED, met=True)
    advance(ghana, "screen", actor=SCREENER, version=ghana.version)
    return ghana


def of(ghana: Expression, audience: Audience = Audience.APPLICANT) -> Letter:
    """The letter of the last step to an audience, locked."""
    id = db.session.scalar(
        select(func.max(Letter.id)).where(Letter.expression_id == ghana.id, Letter.audience == audience)
    )
    letter = handling.locked(id or 0)
    assert letter is not None
    return letter


def done(letter: Letter, do: Callable[..., Any], *words: Any, **more: Any) -> None:
    """Handle a letter as it stands, and commit."""
    do(letter, *words, by=SECRETARIAT, seen=handling.mark(letter), **more)
    db.session.commit()


def refusal(letter: Letter, do: Callable[..., Any], *words: Any, seen: int = FIRST, **more: Any) -> list[str]:
    """The codes of the reasons for which handling is refused."""
    with pytest.raises(Refused) as refused:
        do(letter, *words, by=SECRETARIAT, seen=seen, **more)
    db.session.rollback()
    return [reason.code for reason in refused.value.reasons]


def events(letter: Letter) -> list[tuple[str, str, str]]:
    """What was done to a letter by hand, oldest first."""
    return [(each.action.value, each.actor_name, each.reason) for each in reversed(handling.events(letter))]


def test_a_letter_that_is_kept_back_never_leaves_by_itself(told: Expression, smtp: SmtpSink) -> None:
    done(of(told), handling.hold)
    pauses_end()

    deliver.everything_due()

    assert smtp.recipients == ["secretariat@example.org"]
    assert (of(told).status, of(told).kept_back) == (LetterStatus.HELD, True)
    assert events(of(told)) == [("held", "The secretariat", "")]


def test_a_letter_that_waits_to_be_sent_can_be_kept_back_too(smtp: SmtpSink, enqueue: Enqueue) -> None:
    enqueue("one@example.org")
    done(only_letter(), handling.hold)

    deliver.everything_due()

    assert (smtp.recipients, fates()) == ([], [("one@example.org", "held")])
    assert outbox.oldest_waiting() is None


def test_a_released_letter_leaves_at_once_or_when_it_is_due(told: Expression, smtp: SmtpSink) -> None:
    done(of(told), handling.hold)
    done(of(told, Audience.SECRETARIAT), handling.hold)
    done(of(told), handling.release, at_once=True)
    done(of(told, Audience.SECRETARIAT), handling.release, at_once=False)

    deliver.everything_due()

    assert smtp.recipients == [told.contact_email]
    assert [status for _recipient, status in fates()] == ["sent", "held"]
    pauses_end()
    deliver.everything_due()
    assert [status for _recipient, status in fates()] == ["sent", "sent"]


def test_a_letter_kept_back_for_a_week_is_not_given_up_at_its_first_attempt(told: Expression) -> None:
    letter = of(told)
    letter.tried_since = now() - timedelta(days=7)
    done(letter, handling.hold)
    done(of(told), handling.release, at_once=True)

    assert now() - of(told).tried_since < timedelta(minutes=1)


def test_later_letters_to_the_same_recipient_wait_behind_one_that_is_kept_back(
    told: Expression, smtp: SmtpSink
) -> None:
    done(of(told), handling.hold)
    advance(told, "assign", actor=SECRETARIAT, version=told.version, focus_area="access")
    pauses_end()
    deliver.everything_due()

    later = of(told)
    first = handling.in_front(later)
    assert told.contact_email not in smtp.recipients
    assert first is not None
    assert (first.kind, later.kind) == ("screen", "assign")


def test_an_undo_cancels_what_is_kept_back(told: Expression) -> None:
    done(of(told), handling.hold)
    pauses_end()

    advance(told, "undo", actor=SCREENER, version=told.version)

    assert told.state is State.SUBMITTED
    assert [(letter.status.value, letter.kept_back) for letter in told.letters] == [("cancelled", False)] * 2


def test_letters_cancelled_by_hand_do_not_stand_in_the_way_of_an_undo(told: Expression) -> None:
    done(of(told), handling.cancel, "It names the wrong ministry.")

    advance(told, "undo", actor=SCREENER, version=told.version)

    assert told.state is State.SUBMITTED


def test_a_kept_back_letter_that_a_server_was_asked_to_take_does(told: Expression) -> None:
    letter = of(told)
    letter.attempts = 1
    done(letter, handling.hold)

    with pytest.raises(Refused):
        advance(told, "undo", actor=SCREENER, version=told.version)


def test_a_later_step_replaces_what_is_kept_back(told: Expression) -> None:
    done(of(told), handling.hold)

    advance(told, "withdraw", actor=SECRETARIAT, version=told.version, reason="They asked for it.")

    assert [letter.status.value for letter in told.letters if letter.kind == "screen"] == ["superseded"] * 2


def test_a_cancelled_letter_keeps_the_reason_and_never_leaves(told: Expression, smtp: SmtpSink) -> None:
    assert refusal(of(told), handling.cancel, "  ") == ["unreasoned"]
    done(of(told), handling.cancel, "It names the wrong ministry.")
    pauses_end()

    deliver.everything_due()

    assert events(of(told)) == [("cancelled", "The secretariat", "It names the wrong ministry.")]
    assert smtp.recipients == ["secretariat@example.org"]
    assert refusal(of(told), handling.release, at_once=True, seen=handling.mark(of(told))) == ["cancelled"]


def test_an_edit_changes_one_letter_and_keeps_what_it_said(told: Expression, smtp: SmtpSink) -> None:
    before = {"subject": of(told).subject, "body": of(told).body}
    done(of(told), handling.edit, "Better", f"Dear all,\n{LINK}")
    pauses_end()

    deliver.everything_due()

    received = next(each for each in smtp.messages if told.contact_email in each.message["To"])
    assert received.message["Subject"] == "Better"
    assert received.text.startswith("Dear all,\nhttp://intake.example.org/link/")
    assert [(each.action, each.before) for each in handling.events(of(told))] == [(LetterAction.EDITED, before)]


@pytest.mark.parametrize(
    ("subject", "body", "code"),
    [
        ("", f"x\n{LINK}", "no_words"),
        ("a\r\nBcc: b@example.org", f"x\n{LINK}", "no_words"),
        ("a\u2028b", f"x\n{LINK}", "no_words"),
        ("a\x00b", f"x\n{LINK}", "no_words"),
        ("x" * 301, f"x\n{LINK}", "no_words"),
        ("x", "no link", "link_gone"),
        ("x", f"two\n{LINK}\n{LINK}", "link_gone"),
        ("x", f"in words {LINK}", "link_gone"),
        ("x", f"in words {LINK}\n{LINK}", "link_gone"),
        (f"x {LINK}", f"x\n{LINK}", "link_gone"),
    ],
)
def test_an_edit_without_words_or_with_a_broken_link_is_refused(
    told: Expression, subject: str, body: str, code: str
) -> None:
    before = of(told).body

    assert refusal(of(told), handling.edit, subject, body) == [code]
    assert (of(told).body, events(of(told))) == (before, [])


def test_a_letter_without_a_link_gets_none_by_an_edit(told: Expression) -> None:
    assert refusal(of(told, Audience.SECRETARIAT), handling.edit, "x", f"x\n{LINK}") == ["no_link"]


def test_the_same_words_are_no_edit(told: Expression) -> None:
    assert refusal(of(told), handling.edit, of(told).subject, of(told).body) == ["unchanged"]


@pytest.mark.parametrize(
    ("status", "code"),
    [
        ("queued", "not_held"),
        ("sending", "sending"),
        ("sent", "sent"),
        ("failed", "failed"),
        ("superseded", "superseded"),
    ],
)
def test_only_a_held_letter_is_edited(told: Expression, status: str, code: str) -> None:
    of(told).status = LetterStatus(status)
    db.session.commit()

    assert refusal(of(told), handling.edit, "x", LINK) == [code]


def test_whoever_saw_an_older_letter_is_told(told: Expression) -> None:
    done(of(told), handling.hold)

    assert refusal(of(told), handling.edit, "x", LINK) == ["handled"]
    assert refusal(of(told), handling.hold) == ["handled"]
    assert refusal(of(told), handling.hold, seen=handling.mark(of(told))) == ["is_kept"]


def test_what_nobody_holds_cannot_be_released(enqueue: Enqueue) -> None:
    enqueue("one@example.org")

    assert refusal(only_letter(), handling.release, at_once=True) == ["on_its_way"]


def test_a_copy_of_a_sent_letter_is_a_letter_of_its_own(told: Expression, smtp: SmtpSink) -> None:
    pauses_end()
    deliver.everything_due()
    assert refusal(of(told), handling.resend, as_copy=False) == ["was_sent"]

    original = of(told)
    copy = handling.resend(original, as_copy=True, by=SECRETARIAT, seen=handling.mark(original))
    db.session.commit()
    deliver.everything_due()

    sent = [each.message["Message-ID"] for each in smtp.messages if told.contact_email in each.message["To"]]
    assert sent == [original.message_id, copy.message_id]
    assert len(set(sent)) == 2
    assert (copy.step_id, copy.body, copy.status) == (None, original.body, LetterStatus.SENT)
    assert [each.before for each in handling.events(original)] == [{"copy": copy.id}]
    assert [each.before for each in handling.events(copy)] == [{"original": original.id}]
    assert refusal(original, handling.resend, as_copy=True) == ["handled"]


def test_an_edit_while_a_delivery_claims_is_whole_or_refused(app: Flask, expression: Make, smtp: SmtpSink) -> None:
    letters = []
    for number in range(12):
        ghana = expression(State.SUBMITTED, met=True, organisation_name=f"Ministry {number}")
        advance(ghana, "screen", actor=SCREENER, version=ghana.version)
        letters.append(of(ghana).id)
    pauses_end()
    db.session.commit()
    together, answers = threading.Barrier(2), {}

    def edit() -> None:
        with app.app_context():
            together.wait()
            for id in letters:
                letter = handling.locked(id)
                assert letter is not None
                try:
                    handling.edit(letter, f"Edited {id}", f"Edited {id}\n{LINK}", by=SECRETARIAT, seen=FIRST)
                    db.session.commit()
                    answers[id] = "edited"
                except Refused as refused:
                    db.session.rollback()
                    answers[id] = refused.reasons[0].code

    def send() -> None:
        with app.app_context():
            together.wait()
            while deliver.due(2).handled:
                pass

    threads = [threading.Thread(target=edit), threading.Thread(target=send)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    db.session.rollback()
    deliver.everything_due()
    received = {each.message["Message-ID"]: each for each in smtp.messages}
    for id in letters:
        letter = db.session.get_one(Letter, id)
        arrived = received[letter.message_id]
        was_edited = answers[id] == "edited"
        assert answers[id] in {"edited", "sending", "sent"}
        assert (arrived.message["Subject"] == f"Edited {id}", arrived.text.startswith(f"Edited {id}\n")) == (
            was_edited,
            was_edited,
        )


def test_of_two_hands_on_one_letter_one_is_told(app: Flask, told: Expression) -> None:
    id = of(told).id
    db.session.commit()
    together, answers = threading.Barrier(2), []

    def work(do: Callable[..., None], *words: str) -> None:
        with app.app_context():
            together.wait()
            letter = handling.locked(id)
            assert letter is not None
            try:
                do(letter, *words, by=SECRETARIAT, seen=FIRST)
                db.session.commit()
                answers.append("done")
            except Refused as refused:
                db.session.rollback()
                answers.append(refused.reasons[0].code)

    threads = [
        threading.Thread(target=work, args=(handling.hold,)),
        threading.Thread(target=work, args=(handling.cancel, "Wrong.")),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert "done" in answers
    assert set(answers) <= {"done", "handled", "cancelled"}
    assert len(answers) == 2
    assert answers.count("done") == 1
    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(LetterEvent)) == 1


def test_a_claim_and_a_hold_end_with_one_of_them(told: Expression) -> None:
    pauses_end()
    claimed = leases.claim(10)

    assert refusal(of(told), handling.hold) == ["sending"]
    assert {each.recipient for each in claimed} == {told.contact_email, "secretariat@example.org"}


def test_a_copy_of_a_letter_about_an_enquiry_stays_with_it(app: Flask, smtp: SmtpSink) -> None:
    asked = making.enquiry()
    deliver.everything_due()
    original = handling.locked(db.session.scalar(select(func.min(Letter.id))) or 0)
    assert original is not None

    copy = handling.resend(original, as_copy=True, by=SECRETARIAT, seen=FIRST)
    db.session.commit()

    assert (original.status, copy.enquiry_id, copy.expression_id) == (LetterStatus.SENT, asked.id, None)


def test_a_letter_about_an_enquiry_waits_for_the_earlier_one_to_the_same_recipient(app: Flask) -> None:
    asked = making.enquiry()
    asking.ask_more(asked, question="And an association of users?", actor=making.ENQUIRER)
    db.session.commit()
    to_secretariat = select(Letter).where(Letter.audience == Audience.SECRETARIAT).order_by(Letter.id)

    first, second = db.session.scalars(to_secretariat).all()

    assert (handling.in_front(first), handling.in_front(second)) == (None, first)
