"""Letters that come back: which reports mark a letter, who is told, and what a forged one can do."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from intake.extensions import db
from intake.inbound.receiving import NotYet
from intake.models import Expression, Kind, Letter, LetterStatus
from intake.notifications import outbox
from intake.notifications.recipients import Recipient
from tests.inbound import notices
from tests.inbound.conftest import Send, letters, mail, received
from workflows.expression import State
from workflows.people import Role

MakeLetter = Callable[..., Letter]
TOLD = ("bounce", "secretariat", "secretariat@example.org")
TEST = ("test", "secretariat", "applicant@example.org")


def fate(letter: Letter) -> tuple[LetterStatus, str]:
    """Status and server's words, as the database has them now."""
    db.session.expire_all()
    return letter.status, letter.answer


@pytest.mark.parametrize(
    ("notice", "words"),
    [
        (notices.postfix, "5.1.1 550 5.1.1 no such person"),
        (notices.exchange, "5.7.1 550 5.7.1 the mailbox takes mail of colleagues only"),
        (notices.exim, "550 Unrouteable address"),
    ],
)
def test_a_letter_that_comes_back_is_marked_and_the_secretariat_told(
    send: Send, sent_letter: MakeLetter, notice: Callable[[Letter], bytes], words: str
) -> None:
    letter = sent_letter()

    row = send(notice(letter))

    assert (row.kind, row.letter_id, row.reason) == (
        Kind.BOUNCE,
        letter.id,
        f"A letter could not be delivered: {words}",
    )
    assert fate(letter) == (LetterStatus.BOUNCED, words)
    assert letters() == [TEST, TOLD]


def test_the_letter_to_the_secretariat_says_which_letter_and_where(send: Send, sent_letter: MakeLetter) -> None:
    letter = sent_letter()

    send(notices.postfix(letter))

    told = db.session.scalars(select(Letter).where(Letter.kind == "bounce")).one()
    assert told.subject == "A letter came back: A letter"
    assert told.body.startswith(
        "A letter could not be delivered and came back.\n\nTo: applicant@example.org\nSubject: A letter\n"
        "The mail system says: 5.1.1 550 5.1.1 no such person\n\n"
    )
    assert f"http://intake.example.org/staff/outbox/{letter.id}" in told.body


def test_the_same_failure_reported_twice_is_told_once(send: Send, sent_letter: MakeLetter) -> None:
    letter = sent_letter()

    send(notices.postfix(letter))
    send(notices.exim(letter))

    assert [row.kind for row in received()] == [Kind.BOUNCE, Kind.BOUNCE]
    assert letters() == [TEST, TOLD]


@pytest.mark.parametrize(
    "notice",
    [
        lambda letter: notices.postfix(letter, action="delayed", status="4.4.1"),
        lambda letter: notices.postfix(letter, action="relayed", status="2.0.0"),
        notices.exim_warning,
    ],
    ids=["delayed", "relayed", "warning in words"],
)
def test_a_delay_marks_nothing(send: Send, sent_letter: MakeLetter, notice: Callable[[Letter], bytes]) -> None:
    letter = sent_letter()

    row = send(notice(letter))

    assert (row.kind, row.letter_id) == (Kind.BOUNCE, letter.id)
    assert fate(letter) == (LetterStatus.SENT, "")
    assert letters() == [TEST]


@pytest.mark.parametrize("status", sorted(set(LetterStatus) - {LetterStatus.SENT, LetterStatus.SENDING}))
def test_only_a_letter_that_left_comes_back(send: Send, sent_letter: MakeLetter, status: LetterStatus) -> None:
    letter = sent_letter(status=status)

    send(notices.postfix(letter))

    assert fate(letter) == (status, "")
    assert letters() == [TEST]


def test_a_report_that_is_faster_than_our_own_books_is_given_again(send: Send, sent_letter: MakeLetter) -> None:
    letter = sent_letter(status=LetterStatus.SENDING)

    with pytest.raises(NotYet):
        send(notices.postfix(letter))
    assert received() == []
    letter.status = LetterStatus.SENT
    db.session.commit()
    send(notices.postfix(letter))

    assert fate(letter)[0] is LetterStatus.BOUNCED
    assert letters() == [TEST, TOLD]


def test_a_report_about_another_recipient_marks_nothing(send: Send, sent_letter: MakeLetter) -> None:
    letter = sent_letter()

    row = send(notices.postfix(letter, recipient="somebody.else@example.org"))

    assert (row.kind, row.letter_id) == (Kind.AUTOMATIC, None)
    assert fate(letter) == (LetterStatus.SENT, "")


def test_a_report_without_one_of_our_message_ids_is_kept_and_marks_nothing(send: Send, sent_letter: MakeLetter) -> None:
    letter = sent_letter()
    forged = notices.postfix(letter).replace(letter.message_id.encode(), b"<00000000@example.org>")

    row = send(forged)

    assert (row.kind, row.reason) == (
        Kind.AUTOMATIC,
        "It says that a machine wrote it (Auto-Submitted: auto-replied).",
    )
    assert fate(letter) == (LetterStatus.SENT, "")
    assert letters() == [TEST]


def test_who_answers_as_a_person_cannot_mark_a_letter(send: Send, sent_letter: MakeLetter) -> None:
    letter = sent_letter()

    send(
        mail(
            f"Your letter to {letter.recipient} failed: 550 5.1.1\n{letter.message_id}\n",
            In_Reply_To=letter.message_id,
        )
    )

    assert fate(letter) == (LetterStatus.SENT, "")


def test_a_forged_bounce_changes_nothing_but_its_letter(
    send: Send, expression: Callable[..., Expression], sent_letter: MakeLetter
) -> None:
    ours = expression(State.CONFIRMED)
    before = (ours.state, ours.version, ours.contact_email)
    outbox.enqueue_link(ours, Recipient(ours.contact_email))
    letter = db.session.scalars(select(Letter).where(Letter.kind == "link")).one()
    letter.status = LetterStatus.SENT
    db.session.commit()

    send(notices.postfix(letter))

    db.session.expire_all()
    assert (ours.state, ours.version, ours.contact_email) == before
    assert len(ours.history) == 0


def test_a_letter_about_a_bounce_that_bounces_is_told_to_nobody(send: Send, sent_letter: MakeLetter) -> None:
    send(notices.postfix(sent_letter()))
    told = db.session.scalars(select(Letter).where(Letter.kind == "bounce")).one()
    told.status = LetterStatus.SENT
    db.session.commit()

    send(notices.postfix(told))

    assert fate(told)[0] is LetterStatus.BOUNCED
    assert letters() == [TEST, TOLD]


def test_an_address_beyond_ascii_is_known_in_either_spelling(send: Send, sent_letter: MakeLetter) -> None:
    letter = sent_letter("office@münchen.example.org")

    send(notices.postfix(letter, recipient="office@xn--mnchen-3ya.example.org"))

    assert fate(letter)[0] is LetterStatus.BOUNCED


def test_the_pages_say_that_a_letter_came_back(
    send: Send, sent_letter: MakeLetter, sign_in: Callable[[Any], Any]
) -> None:
    letter = sent_letter()
    send(notices.postfix(letter))
    browser = sign_in(Role.SECRETARIAT)

    page = browser.get(f"/staff/outbox/{letter.id}").get_data(as_text=True)
    listed = browser.get("/staff/outbox?status=bounced").get_data(as_text=True)

    assert "It came back undelivered" in page
    assert "5.1.1 550 5.1.1 no such person" in page
    assert "applicant@example.org" in listed
