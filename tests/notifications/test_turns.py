"""Which letters may leave: no more than so many a minute, in their order, found by an index whatever waits."""

import threading
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import event, insert, select, text, update

from intake import asking
from intake.advance import advance
from intake.extensions import db
from intake.models import Enquiry, Expression, Letter, LetterStatus, now
from intake.notifications import deliver, leases
from intake.notifications.deliver import Delivered
from tests.making import SECRETARIAT
from tests.notifications.conftest import Enqueue, fates, leases_end, pauses_end
from tests.smtp import SmtpSink
from workflows.workflow import Refused

Make = Callable[..., Expression]
ADDRESSES = [f"number{number}@example.org" for number in range(20)]


@pytest.fixture
def limited(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Sets how many letters may leave in a minute."""
    return lambda number: monkeypatch.setitem(app.config, "MAIL_PER_MINUTE", number)


def a_minute_passes() -> None:
    """What was sent was sent a minute earlier."""
    sent = db.session.execute(select(Letter.id, Letter.sent_at).where(Letter.sent_at.is_not(None))).all()
    for id, sent_at in sent:
        db.session.execute(update(Letter).where(Letter.id == id).values(sent_at=sent_at - timedelta(minutes=1)))
    db.session.commit()


def test_a_burst_waits_for_the_next_minute(smtp: SmtpSink, enqueue: Enqueue, limited: Callable[[int], None]) -> None:
    limited(8)
    enqueue(*ADDRESSES)

    rounds = []
    for _minute in range(4):
        rounds.append(deliver.everything_due().sent)
        a_minute_passes()

    assert rounds == [8, 8, 4, 0]
    assert smtp.recipients == ADDRESSES


def test_several_deliveries_keep_the_limit_together(
    app: Flask, smtp: SmtpSink, enqueue: Enqueue, limited: Callable[[int], None]
) -> None:
    limited(11)
    enqueue(*ADDRESSES)
    together = threading.Barrier(4)

    def work() -> None:
        with app.app_context():
            together.wait()
            deliver.everything_due()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    deliver.everything_due()

    assert len(smtp.messages) == 11
    assert Counter(status for _, status in fates()) == {"sent": 11, "queued": 9}


def test_letters_on_their_way_count_until_their_lease_ends(
    smtp: SmtpSink, enqueue: Enqueue, limited: Callable[[int], None]
) -> None:
    limited(2)
    enqueue(*ADDRESSES[:4])
    assert [len(leases.claim(50)) for _ in range(3)] == [1, 1, 0]

    leases_end()

    assert deliver.everything_due() == Delivered(sent=2)
    assert smtp.recipients == ADDRESSES[:2]


def test_letters_that_a_server_refused_do_not_count(
    smtp: SmtpSink, enqueue: Enqueue, limited: Callable[[int], None]
) -> None:
    limited(2)
    enqueue(*ADDRESSES[:4])
    smtp.refused.update({ADDRESSES[0]: "550 no", ADDRESSES[1]: "450 later"})

    assert deliver.everything_due() == Delivered(sent=2, failed=1, waiting=1)


def test_times_of_a_wrong_clock_hold_nothing_up(
    smtp: SmtpSink, enqueue: Enqueue, limited: Callable[[int], None]
) -> None:
    limited(1)
    enqueue(*ADDRESSES[:2])
    deliver.everything_due()
    db.session.execute(update(Letter).where(Letter.sent_at.is_not(None)).values(sent_at=now() + timedelta(days=1)))
    db.session.commit()

    assert deliver.everything_due() == Delivered(sent=1)


def answered() -> Enquiry:
    """A question that staff have just answered, the letter still held."""
    enquiry = asking.ask(
        email="somebody@example.org",
        name="Somebody",
        subject="A question",
        question="How many seats are there?",
        silent=True,
        actor=asking.enquirer("Somebody"),
    )
    advance(enquiry, "answer", actor=SECRETARIAT, version=enquiry.version, answer="Thirty.")
    return enquiry


def test_letters_about_one_enquiry_keep_their_order(smtp: SmtpSink, app: Flask) -> None:
    enquiry = answered()
    advance(enquiry, "answer", actor=SECRETARIAT, version=enquiry.version, answer="Thirty, and ten online.")
    pauses_end()
    smtp.refused["somebody@example.org"] = "450 come later"
    deliver.everything_due()
    mine = select(Letter.status, Letter.attempts).where(Letter.recipient == "somebody@example.org")
    assert db.session.execute(mine.order_by(Letter.id)).all() == [
        (LetterStatus.QUEUED, 1),
        (LetterStatus.HELD, 0),
    ], "the later letter was not even tried"


def test_a_step_of_an_enquiry_whose_letter_is_on_its_way_cannot_be_undone(smtp: SmtpSink, app: Flask) -> None:
    enquiry = answered()
    pauses_end()
    leases.claim(50)

    with pytest.raises(Refused):
        advance(enquiry, "undo", actor=SECRETARIAT, version=enquiry.version)


def test_undo_of_an_enquiry_and_delivery_at_the_same_moment_never_both_win(app: Flask, smtp: SmtpSink) -> None:
    names = [(enquiry.id, enquiry.version) for enquiry in (answered() for _ in range(8))]
    pauses_end()
    undone: list[int] = []
    together = threading.Barrier(2)

    def undo() -> None:
        with app.app_context():
            together.wait()
            for id, version in names:
                try:
                    advance(db.session.get_one(Enquiry, id), "undo", actor=SECRETARIAT, version=version)
                except Refused:
                    continue
                undone.append(id)

    thread = threading.Thread(target=undo)
    thread.start()
    together.wait()
    while deliver.due(2).handled:
        pass
    thread.join()
    deliver.everything_due()

    about = select(Letter.enquiry_id, Letter.status).where(Letter.recipient == "somebody@example.org")
    fate = {id: status.value for id, status in db.session.execute(about)}
    assert fate == {id: "cancelled" if id in undone else "sent" for id, _ in names}
    assert Counter(smtp.recipients)["somebody@example.org"] == Counter(fate.values())["sent"]


def test_a_letter_about_an_enquiry_in_mid_step_waits(app: Flask, smtp: SmtpSink) -> None:
    if db.engine.dialect.name == "sqlite":
        pytest.skip("on SQLite a step holds the whole database, so that no claim begins meanwhile")
    enquiry = answered()
    key = enquiry.id
    pauses_end()
    with db.engine.begin() as step:
        step.execute(select(Enquiry.id).where(Enquiry.id == key).with_for_update())
        assert leases.claim(50) == []

    assert "somebody@example.org" in [letter.recipient for letter in leases.claim(50)]


MANY = 20_000


def many(status: LetterStatus, *, due_in: timedelta, expression_id: int) -> list[dict[str, object]]:
    """Letters about one expression to as many recipients."""
    same = {"kind": "screen", "audience": "applicant", "subject": "A letter", "body": "Words.", "status": status}
    return [
        {
            **same,
            "expression_id": expression_id,
            "recipient": f"{status}{due_in.days}-{number}@example.org",
            "message_id": f"<{status}{due_in.days}-{number}@example.org>",
            "due_at": now() + due_in,
        }
        for number in range(MANY // 4)
    ]


def test_a_claim_reads_no_more_when_many_letters_wait_or_were_sent(app: Flask, expression: Make) -> None:
    about = [expression().id for _ in range(4)]
    ago, later = timedelta(days=-1), timedelta(hours=1)
    fates_and_times = [
        (LetterStatus.SENT, ago),
        (LetterStatus.QUEUED, ago),
        (LetterStatus.HELD, later),
        (LetterStatus.QUEUED, later),
    ]
    for (status, due_in), id in zip(fates_and_times, about, strict=True):
        db.session.execute(insert(Letter), many(status, due_in=due_in, expression_id=id))
    db.session.commit()
    with db.engine.connect() as connection:
        connection.execute(text("ANALYZE"))
        connection.commit()
    plans: list[str] = []

    def explain(connection: object, cursor: object, statement: str, parameters: object, *_: object) -> None:
        if statement.startswith("SELECT") and "FROM letters" in statement:
            plans.append(_plan(cursor, statement, parameters))

    event.listen(db.engine, "before_cursor_execute", explain)
    try:
        assert len(leases.claim(50)) == 50
    finally:
        event.remove(db.engine, "before_cursor_execute", explain)

    assert len(plans) == 2
    assert "ix_letters_status_due_at" in plans[0]
    assert "USING INTEGER PRIMARY KEY" in plans[1] or "pk_letters" in plans[1]
    assert [plan for plan in plans if _walks(plan)] == []


def _plan(cursor: object, statement: str, parameters: object) -> str:
    explain = "EXPLAIN QUERY PLAN " if db.engine.dialect.name == "sqlite" else "EXPLAIN "
    with_connection = cursor.connection.cursor()  # type: ignore[attr-defined]
    with_connection.execute(explain + statement, parameters)
    return "\n".join(str(row[-1]) for row in with_connection.fetchall())


def _walks(plan: str) -> bool:
    """Whether letters are read from beginning to end; `SCAN` of a subquery is of the few that it gave."""
    return any(word in plan for word in ("SCAN letters", "SCAN letters_", "Seq Scan on letters"))
