"""Letters leave once, whatever the server does."""

import logging
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import update

from intake import storage
from intake.extensions import db
from intake.models import Letter, LetterStatus, now
from intake.notifications import connection, deliver, leases, outbox
from intake.notifications.deliver import Delivered
from tests.notifications.conftest import Enqueue, fates, only_letter, pauses_end, use
from tests.smtp import DROP, STALL, USUAL, SmtpSink

STEPS = ("CONNECT", "MAIL", "RCPT", "DATA", "DOT")
LETTER_STEPS = ("MAIL", "RCPT", "DATA", "DOT")


def test_letters_leave_oldest_first_over_one_connection(smtp: SmtpSink, enqueue: Enqueue) -> None:
    enqueue("one@example.org", "two@example.org", "three@example.org")

    done = deliver.everything_due()

    assert done == Delivered(sent=3)
    assert smtp.recipients == ["one@example.org", "two@example.org", "three@example.org"]
    assert smtp.connections == 1
    assert {status for _, status in fates()} == {"sent"}


def test_a_sent_letter_keeps_the_answer_and_no_lease(smtp: SmtpSink, enqueue: Enqueue) -> None:
    enqueue("one@example.org")
    smtp.answer("DOT", "250 taken as number 7")

    deliver.due()

    letter = only_letter()
    assert (letter.status, letter.answer, letter.attempts) == (LetterStatus.SENT, "250 taken as number 7", 1)
    assert (letter.lease_token, letter.leased_until) == (None, None)
    assert letter.sent_at is not None


def test_nothing_due_opens_no_connection(smtp: SmtpSink) -> None:
    assert deliver.everything_due() == Delivered()
    assert smtp.connections == 0


def test_nobody_who_writes_letters_waits_for_the_mail_server(smtp: SmtpSink, enqueue: Enqueue) -> None:
    enqueue("one@example.org", "two@example.org")
    engine, written = db.engine, []

    def write() -> None:
        with storage.in_passing(engine) as connection:
            written.append(connection.execute(update(Letter).values(subject="Another")).rowcount)

    smtp.on_letter = write

    assert deliver.due() == Delivered(sent=2)
    assert written == [2, 2]


def test_while_no_server_listens_letters_wait_without_counting_attempts(
    app: Flask, smtp: SmtpSink, enqueue: Enqueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    enqueue("one@example.org", "two@example.org")
    monkeypatch.setitem(app.config, "MAIL_PORT", _closed_port())
    assert deliver.everything_due() == Delivered(waiting=2, away=True)
    assert deliver.everything_due() == Delivered(), "they pause"

    use(app, smtp, monkeypatch)
    pauses_end()

    assert deliver.everything_due() == Delivered(sent=2)
    assert fates() == [("one@example.org", "sent"), ("two@example.org", "sent")]


def test_a_letter_that_waits_for_the_server_says_so(
    app: Flask, enqueue: Enqueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    enqueue("one@example.org")
    port = _closed_port()
    monkeypatch.setitem(app.config, "MAIL_PORT", port)

    deliver.due()

    letter = only_letter()
    assert (letter.status, letter.attempts, letter.lease_token) == (LetterStatus.QUEUED, 0, None)
    assert letter.answer.startswith(f"The mail server 127.0.0.1:{port} cannot be reached: ")
    assert timedelta(0) < letter.due_at - now() < timedelta(minutes=1)


def _closed_port() -> int:
    with SmtpSink() as once:
        return once.port


@pytest.mark.parametrize("answer", ["421 closing", "450 busy", "451 an error", "452 no room", DROP, STALL])
@pytest.mark.parametrize("step", STEPS)
def test_a_temporary_answer_is_tried_again(smtp: SmtpSink, enqueue: Enqueue, step: str, answer: str) -> None:
    enqueue("one@example.org")
    smtp.answer(step, answer)
    first = deliver.due()
    assert (first.sent, first.failed, first.waiting) == (0, 0, 1)
    assert [status for _, status in fates()] == ["queued"]
    assert deliver.due() == Delivered(), "it pauses"

    pauses_end()

    assert deliver.due() == Delivered(sent=1)
    assert len({received.message["Message-ID"] for received in smtp.messages}) == 1


@pytest.mark.parametrize("answer", ["421 closing", DROP, STALL])
def test_a_server_that_falls_silent_after_its_greeting_is_called_again(
    smtp: SmtpSink, enqueue: Enqueue, answer: str
) -> None:
    enqueue("one@example.org")
    smtp.answer("EHLO", answer)
    assert deliver.due() == Delivered(waiting=1, away=True)
    pauses_end()

    assert deliver.due() == Delivered(sent=1)


def test_a_server_of_the_old_kind_is_greeted_with_helo(smtp: SmtpSink, enqueue: Enqueue) -> None:
    enqueue("one@example.org")
    smtp.answer("EHLO", "502 never heard of it")

    assert deliver.due() == Delivered(sent=1)


@pytest.mark.parametrize("answer", ["550 no such user", "554 refused"])
@pytest.mark.parametrize("step", LETTER_STEPS)
def test_a_permanent_answer_parks_the_letter_and_the_others_go_on(
    smtp: SmtpSink, enqueue: Enqueue, step: str, answer: str
) -> None:
    enqueue("poison@example.org", "healthy@example.org")
    smtp.answer(step, answer)

    assert deliver.due() == Delivered(sent=1, failed=1)

    assert fates() == [("poison@example.org", "failed"), ("healthy@example.org", "sent")]
    assert db.session.query(Letter.answer).order_by(Letter.id).first() == (answer,)
    pauses_end()
    assert deliver.due() == Delivered(), "it is not tried again"


def test_one_refused_recipient_leaves_the_others_their_letters(smtp: SmtpSink, enqueue: Enqueue) -> None:
    enqueue("one@example.org", "gone@example.org", "three@example.org")
    smtp.refused["gone@example.org"] = "550 5.1.1 unknown"

    deliver.due()

    assert fates() == [("one@example.org", "sent"), ("gone@example.org", "failed"), ("three@example.org", "sent")]


def test_a_server_that_lets_nobody_in_parks_the_batch(smtp: SmtpSink, enqueue: Enqueue) -> None:
    enqueue("one@example.org", "two@example.org")
    smtp.answer_always("CONNECT", "554 no service here")

    assert deliver.everything_due() == Delivered(failed=2, away=True)
    assert "554 no service here" in (db.session.query(Letter.answer).first() or ("",))[0]


def test_a_failed_letter_leaves_when_staff_resend_it(smtp: SmtpSink, enqueue: Enqueue) -> None:
    enqueue("one@example.org")
    smtp.answer("RCPT", "550 no such user")
    deliver.due()
    letter = only_letter()
    message_id = letter.message_id

    outbox.resend(letter)
    db.session.commit()

    assert deliver.due() == Delivered(sent=1)
    assert [received.message["Message-ID"] for received in smtp.messages] == [message_id]


def test_a_lost_answer_means_the_same_message_id_again(smtp: SmtpSink, enqueue: Enqueue) -> None:
    enqueue("one@example.org")
    smtp.answer("DOT", DROP)
    deliver.due()
    pauses_end()

    deliver.due()

    message_id = only_letter().message_id
    assert [received.message["Message-ID"] for received in smtp.messages] == [message_id, message_id]


@pytest.mark.parametrize("answer", [DROP, STALL, "421 no", "500 what"])
def test_a_failing_goodbye_changes_nothing(smtp: SmtpSink, enqueue: Enqueue, answer: str) -> None:
    enqueue("one@example.org")
    smtp.answer("QUIT", answer)

    assert deliver.everything_due() == Delivered(sent=1)

    pauses_end()
    assert deliver.everything_due() == Delivered()
    assert smtp.recipients == ["one@example.org"]


@pytest.mark.parametrize("answer", ["421 enough for now", DROP])
def test_a_server_that_hangs_up_in_mid_batch_is_called_again(smtp: SmtpSink, enqueue: Enqueue, answer: str) -> None:
    enqueue("one@example.org", "two@example.org", "three@example.org")
    smtp.answer("MAIL", USUAL, answer)

    assert deliver.due() == Delivered(sent=2, waiting=1)

    assert fates() == [("one@example.org", "sent"), ("two@example.org", "queued"), ("three@example.org", "sent")]
    assert smtp.connections == 2


def test_a_server_that_always_hangs_up_is_left_alone(smtp: SmtpSink, enqueue: Enqueue) -> None:
    enqueue(*(f"number{number}@example.org" for number in range(10)))
    smtp.answer_always("MAIL", DROP)

    assert deliver.everything_due() == Delivered(waiting=10, away=True)
    assert smtp.connections == connection.MOST_CONNECTIONS


def test_after_a_refused_letter_a_broken_reset_only_costs_a_new_connection(smtp: SmtpSink, enqueue: Enqueue) -> None:
    enqueue("one@example.org", "two@example.org")
    smtp.answer("RCPT", "550 no such user")
    smtp.answer("RSET", DROP)

    assert deliver.due() == Delivered(sent=1, failed=1)


POISON = ("no address", "white space@example.org", "two@lines\r\nBcc: x@example.org", "@example.org", "x@", "a,b@x.org")


def test_poison_never_stops_the_others(smtp: SmtpSink, enqueue: Enqueue) -> None:
    enqueue(*POISON, "josé@example.org", "x@☃..org", "healthy@example.org")
    smtp.utf8 = False

    done = deliver.everything_due()

    assert done == Delivered(sent=1, failed=len(POISON) + 2)
    assert smtp.recipients == ["healthy@example.org"]
    answers = [answer for (answer,) in db.session.query(Letter.answer).filter(Letter.status == LetterStatus.FAILED)]
    assert all(answer.endswith((".", ")")) or "domain" in answer for answer in answers), answers


def test_an_address_beyond_ascii_reaches_a_server_that_takes_it(smtp: SmtpSink, enqueue: Enqueue) -> None:
    enqueue("josé@example.org", "plain@example.org")

    assert deliver.due() == Delivered(sent=2)

    assert smtp.recipients == ["josé@example.org", "plain@example.org"]
    assert smtp.messages[0].message["To"] == "josé@example.org"
    assert "SMTPUTF8" in smtp.messages[0].options
    assert "SMTPUTF8" not in smtp.messages[1].options


def test_a_domain_beyond_ascii_is_written_in_ascii(smtp: SmtpSink, enqueue: Enqueue) -> None:
    smtp.utf8 = False
    enqueue("info@straße.example.org")

    assert deliver.due() == Delivered(sent=1)
    assert smtp.recipients == ["info@xn--strae-oqa.example.org"]


def test_a_letter_is_given_up_when_its_attempts_are_used_up(smtp: SmtpSink, enqueue: Enqueue) -> None:
    enqueue("one@example.org")
    smtp.answer_always("RCPT", "450 not now")
    for _ in range(leases.LAST_ATTEMPT - 1):
        assert deliver.due() == Delivered(waiting=1)
        pauses_end()

    assert deliver.due() == Delivered(failed=1)

    letter = only_letter()
    assert letter.status is LetterStatus.FAILED
    assert letter.answer == "Given up after 18 attempts in more than three days. The last answer: 450 not now"


def test_a_letter_is_given_up_when_no_server_was_there_for_three_days(
    app: Flask, enqueue: Enqueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    enqueue("old@example.org", "new@example.org")
    old = update(Letter).where(Letter.recipient == "old@example.org")
    db.session.execute(old.values(tried_since=now() - timedelta(days=3)))
    db.session.commit()
    monkeypatch.setitem(app.config, "MAIL_PORT", _closed_port())

    assert deliver.due() == Delivered(failed=1, waiting=1, away=True)

    assert fates() == [("old@example.org", "failed"), ("new@example.org", "queued")]
    assert (db.session.query(Letter.answer).order_by(Letter.id).first() or ("",))[0].startswith("Given up after three")


def test_a_letter_that_is_sent_again_has_its_three_days_anew(
    app: Flask, enqueue: Enqueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    enqueue("old@example.org")
    db.session.execute(update(Letter).values(tried_since=now() - timedelta(days=3)))
    db.session.commit()
    monkeypatch.setitem(app.config, "MAIL_PORT", _closed_port())
    deliver.due()

    outbox.resend(only_letter())
    db.session.commit()

    assert deliver.due() == Delivered(waiting=1, away=True)
    assert fates() == [("old@example.org", "queued")]


def test_pauses_double_up_to_twelve_hours_and_last_three_days() -> None:
    shortest = [min(leases.pause(attempt) for _ in range(50)) for attempt in range(1, leases.LAST_ATTEMPT)]
    longest = [max(leases.pause(attempt) for _ in range(50)) for attempt in range(1, leases.LAST_ATTEMPT)]

    assert timedelta(seconds=48) <= shortest[0] <= longest[0] <= timedelta(seconds=72)
    assert all(timedelta(minutes=0.8 * 2**n) <= shortest[n] for n in range(10))
    assert max(longest) <= timedelta(hours=12)
    least = sum(0.8 * min(2**n, 720) for n in range(leases.LAST_ATTEMPT - 1))
    assert least >= 72 * 60


def test_waiting_for_a_server_grows_with_the_age_of_the_letter() -> None:
    ages = [timedelta(0), timedelta(minutes=4), timedelta(days=2), timedelta(days=-1)]
    assert [round(leases.wait(age) / timedelta(seconds=600), 1) <= 1.2 for age in ages] == [True] * 4
    assert timedelta(seconds=16) <= leases.wait(timedelta(0)) <= timedelta(seconds=24)
    assert leases.wait(timedelta(days=-1)) >= timedelta(seconds=16)
    assert leases.wait(timedelta(days=2)) >= timedelta(minutes=8)


@pytest.mark.parametrize("status", [LetterStatus.QUEUED, LetterStatus.HELD])
def test_after_the_clock_was_set_back_a_day_nothing_sleeps(smtp: SmtpSink, enqueue: Enqueue, status: str) -> None:
    enqueue("one@example.org")
    db.session.execute(update(Letter).values(status=status, due_at=now() + timedelta(days=1)))
    db.session.commit()

    assert deliver.due() == Delivered(sent=1)


def test_after_the_clock_was_set_back_a_day_a_dead_lease_ends(smtp: SmtpSink, enqueue: Enqueue) -> None:
    enqueue("one@example.org")
    leases.claim(1)
    db.session.execute(update(Letter).values(leased_until=now() + timedelta(days=1)))
    db.session.commit()

    assert deliver.due() == Delivered(sent=1)


def test_a_letter_held_for_a_while_waits(smtp: SmtpSink, enqueue: Enqueue) -> None:
    enqueue("one@example.org")
    db.session.execute(update(Letter).values(status=LetterStatus.HELD, due_at=now() + timedelta(minutes=10)))
    db.session.commit()

    assert deliver.due() == Delivered()


def test_the_log_names_letters_by_number_only(
    smtp: SmtpSink, enqueue: Enqueue, caplog: pytest.LogCaptureFixture
) -> None:
    enqueue("secret.person@example.org", body="The words.\n")
    smtp.answer("RCPT", "550 no")
    caplog.set_level(logging.DEBUG, "intake")

    deliver.due()

    ours = [record.getMessage() for record in caplog.records if record.name.startswith("intake")]
    number = only_letter().id
    assert ours == [f"letter {number}, attempt 1: answer 550"]


def test_the_outbox_counts_its_letters(smtp: SmtpSink, enqueue: Enqueue) -> None:
    enqueue("one@example.org", "two@example.org")
    smtp.refused["two@example.org"] = "550 no"
    assert outbox.status_counts() == {"queued": 2}
    assert outbox.oldest_waiting() == db.session.query(Letter.created_at).order_by(Letter.id).first()[0]  # type: ignore[index]

    deliver.due()

    assert outbox.status_counts() == {"sent": 1, "failed": 1}
    assert outbox.oldest_waiting() is None
