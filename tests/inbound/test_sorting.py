"""What mail is for: questions, answers, machines; who is answered, how often, and what no mail can do."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from intake.extensions import db
from intake.inbound import limits
from intake.models import Enquiry, Expression, Kind, Letter, LetterStatus, LetterText, ReceivedMessage, User
from intake.notifications import outbox
from intake.notifications.recipients import Recipient
from tests.inbound.conftest import ENQUIRER, Send, letters, received
from workflows.enquiry import State as EnquiryState
from workflows.expression import State
from workflows.people import Audience, Role

INFORMATION_REQUEST = "=?utf-8?q?Partner2Connect_Digital_Coalition_=E2=80=93_Information_Request?="
ACKNOWLEDGED = [("ask", "enquirer", ENQUIRER), ("ask", "secretariat", "secretariat@example.org")]
UNANSWERED = ACKNOWLEDGED[1:]


def enquiries() -> list[tuple[str, str, str, bool]]:
    """Address, subject, question and silence of every enquiry."""
    db.session.rollback()
    rows = db.session.scalars(select(Enquiry).order_by(Enquiry.id))
    return [(each.email, each.subject, each.question, each.silent) for each in rows]


@pytest.mark.parametrize(
    ("subject", "read"),
    [
        (INFORMATION_REQUEST, "Partner2Connect Digital Coalition – Information Request"),
        ("How does one join?", "How does one join?"),
        ("", "(no subject)"),
    ],
)
def test_a_question_opens_an_enquiry_and_is_acknowledged(send: Send, subject: str, read: str) -> None:
    row = send(subject=subject, text="Who may join?\n")

    assert enquiries() == [(ENQUIRER, read, "Who may join?", False)]
    assert letters() == ACKNOWLEDGED
    assert (row.kind, row.enquiry_id) == (Kind.ENQUIRY, db.session.scalars(select(Enquiry.id)).one())


def test_the_same_mail_is_taken_once(send: Send) -> None:
    first = send(Message_ID="<one@example.org>", text="A question.\n")
    again = send(Message_ID=" <one@example.org>", text="A question.\n", Received="from a relay")
    unnamed = [send(text="Without a name.\n", subject="Twice").id for _ in range(2)]

    assert again.id == first.id
    assert len(set(unnamed)) == 1
    assert [row.subject for row in received()] == ["A question", "Twice"]


MACHINES = {
    "Auto-Submitted": {"Auto_Submitted": "auto-replied (vacation)"},
    "out of office": {"Auto_Submitted": "auto-generated", "X_Auto_Response_Suppress": "All", "subject": "Away"},
    "Precedence bulk": {"Precedence": "bulk"},
    "Precedence junk": {"Precedence": "JUNK"},
    "a list": {"List_Id": "Announcements <announce.example.org>"},
    "a newsletter": {"List_Unsubscribe": "<https://example.org/leave>"},
    "no return path": {"Return_Path": "<>"},
    "mail system": {"sender": "MAILER-DAEMON@example.org"},
    "postmaster": {"sender": "Postmaster <postmaster@example.org>"},
    "nobody reads": {"sender": "No reply <no-reply@example.org>"},
    "do not reply": {"sender": "donotreply@example.org"},
    "list owner": {"sender": "announce-bounces@example.org"},
    "ourselves": {"sender": "INTAKE@example.org"},
    "where staff read": {"sender": "secretariat@example.org"},
    "a loop": {"X_Loop": "secretariat@example.org"},
    "absence by its subject": {"subject": "Automatic reply: your letter"},
    "réponse automatique": {"subject": "=?utf-8?q?R=C3=A9ponse_automatique=C2=A0=3A_absence?="},
}


@pytest.mark.parametrize("written", MACHINES.values(), ids=MACHINES)
def test_a_machine_is_kept_and_never_answered(send: Send, written: dict[str, Any]) -> None:
    row = send(**written)

    assert row.kind is Kind.AUTOMATIC
    assert row.reason.endswith(".")
    assert (enquiries(), letters()) == ([], [])


def test_a_person_who_says_that_no_machine_wrote_is_answered(send: Send) -> None:
    send(Auto_Submitted="no", Return_Path=f"<{ENQUIRER}>", Precedence="normal")

    assert letters() == ACKNOWLEDGED


def test_who_asks_for_no_automatic_answer_gets_none_but_is_read(send: Send) -> None:
    row = send(X_Auto_Response_Suppress="OOF, AutoReply")

    assert row.kind is Kind.ENQUIRY
    assert letters() == UNANSWERED


def test_an_address_gets_one_automatic_answer_a_day(send: Send, monkeypatch: pytest.MonkeyPatch) -> None:
    send(subject="First")
    second = send(subject="Second", sender=ENQUIRER.upper())
    drafted = send(subject="Expression of interest")
    monkeypatch.setattr(limits, "DAY", limits.DAY * 0)
    send(subject="The next day")

    answered = [recipient for _kind, audience, recipient in letters() if audience != "secretariat"]
    assert answered == [ENQUIRER, ENQUIRER]
    assert [(row.kind, row.subject) for row in received()] == [
        (Kind.ENQUIRY, "First"),
        (Kind.ENQUIRY, "Second"),
        (Kind.ENQUIRY, "Expression of interest"),
        (Kind.ENQUIRY, "The next day"),
    ]
    assert "has had an automatic answer within a day" in second.reason
    assert "no draft was made" in drafted.reason


def test_so_many_forged_senders_are_no_longer_answered(send: Send, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_ANSWERS", 2)
    for number in range(3):
        send(sender=f"person{number}@example.org", subject=f"Question {number}")

    assert [recipient for _kind, audience, recipient in letters() if audience == "enquirer"] == [
        "person0@example.org",
        "person1@example.org",
    ]


def test_an_address_that_floods_opens_nothing_more(send: Send, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_FROM_ONE", 2)
    kinds = [send(subject=f"Question {number}").kind for number in range(3)]

    assert kinds == [Kind.ENQUIRY, Kind.ENQUIRY, Kind.QUARANTINED]
    assert len(enquiries()) == 2


def test_what_the_enquirer_adds_goes_on_in_the_enquiry(send: Send) -> None:
    first = send(subject="First", text="What is it?\n")
    acknowledgement = db.session.scalars(select(Letter).where(Letter.audience == "enquirer")).one()

    by_letter = send(subject="Re: yours", text="And where?\n", In_Reply_To=acknowledgement.message_id)
    reference = db.session.scalars(select(Enquiry.reference)).one()
    by_reference = send(subject=f"re: {reference.lower()}", text="And when?\n")

    assert (by_letter.enquiry_id, by_reference.enquiry_id) == (first.enquiry_id, first.enquiry_id)
    enquiry = db.session.scalars(select(Enquiry)).one()
    assert [(entry.trigger, entry.facts) for entry in enquiry.history] == [
        ("ask", {"question": "What is it?"}),
        ("ask_further", {"question": "And where?"}),
        ("ask_further", {"question": "And when?"}),
    ]
    assert [recipient for _kind, audience, recipient in letters() if audience == "enquirer"] == [ENQUIRER]


def test_a_stranger_adds_nothing_to_an_enquiry(send: Send) -> None:
    send(subject="First", text="What is it?\n")
    reference = db.session.scalars(select(Enquiry.reference)).one()

    row = send(sender="stranger@example.org", subject=f"Re: {reference}", text="Close it.\n")

    enquiry = db.session.scalars(select(Enquiry)).one()
    assert (row.kind, row.enquiry_id) == (Kind.ANSWER, enquiry.id)
    assert (enquiry.state, len(enquiry.history)) == (EnquiryState.OPEN, 1)
    assert row.reason == "Its subject names the reference, from another address than that of whoever asked."
    assert letters() == [*ACKNOWLEDGED, ("received", "secretariat", "secretariat@example.org")]


def linked(expression: Expression) -> Letter:
    """The letter with a link that an applicant has had."""
    outbox.enqueue_link(expression, Recipient(expression.contact_email))
    letter = db.session.scalars(select(Letter).where(Letter.kind == "link")).one()
    letter.status = LetterStatus.SENT
    db.session.commit()
    return letter


def test_an_answer_lands_on_its_expression_and_changes_nothing(
    send: Send, expression: Callable[..., Expression], account: Callable[[Role], User]
) -> None:
    screener = account(Role.SCREENER)
    ours = expression(State.SUBMITTED, screener_id=screener.id)
    before = (ours.state, ours.version, ours.updated_at, ours.contact_email)
    letter = linked(ours)

    row = send(sender=ours.contact_email, subject="Re: your link", text="SECRET WORDS\n", References=letter.message_id)

    db.session.expire_all()
    assert (row.kind, row.expression_id, row.letter_id) == (Kind.ANSWER, ours.id, letter.id)
    assert row.reason == "It answers one of our letters, from an address of this expression."
    assert (ours.state, ours.version, ours.updated_at, ours.contact_email) == before
    assert (ours.unread, len(ours.history)) == (True, 0)
    told = db.session.scalars(select(Letter).where(Letter.kind == "received").order_by(Letter.id)).all()
    assert [each.recipient for each in told] == ["secretariat@example.org", screener.email]
    assert [each.subject for each in told] == [f"Mail about {ours.reference}"] * 2
    assert not [each for each in told if "SECRET" in each.body or ours.contact_email in each.body]
    assert f"http://intake.example.org/staff/expressions/{ours.reference}#mail" in told[0].body


def test_a_forged_sender_changes_and_learns_nothing(send: Send, expression: Callable[..., Expression]) -> None:
    ours = expression(State.RETURNED)

    row = send(sender="forger@example.org", subject=f"Withdraw {ours.reference}", text="We withdraw.\n")

    db.session.expire_all()
    assert (row.kind, row.expression_id) == (Kind.ANSWER, ours.id)
    assert row.reason == "Its subject names the reference, from an address that is not of this expression."
    assert (ours.state, len(ours.history), ours.points[0]["answer"]) == (State.RETURNED, 0, "")
    assert letters() == [("received", "secretariat", "secretariat@example.org")]


def test_a_reference_that_nothing_has_is_a_question(send: Send) -> None:
    row = send(subject="About P2C-0000-0000", text="Where does it stand?\n")

    assert (row.kind, row.expression_id) == (Kind.ENQUIRY, None)
    assert letters() == ACKNOWLEDGED


def test_much_mail_about_one_expression_is_told_so_often_and_no_more(
    send: Send, expression: Callable[..., Expression], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MOST_TOLD", 2)
    ours = expression()
    for number in range(4):
        send(sender="stranger@example.org", subject=f"{ours.reference} {number}")

    assert len(letters()) == 2
    assert [row.kind for row in received()] == [Kind.ANSWER] * 4


def test_an_absence_in_answer_to_a_letter_is_kept_with_it(send: Send, expression: Callable[..., Expression]) -> None:
    ours = expression()
    letter = linked(ours)

    row = send(sender=ours.contact_email, In_Reply_To=letter.message_id, Auto_Submitted="auto-replied")

    db.session.expire_all()
    assert (row.kind, row.expression_id, row.letter_id) == (Kind.AUTOMATIC, ours.id, letter.id)
    assert ours.unread is False
    assert letters() == [("link", "applicant", ours.contact_email)]


def test_mail_that_names_nobody_is_set_aside(send: Send) -> None:
    rows = [send(sender=sender, subject=f"From {sender}") for sender in ("", "nobody", "<>", "a@b@c", "x@localhost")]

    assert [row.kind for row in rows] == [Kind.QUARANTINED] * 5
    assert {row.reason for row in rows} == {"It names no address to which one could answer."}
    assert letters() == []


def test_a_mail_without_words_asks_all_the_same(send: Send) -> None:
    send(text="", Content_Type='application/pdf; name="plan.pdf"')

    assert [question for _email, _subject, question, _silent in enquiries()] == [
        "(The mail has no text. Attached: plan.pdf)"
    ]


def test_a_long_mail_is_a_question_as_far_as_one_may_be_long(send: Send) -> None:
    row = send(text="word " * 9_000)

    assert row.kind is Kind.ENQUIRY
    assert [len(question) for _email, _subject, question, _silent in enquiries()] == [19_999]


def test_what_cannot_be_handled_is_set_aside_with_its_bytes(send: Send, caplog: pytest.LogCaptureFixture) -> None:
    broken = {"text": "Subject: Thanks\n\n{{ nonsense }}\n", "english_digest": "", "author_name": "Secretariat"}
    purpose = {"folder": "enquiry", "kind": "ask", "audience": Audience.ENQUIRER, "language": "en", "number": 1}
    db.session.add(LetterText(**purpose, **broken))
    db.session.commit()

    row = send(text="PRIVATE WORDS\n")

    kept = db.session.scalars(select(ReceivedMessage.content)).one()
    assert (row.kind, row.reason) == (Kind.QUARANTINED, "It could not be handled; a person has to look at it.")
    assert b"PRIVATE WORDS" in kept
    assert "could not be handled" in caplog.text
    assert "PRIVATE" not in caplog.text
    assert ENQUIRER not in caplog.text
