"""The one door: one step is one transaction, whoever comes at the same moment and whatever breaks."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text, update
from sqlalchemy.exc import IntegrityError, OperationalError

from intake import history
from intake.advance import Stale, advance, rehearse
from intake.extensions import db
from intake.models import Call, Expression, HistoryEntry, Letter, LetterStatus, Mode, User
from intake.notifications import texts
from intake.notifications.compose import LetterError
from tests.making import APPLICANT, SCREENER, SECRETARIAT
from workflows.expression import State
from workflows.people import Actor, Audience, Role
from workflows.workflow import NotPermitted, Refused

Make = Callable[..., Expression]


def held(expression: Expression) -> list[tuple[str, str, str]]:
    """The letters of an expression: step, audience, status."""
    db.session.expire_all()
    return [(letter.kind, letter.audience, letter.status) for letter in expression.letters]


def test_a_step_leaves_its_history_and_its_letters(expression: Make) -> None:
    ghana = expression(State.SUBMITTED, met=True)

    advance(ghana, "screen", actor=SCREENER, version=ghana.version)

    assert ghana.state is State.SCREENED
    assert [(e.trigger, e.source, e.target) for e in ghana.history] == [("screen", "submitted", "screened")]
    assert held(ghana) == [("screen", "applicant", "held"), ("screen", "secretariat", "held")]


def test_the_history_names_who_in_which_role_with_which_facts(expression: Make) -> None:
    ghana = expression(State.SCREENED)
    at = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)

    entry = advance(ghana, "assign", actor=SECRETARIAT, version=ghana.version, at=at, focus_area="adoption")

    assert (entry.number, entry.version, entry.role, entry.actor_name, entry.user_id, entry.at) == (
        1, 2, "secretariat", "The secretariat", None, at,
    )  # fmt: skip
    assert entry.facts == {"focus_area": "adoption", "reason": None}
    assert entry.before["focus_area"] is None
    assert (ghana.version, ghana.state_since, ghana.focus_area) == (2, at, "adoption")


def test_the_history_names_the_account_of_whoever_has_one(expression: Make, account: Callable[[Role], User]) -> None:
    ghana = expression(State.SCREENED)
    user = account(Role.SECRETARIAT)
    actor = Actor(user.name, frozenset({Role.SECRETARIAT}), user.id)

    entry = advance(ghana, "assign", actor=actor, version=ghana.version, focus_area="access")

    assert (entry.actor_name, entry.user_id) == ("The secretariat", user.id)


def test_a_submission_promises_a_decision_and_is_told_at_once(expression: Make) -> None:
    ghana = expression(State.DRAFT, second_email="second@example.org")

    advance(ghana, "submit", actor=APPLICANT, version=ghana.version, at=datetime(2026, 11, 24, 22, 59, tzinfo=UTC))

    assert str(ghana.decision_due_on) == "2026-12-15"
    assert [(m.recipient, m.audience, m.status) for m in ghana.letters] == [
        (ghana.contact_email, "applicant", "queued"),
        ("second@example.org", "applicant", "queued"),
        ("secretariat@example.org", "secretariat", "queued"),
    ]


def test_undo_takes_the_step_its_fields_and_its_letters_back(expression: Make) -> None:
    ghana = expression(State.SCREENED)
    since = ghana.state_since
    advance(ghana, "assign", actor=SECRETARIAT, version=ghana.version, focus_area="access")

    advance(ghana, "undo", actor=SECRETARIAT, version=ghana.version)

    assert (ghana.state, ghana.focus_area, ghana.state_since) == (State.SCREENED, None, since)
    assert {status for _, _, status in held(ghana)} == {"cancelled"}
    assert [(e.trigger, e.source, e.target, e.facts) for e in ghana.history] == [
        ("assign", "screened", "assigned", {"focus_area": "access", "reason": None}),
        ("undo", "assigned", "screened", {}),
    ]


def test_undo_puts_dates_and_modes_back_as_they_were(expression: Make) -> None:
    ghana = expression(State.WAITLISTED, seat_mode=Mode.REMOTE)
    advance(ghana, "release", actor=SECRETARIAT, version=ghana.version, reason="Asked for.")
    kenya = expression(State.SUBMITTED)
    due_on = kenya.decision_due_on + timedelta(days=3)
    points = [{"question": "How many?"}]
    advance(kenya, "request_information", actor=SCREENER, version=kenya.version, points=points, due_on=due_on)

    advance(ghana, "undo", actor=SECRETARIAT, version=ghana.version)
    advance(kenya, "undo", actor=SCREENER, version=kenya.version)

    assert (ghana.state, ghana.seat_mode) == (State.WAITLISTED, Mode.REMOTE)
    assert (kenya.state, kenya.points, kenya.answer_due_on) == (State.SUBMITTED, [], None)


def test_an_undone_reopening_puts_the_promised_day_back(expression: Make) -> None:
    ghana = expression(State.DECLINED)
    promised = ghana.decision_due_on
    advance(ghana, "reopen", actor=SECRETARIAT, version=ghana.version, reason="New facts.")
    assert ghana.decision_due_on != promised

    advance(ghana, "undo", actor=SECRETARIAT, version=ghana.version)

    assert (ghana.state, ghana.decision_due_on) == (State.DECLINED, promised)


def test_an_undo_is_not_undone(expression: Make) -> None:
    ghana = expression(State.SCREENED)
    advance(ghana, "assign", actor=SECRETARIAT, version=ghana.version, focus_area="access")
    advance(ghana, "undo", actor=SECRETARIAT, version=ghana.version)

    with pytest.raises(NotPermitted):
        advance(ghana, "undo", actor=SECRETARIAT, version=ghana.version)


def test_a_step_whose_letter_has_left_is_not_undone(expression: Make) -> None:
    ghana = expression(State.SCREENED)
    advance(ghana, "assign", actor=SECRETARIAT, version=ghana.version, focus_area="access")
    ghana.letters[0].status = LetterStatus.SENDING
    db.session.commit()

    with pytest.raises(Refused):
        advance(ghana, "undo", actor=SECRETARIAT, version=ghana.version)

    assert ghana.state is State.ASSIGNED


def test_a_reversal_supersedes_what_has_not_left_and_its_undo_revives_it(expression: Make) -> None:
    ghana = expression(State.SUBMITTED, met=True)
    advance(ghana, "screen", actor=SCREENER, version=ghana.version)

    decision = {"criteria": ["pledge"], "reason": "No measure.", "change": "Name one."}
    advance(ghana, "decline", actor=SCREENER, version=ghana.version, **decision)
    after_decline = held(ghana)
    advance(ghana, "undo", actor=SCREENER, version=ghana.version)

    assert after_decline == [
        ("screen", "applicant", "superseded"),
        ("screen", "secretariat", "superseded"),
        ("decline", "applicant", "held"),
        ("decline", "secretariat", "held"),
    ]
    assert [status for _, _, status in held(ghana)] == ["held", "held", "cancelled", "cancelled"]
    assert ghana.state is State.SCREENED


def test_a_step_that_reverses_nothing_leaves_earlier_letters_waiting(expression: Make) -> None:
    ghana = expression(State.SUBMITTED, met=True)
    advance(ghana, "screen", actor=SCREENER, version=ghana.version)

    advance(ghana, "assign", actor=SECRETARIAT, version=ghana.version, focus_area="access")

    assert {status for _, _, status in held(ghana)} == {"held"}


def test_a_stale_decision_is_refused_by_saying_who_did_what(expression: Make) -> None:
    ghana = expression(State.SCREENED)
    seen = ghana.version
    advance(ghana, "assign", actor=SECRETARIAT, version=seen, focus_area="access")

    with pytest.raises(Stale) as stale:
        advance(ghana, "assign", actor=SECRETARIAT, version=seen, focus_area="adoption")

    assert str(stale.value) == "It was changed since you opened it."
    assert [(e.trigger, e.actor_name, e.facts["focus_area"]) for e in stale.value.entries] == [
        ("assign", "The secretariat", "access")
    ]
    assert (ghana.focus_area, len(ghana.history)) == ("access", 1)


def test_a_stale_decision_names_the_later_steps_of_its_own_expression_alone_oldest_first(expression: Make) -> None:
    ghana, kenya = expression(State.SCREENED), expression(State.SCREENED)
    advance(ghana, "assign", actor=SECRETARIAT, version=ghana.version, focus_area="access")
    seen = ghana.version
    advance(ghana, "confirm", actor=SECRETARIAT, version=ghana.version, seat_mode="remote")
    advance(ghana, "release", actor=SECRETARIAT, version=ghana.version, reason="Asked for.")
    for step, facts in (("assign", {"focus_area": "access"}), ("withdraw", {"reason": "Asked for."})):
        advance(kenya, step, actor=SECRETARIAT, version=kenya.version, **facts)

    with pytest.raises(Stale) as stale:
        advance(ghana, "withdraw", actor=SECRETARIAT, version=seen, reason="Asked for.")

    assert [(entry.expression_id, entry.trigger) for entry in stale.value.entries] == [
        (ghana.id, "confirm"),
        (ghana.id, "release"),
    ]


def test_a_decision_on_changed_answers_is_stale_without_a_step_to_name(expression: Make) -> None:
    ghana = expression(State.SUBMITTED, met=True)
    seen = ghana.version
    ghana.website = "https://example.org"
    db.session.commit()

    with pytest.raises(Stale) as stale:
        advance(ghana, "screen", actor=SCREENER, version=seen)

    assert (stale.value.entries, stale.value.subject.state) == ([], State.SUBMITTED)


def test_a_refused_step_changes_nothing(expression: Make) -> None:
    ghana = expression(State.SCREENED)

    with pytest.raises(Refused):
        advance(ghana, "assign", actor=SECRETARIAT, version=ghana.version, focus_area="nowhere")

    assert (ghana.state, ghana.version, ghana.history, ghana.letters) == (State.SCREENED, 1, [], [])


def test_facts_that_the_row_does_not_name_are_an_error_of_the_caller(expression: Make) -> None:
    ghana = expression(State.SCREENED)

    with pytest.raises(ValueError, match=r"Step assign takes no such facts: colour, size\."):
        advance(ghana, "assign", actor=SECRETARIAT, version=1, focus_area="access", size="big", colour="red")
    with pytest.raises(NotPermitted):
        advance(ghana, "undo", actor=SECRETARIAT, version=ghana.version, reason="no")

    assert ghana.state is State.SCREENED


@pytest.mark.parametrize("broken", ["Subject: {{ nothing }}\n\nText", "no subject\n\nText", "Subject: x\n\n", None])
def test_a_template_that_fails_moves_nothing(
    expression: Make, monkeypatch: pytest.MonkeyPatch, broken: str | None
) -> None:
    ghana = expression(State.SCREENED)
    shipped = {Audience.APPLICANT: "Subject: fine\n\nFine\n", Audience.SECRETARIAT: broken}
    monkeypatch.setattr(texts, "shipped", lambda purpose, language: shipped[purpose.audience])

    with pytest.raises(LetterError, match=r"expression/assign\.secretariat\.txt"):
        advance(ghana, "assign", actor=SECRETARIAT, version=ghana.version, focus_area="access")

    assert (ghana.state, ghana.focus_area, ghana.history, ghana.letters) == (State.SCREENED, None, [], [])


def test_a_second_active_expression_of_an_organisation_is_refused_by_the_database_too(
    expression: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    expression(State.SUBMITTED, organisation_name="Ministry of Roads")
    second = expression(State.DRAFT, organisation_name="The Ministry of Roads")
    monkeypatch.setattr("intake.circumstances.duplicates_of", lambda expression: ())

    with pytest.raises(Refused) as refused:
        advance(second, "submit", actor=APPLICANT, version=second.version)

    assert [reason.code for reason in refused.value.reasons] == ["conflict"]
    assert second.state is State.DRAFT


@pytest.mark.parametrize(
    "change",
    [{"state": State.SCREENED}, {"state": State.CONFIRMED}, {"state": State.ASSIGNED, "criteria_met": 4}],
)
def test_the_database_refuses_a_state_without_what_it_demands(expression: Make, change: dict[str, Any]) -> None:
    ghana = expression(State.SUBMITTED)

    with pytest.raises(IntegrityError):
        db.session.execute(update(Expression).where(Expression.id == ghana.id).values(**change))


def test_delivery_is_nudged_after_the_commit_and_only_then(expression: Make, app: Flask) -> None:
    ghana = expression(State.SCREENED)
    seen: list[State] = []
    app.extensions["nudge_delivery"] = lambda: seen.append(db.session.scalars(select(Expression.state)).one())
    try:
        with pytest.raises(Refused):
            advance(ghana, "assign", actor=SECRETARIAT, version=ghana.version)
        advance(ghana, "assign", actor=SECRETARIAT, version=ghana.version, focus_area="access")
    finally:
        del app.extensions["nudge_delivery"]

    assert seen == [State.ASSIGNED]


def test_the_last_seat_is_given_once(expression: Make) -> None:
    for _ in range(4):
        expression(State.CONFIRMED, seat_mode=Mode.REMOTE)
    ghana = expression(State.ASSIGNED)

    with pytest.raises(Refused) as refused:
        advance(ghana, "confirm", actor=SECRETARIAT, version=ghana.version, seat_mode="remote")

    assert [reason.code for reason in refused.value.reasons] == ["no_seat"]


def in_threads(app: Flask, count: int, attempt: Callable[[int], Any]) -> list[Any]:
    """What each of so many attempts, all begun at one moment, gives or raises."""
    ready, found = Barrier(count), [None] * count

    def one(number: int) -> None:
        with app.app_context():
            ready.wait()
            try:
                found[number] = attempt(number)
            except Exception as error:
                found[number] = error
            finally:
                db.session.remove()

    threads = [Thread(target=one, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def test_of_ten_at_once_one_wins_and_nine_are_told_who_did_what(expression: Make, app: Flask) -> None:
    ghana = expression(State.SCREENED)
    key, seen = ghana.id, ghana.version
    db.session.commit()
    db.session.remove()

    def attempt(number: int) -> str:
        subject = db.session.get_one(Expression, key)
        actor = Actor(f"Person {number}", frozenset({Role.SECRETARIAT}))
        return advance(subject, "assign", actor=actor, version=seen, focus_area="access").actor_name

    found = in_threads(app, 10, attempt)

    winners = [each for each in found if isinstance(each, str)]
    assert len(winners) == 1
    losers = [each for each in found if isinstance(each, Stale)]
    told = [[(entry.trigger, entry.actor_name) for entry in each.entries] for each in losers]
    assert told == [[("assign", winners[0])]] * 9
    assert len(db.session.scalars(select(HistoryEntry)).all()) == 1
    assert len(db.session.scalars(select(Letter)).all()) == 2


def test_of_five_who_want_the_last_seat_one_gets_it(expression: Make, app: Flask) -> None:
    for _ in range(3):
        expression(State.CONFIRMED, seat_mode=Mode.REMOTE)
    keys = [expression(State.ASSIGNED).id for _ in range(5)]
    db.session.remove()

    def attempt(number: int) -> str:
        subject = db.session.get_one(Expression, keys[number])
        return advance(subject, "confirm", actor=SECRETARIAT, version=1, seat_mode="remote").target

    found = in_threads(app, 5, attempt)

    assert sorted(type(each).__name__ for each in found) == ["Refused"] * 4 + ["str"]
    confirmed = select(Expression.id).where(Expression.state == State.CONFIRMED, Expression.seat_mode == Mode.REMOTE)
    assert len(db.session.scalars(confirmed).all()) == 4


def test_only_a_step_that_counts_seats_waits_for_whoever_holds_the_call(expression: Make) -> None:
    if db.engine.dialect.name == "sqlite":
        pytest.skip("SQLite lets one transaction write at a time: there is no narrower lock to wait for")
    ghana, kenya = expression(State.ASSIGNED), expression(State.SCREENED)

    with db.engine.begin() as other:
        other.execute(select(Call.id).where(Call.id == ghana.call_id).with_for_update())
        db.session.execute(text("SET LOCAL lock_timeout = '100ms'"))
        with pytest.raises(OperationalError, match="lock timeout"):
            advance(ghana, "confirm", actor=SECRETARIAT, version=ghana.version, seat_mode="remote")
        advance(kenya, "assign", actor=SECRETARIAT, version=kenya.version, focus_area="access")

    assert (ghana.state, kenya.state) == (State.ASSIGNED, State.ASSIGNED)


def test_the_chain_of_a_history_shows_every_later_change(expression: Make) -> None:
    ghana = expression(State.SCREENED)
    advance(ghana, "assign", actor=SECRETARIAT, version=ghana.version, focus_area="access")
    advance(ghana, "confirm", actor=SECRETARIAT, version=ghana.version, seat_mode="remote")
    entries = list(ghana.history)
    whole = history.faults(ghana, entries)

    entries[0].facts = {"focus_area": "adoption", "reason": None}
    words = history.faults(ghana, entries)
    entries[0].facts, entries[0].actor_name = {}, ""
    emptied = history.faults(ghana, entries)
    entries[1].role = "screener"
    changed = history.faults(ghana, entries)[1:]
    removed = history.faults(ghana, entries[1:])
    state = history.faults(ghana, entries[:1])[1:]

    name = ghana.reference
    assert whole == []
    assert words == emptied == [f"{name}, entry 1: its words were changed after they were written."]
    assert changed == [f"{name}, entry 2: the entry was changed after it was written."]
    assert removed[0] == f"{name}, entry 2: an entry before it was removed or changed."
    assert state == [f"{name}: the state is “confirmed”, the history ends in “assigned”."]


def test_a_rehearsal_shows_what_a_step_brings_and_leaves_nothing_of_it(expression: Callable[..., Expression]) -> None:
    ghana = expression(State.SCREENED, met=True)
    version = ghana.version

    seen = rehearse(ghana, "assign", actor=SECRETARIAT, version=version, focus_area="access", reason="")

    assert (seen.target, seen.fields["focus_area"]) == ("assigned", "access")
    assert [letter.audience for letter in seen.letters] == ["applicant", "secretariat"]
    assert all(letter.body for letter in seen.letters)
    assert (ghana.state, ghana.version, ghana.history, ghana.letters) == (State.SCREENED, version, [], [])


def test_a_rehearsal_refuses_what_the_step_would_refuse(expression: Callable[..., Expression]) -> None:
    ghana = expression(State.SUBMITTED)

    with pytest.raises(Refused) as refused:
        rehearse(ghana, "screen", actor=SCREENER, version=ghana.version)
    with pytest.raises(Stale):
        rehearse(ghana, "screen", actor=SCREENER, version=ghana.version + 1)

    assert [reason.code for reason in refused.value.reasons] == ["criteria_unmet"]
    assert ghana.history == []


def test_a_rehearsal_shows_which_earlier_letters_a_step_would_stop_and_which_it_would_let_wait_again(
    expression: Callable[..., Expression],
) -> None:
    ghana = expression(State.SUBMITTED, met=True)
    advance(ghana, "screen", actor=SCREENER, version=ghana.version)
    facts = {"criteria": ["pledge"], "reason": "No pledge.", "change": "A target."}

    declined = rehearse(ghana, "decline", actor=SCREENER, version=ghana.version, **facts)
    advance(ghana, "decline", actor=SCREENER, version=ghana.version, **facts)
    undone = rehearse(ghana, "undo", actor=SCREENER, version=ghana.version)

    assert [(each.kind, each.audience, each.status) for each in declined.changed] == [
        ("screen", "applicant", "superseded"),
        ("screen", "secretariat", "superseded"),
    ]
    assert (undone.target, undone.letters) == ("screened", ())
    assert [(each.kind, each.audience, each.status) for each in undone.changed] == [
        ("screen", "applicant", "held"),
        ("screen", "secretariat", "held"),
        ("decline", "applicant", "cancelled"),
        ("decline", "secretariat", "cancelled"),
    ]
    assert {status for _kind, _audience, status in held(ghana)} == {"superseded", "held"}


def test_a_step_that_keeps_the_state_keeps_the_place_in_the_waiting_list(
    expression: Callable[..., Expression],
) -> None:
    ghana = expression(State.WAITLISTED)
    since = ghana.state_since

    advance(ghana, "reassign", actor=SECRETARIAT, version=1, focus_area="adoption", reason="It trains teachers.")
    advance(ghana, "release", actor=SECRETARIAT, version=2, reason="The delegate cannot come.")

    assert [entry.before.get("state_since") for entry in ghana.history] == [None, since.isoformat()]
    assert ghana.state_since > since
