"""Erasure: what goes with the step, what stays for figures, and that the history stays whole."""

import io
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import select, text

from intake import forgetting, history, links, notes
from intake.advance import advance, rehearse
from intake.cli import main
from intake.documents import storing
from intake.extensions import db
from intake.forgetting import Forgotten
from intake.models import (
    Base,
    Document,
    DocumentType,
    Enquiry,
    Expression,
    Kind,
    Letter,
    Outcome,
    ReceivedMessage,
    Revision,
)
from intake.notifications import outbox
from intake.notifications.compose import Text
from intake.notifications.recipients import Recipient
from intake.privacy import repeating
from tests import making
from tests.colleagues import colleague
from tests.databases import step, submitted
from workflows.expression import State
from workflows.people import SYSTEM, Audience, Role
from workflows.workflow import Refused

Make = Callable[..., Expression]
MARKS = ("Akosua", "akosua", "Mensah", "+233", "Volta")
"""Parts of what names or reaches a person in these tests."""
NOW = datetime.now(UTC)


def named(state: State = State.CONFIRMED) -> Expression:
    """A confirmed expression in which everything that can name a person does, with letters, notes and mail."""
    made = submitted(
        organisation_name="Volta Schools",
        contact_name="Akosua Mensah",
        contact_email="akosua@volta.example.org",
        contact_phone="+233 20 000 0000",
        delegate_name="Akosua Mensah",
        communities="Schools that Akosua knows",
        accessibility_needs="Akosua needs a ramp",
        website="https://volta.example.org/Mensah",
        criteria={
            **making.ANSWERS,
            "engagement": {"statement": "Akosua reviews.", "nominee_name": "Akosua", "nominee_email": "akosua@x.org"},
        },
    )
    step(made, "screen")
    step(made, "assign", focus_area="access", reason="Akosua asked for it")
    anna = colleague("Anna", Role.SCREENER)
    notes.add(made, text="Akosua called.", author=anna)
    links.mint(made.id, "akosua@volta.example.org")
    made.verdicts[0].reason = "Akosua has shown it."
    mail = ReceivedMessage(
        identity="1" * 64,
        source="tests",
        kind=Kind.ANSWER,
        sender="akosua@volta.example.org",
        subject="Akosua writes",
        words="Akosua",
        content=b"Akosua",
        size=6,
        expression_id=made.id,
    )
    db.session.add_all([mail, Revision(expression_id=made.id, before={"communities": "Akosua"}, verdicts={})])
    db.session.commit()
    if state is State.CONFIRMED:
        step(made, "confirm", seat_mode="in_person")
    return made


def leftovers() -> list[tuple[str, str]]:
    """Every table with a mark that stands in it."""
    found = []
    for table in Base.metadata.sorted_tables:
        for row in db.session.execute(select(table)).mappings():
            said = json.dumps({name: value for name, value in row.items() if table.name != "user"}, default=_text)
            found += [(table.name, mark) for mark in MARKS if mark in said]
    return found


def _text(value: object) -> str:
    return value.decode("latin-1") if isinstance(value, bytes | memoryview) else str(value)


def asked(made: Expression) -> None:
    """The applicant asks for erasure."""
    advance(made, "request_erasure", actor=making.APPLICANT, version=made.version)


def test_a_request_withdraws_what_is_under_way_gives_its_seat_back_and_says_until_when(app: object) -> None:
    made = named()

    asked(made)

    assert (made.state, made.seat_mode) == (State.WITHDRAWN, None)
    assert made.erasure_due_on == NOW.date() + timedelta(days=30)
    told = [letter for letter in made.letters if letter.kind == "request_erasure"]
    assert [letter.audience for letter in told] == ["applicant", "secretariat"]
    assert "30" in str(made.erasure_due_on - NOW.date())
    assert "This is our last letter on it" in told[0].body


def test_after_an_erasure_nothing_names_the_person_anywhere_and_figures_stay(app: object) -> None:
    made = named()
    asked(made)

    advance(made, "erase", actor=making.SECRETARIAT, version=made.version)
    db.session.expire_all()

    assert leftovers() == []
    kept = (made.state, made.category, made.country, made.focus_area, made.preferences, made.submitted_at is not None)
    assert kept == (State.WITHDRAWN, "member_states", "RWA", "access", ["access", "adoption"], True)
    assert made.criteria["commitment"] == {"basis": "past_work"}
    assert [verdict.outcome for verdict in made.verdicts] == [Outcome.MET] * 4
    assert (made.organisation_name, made.erased_at is not None, made.erasure_due_on) == ("(erased)", True, None)
    steps = ["submit", "screen", "assign", "confirm", "request_erasure", "erase"]
    assert [entry.trigger for entry in made.history] == steps


def test_the_history_stays_whole_without_its_words_and_shows_what_was_emptied_without_a_step(app: object) -> None:
    made, other = named(), submitted()
    asked(made)
    advance(made, "erase", actor=making.SECRETARIAT, version=made.version)
    db.session.expire_all()

    whole = history.faults(made, list(made.history))
    emptying = text("UPDATE history SET actor_name = '', salt = '' WHERE expression_id = :id")
    db.session.execute(emptying, {"id": other.id})
    db.session.expire_all()
    emptied = history.faults(other, list(other.history))

    assert {(entry.actor_name, str(entry.facts), entry.salt) for entry in made.history[:-1]} == {("", "{}", "")}
    assert whole == []
    assert emptied == [f"{other.reference}, entry 1: its words were changed after they were written."]


def test_what_is_erased_takes_no_step_any_more(app: object) -> None:
    made = named()
    asked(made)
    advance(made, "erase", actor=making.SECRETARIAT, version=made.version)

    with pytest.raises(Refused) as refused:
        advance(made, "reopen", actor=making.SECRETARIAT, version=made.version, reason="By mistake.")

    assert [reason.code for reason in refused.value.reasons] == ["erased"]


def test_a_request_is_taken_back_and_until_then_nobody_reopens(app: object) -> None:
    made = named()
    asked(made)
    with pytest.raises(Refused) as refused:
        advance(made, "reopen", actor=making.SECRETARIAT, version=made.version, reason="Wanted.")

    advance(made, "keep_data", actor=making.APPLICANT, version=made.version)
    advance(made, "reopen", actor=making.SECRETARIAT, version=made.version, reason="Wanted.")

    assert [reason.code for reason in refused.value.reasons] == ["erasure_asked"]
    assert (made.state, made.erasure_due_on) == (State.SUBMITTED, None)


@pytest.mark.parametrize(
    ("state", "changes", "erased"),
    [
        (State.DRAFT, {"updated_at": NOW - timedelta(days=179)}, False),
        (State.DRAFT, {"updated_at": NOW - timedelta(days=182)}, True),
        (State.DECLINED, {"state_since": NOW - timedelta(days=360)}, False),
        (State.DECLINED, {"state_since": NOW - timedelta(days=368)}, True),
        (State.CONFIRMED, {"state_since": NOW - timedelta(days=2000)}, False),
        (State.WITHDRAWN, {"erasure_due_on": NOW.date() + timedelta(days=2)}, False),
        (State.WITHDRAWN, {"erasure_due_on": NOW.date() - timedelta(days=2)}, True),
    ],
)
def test_the_system_erases_each_state_when_its_time_is_over(
    expression: Make, state: State, changes: dict[str, object], erased: bool
) -> None:
    made = expression(state, **changes)

    done = forgetting.sweep(NOW)

    db.session.refresh(made)
    assert done == Forgotten(erased=int(erased))
    assert (made.erased_at is not None, made.state) == (erased, state)
    assert forgetting.sweep(NOW) == Forgotten()


def test_what_was_sent_and_never_ended_goes_years_after_the_roundtable(expression: Make) -> None:
    two = [expression(State.CONFIRMED), expression(State.SUBMITTED)]
    before = forgetting.sweep(NOW)

    after = forgetting.sweep(NOW + timedelta(days=3 * 366))

    for each in two:
        db.session.refresh(each)
    assert (before, after) == (Forgotten(), Forgotten(erased=2))
    assert [each.contact_email for each in two] == ["", ""]


def test_an_enquiry_goes_with_its_mail_and_mail_that_belongs_to_nothing_follows(app: object) -> None:
    enquiry = making.enquiry(email="akosua@volta.example.org", name="Akosua Mensah", question="May Akosua come?")
    common = {"source": "tests", "size": 3, "sender": "akosua@volta.example.org", "words": "Akosua"}
    db.session.add_all(
        [
            ReceivedMessage(identity="1" * 64, kind=Kind.ENQUIRY, enquiry_id=enquiry.id, **common),
            ReceivedMessage(identity="2" * 64, kind=Kind.QUARANTINED, **common),
        ]
    )
    outbox.enqueue_word(
        Text("Of Akosua", "Akosua"), kind="bounce", audience=Audience.SECRETARIAT, recipient=Recipient("s@x.org"),
        about=None,
    )  # fmt: skip
    db.session.execute(text("UPDATE letters SET status = 'sent'"))
    db.session.commit()

    early, late = forgetting.sweep(NOW + timedelta(days=300)), forgetting.sweep(NOW + timedelta(days=400))

    db.session.expire_all()
    assert (early, late) == (Forgotten(), Forgotten(erased=1, mail=2))
    assert leftovers() == []
    assert history.faults(enquiry, list(enquiry.history)) == []
    assert db.session.scalars(select(Enquiry.state)).all() == ["open"]


def test_letters_that_wait_do_not_leave_after_an_erasure(app: object) -> None:
    made = named()
    asked(made)

    advance(made, "erase", actor=making.SECRETARIAT, version=made.version)

    waiting = select(Letter.id).where(Letter.status.in_(("held", "queued", "sending")))
    assert db.session.scalars(waiting).all() == []


def test_the_system_does_not_erase_before_the_day_and_staff_may(app: object) -> None:
    made = named()
    asked(made)
    with pytest.raises(Refused):
        advance(made, "erase", actor=SYSTEM, version=made.version)

    advance(made, "erase", actor=making.SECRETARIAT, version=made.version)

    assert made.erased_at is not None


def test_a_list_of_erasures_is_repeated_where_they_were_forgotten(app: object) -> None:
    ghana, kenya, enquiry = submitted(), submitted(), making.enquiry()
    repeating.erase(kenya, making.SECRETARIAT)
    told: list[int] = []

    done = repeating.repeat([ghana.reference, kenya.reference, enquiry.reference, "P2C-NONE"], told.append)

    assert done == repeating.Repeated(erased=2, already=1, unknown=1)
    assert sorted(repeating.erased()) == sorted([ghana.reference, kenya.reference, enquiry.reference])
    assert sum(told) == 4


def test_documents_go_with_the_erasure_and_their_files_with_the_commit(app: Flask) -> None:
    made = named()
    key = storing.new_key()
    storing.put(key, io.BytesIO(b"of Akosua"))
    about = {"key": key, "name": "Akosua.pdf", "type": DocumentType.PDF, "size": 9, "sha256": "0" * 64}
    db.session.add(Document(expression_id=made.id, **about))
    db.session.commit()
    asked(made)

    rehearse(made, "erase", actor=making.SECRETARIAT, version=made.version)
    before = [path.name for path in Path(app.config["DOCUMENTS"]).rglob(key)]
    advance(made, "erase", actor=making.SECRETARIAT, version=made.version)

    assert (before, list(Path(app.config["DOCUMENTS"]).rglob(key))) == ([key], [])
    assert db.session.scalars(select(Document.name)).all() == []


def test_the_command_names_what_would_go_and_then_erases_it(
    expression: Make, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = expression(State.DECLINED, state_since=NOW - timedelta(days=500))
    expression(State.DECLINED)
    reference = made.reference
    db.session.remove()
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    said = [CliRunner().invoke(main, ["retention", *more]) for more in (["--dry-run"], [], [])]
    listed = CliRunner().invoke(main, ["erasures"])

    assert [(each.exit_code, each.stdout) for each in said] == [
        (
            0,
            f"{reference}  expression, declined: kept long enough\n"
            "1 expressions and 0 enquiries would be erased.\n"
            "0 letters and messages that belong to none would be emptied.\n",
        ),
        (0, "1 erased; 0 letters and messages that belong to none emptied.\n"),
        (0, "0 erased; 0 letters and messages that belong to none emptied.\n"),
    ]
    assert [label in said[0].stderr + said[1].stderr for label in ("Looking", "Erasing")] == [True, True]
    assert listed.stdout == f"{reference}\n"


def test_one_that_somebody_changes_meanwhile_is_left_for_the_next_sweep(
    expression: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = expression(State.DECLINED, state_since=NOW - timedelta(days=500))
    found = list(forgetting.due(NOW))
    advance(made, "reopen", actor=making.SECRETARIAT, version=made.version, reason="Wanted.")
    monkeypatch.setattr(forgetting, "due", lambda at: iter(found))

    assert forgetting.sweep(NOW) == Forgotten(left=1)
    assert made.erased_at is None
