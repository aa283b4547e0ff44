"""Every state, step and role through the one door: only what tests/expression.txt allows goes through."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from intake.advance import advance
from intake.extensions import db
from intake.models import Conflict, ConflictKind, Expression, HistoryEntry, Letter, Mode, User
from tests import lines
from tests.lines import Line
from tests.making import ANSWERS
from workflows.expression import State
from workflows.people import Actor, Role
from workflows.workflow import NotPermitted, Refused

Make = Callable[..., Expression]
TODAY = datetime.now(UTC).date()
STEPS = [line for line in lines.lines() if line.trigger != "undo"]
UNDOING = [line for line in lines.lines() if line.trigger == "undo"]
TRIGGERS = [*dict.fromkeys(line.trigger for line in STEPS), "undo"]
FACTS: dict[str, dict[str, Any]] = {
    "request_information": {"points": [{"question": "How many?"}], "due_on": TODAY + timedelta(days=9)},
    "decline": {"criteria": ["pledge"], "reason": "No measure.", "change": "Name one."},
    "assign": {"focus_area": "access"},
    "reassign": {"focus_area": "adoption", "reason": "Asked for."},
    "confirm": {"seat_mode": "in_person"},
    "waitlist": {"seat_mode": "remote"},
    "release": {"reason": "Asked for."},
    "correct_category": {"category": "academia", "sub_type": "university", "reason": "Asked for."},
    "withdraw": {"reason": "Asked for."},
    "reopen": {"reason": "Asked for."},
}
READY: dict[str, dict[str, Any]] = {
    "resubmit": {"points": [{"question": "How many?", "answer": "Ten."}]},
    "lapse": {"answer_due_on": TODAY - timedelta(days=3)},
    "screen": {"met": True},
    "nudge": {"decision_due_on": TODAY - timedelta(days=3)},
    "keep_data": {"erasure_due_on": TODAY + timedelta(days=3)},
    "erase": {"erasure_due_on": TODAY - timedelta(days=3)},
}
"""What an expression needs beside its state so that the guards of a step allow it."""


def actor(role: str) -> Actor:
    """Somebody in one role."""
    return Actor(f"The {role}", frozenset({Role(role)}))


@pytest.fixture
def no_seat_remote(expression: Make) -> None:
    """All remote seats are held, those in person are free."""
    for _ in range(4):
        expression(State.CONFIRMED, seat_mode=Mode.REMOTE, criteria=ANSWERS)


def traces() -> tuple[int, int]:
    """How many entries and letters there are."""
    count = [db.session.scalar(select(func.count()).select_from(table)) or 0 for table in (HistoryEntry, Letter)]
    return count[0], count[1]


@pytest.mark.parametrize("trigger", TRIGGERS)
@pytest.mark.parametrize("state", State)
def test_a_step_goes_through_for_the_roles_of_its_line_and_for_nobody_else(
    expression: Make, no_seat_remote: None, state: State, trigger: str
) -> None:
    line = next((each for each in STEPS if (each.source, each.trigger) == (state, trigger)), None)
    for role in Role:
        subject = expression(state, **READY.get(trigger, {}))
        before = traces()
        step = {"actor": actor(role), "version": subject.version, **FACTS.get(trigger, {})}
        if line is not None and role in line.who:
            entry = advance(subject, trigger, **step)
            assert (subject.state, entry.source, entry.target, entry.role) == (line.target, state, line.target, role)
            assert {letter.audience for letter in subject.letters} == told(line)
        else:
            with pytest.raises(NotPermitted):
                advance(subject, trigger, **step)
            assert (subject.state, subject.version, traces()) == (state, 1, before)


def told(line: Line) -> set[str]:
    """The audiences of a line for whom an address is known here: nobody has taken the expression."""
    return set(line.tells) - {"screener", "group_lead"}


@pytest.mark.parametrize("line", UNDOING, ids=lambda line: f"{line.source}-{line.given[0]}-{line.target}")
def test_an_undo_goes_back_for_the_roles_of_its_line_and_for_nobody_else(
    expression: Make, no_seat_remote: None, line: Line
) -> None:
    trigger = line.given[0].removeprefix("after ")
    taken = next(each for each in STEPS if (each.source, each.trigger) == (line.target, trigger))
    for role in Role:
        subject = expression(State(line.target), **READY.get(trigger, {}))
        taker = actor(taken.who[0])
        advance(subject, trigger, actor=taker, version=subject.version, **FACTS.get(trigger, {}))
        before = traces()
        if role in line.who:
            advance(subject, "undo", actor=actor(role), version=subject.version)
            assert (subject.state, {letter.status for letter in subject.letters}) == (line.target, {"cancelled"})
        else:
            with pytest.raises(NotPermitted):
                advance(subject, "undo", actor=actor(role), version=subject.version)
            assert (subject.state, traces()) == (line.source, before)


STAFF = (Role.SCREENER, Role.SECRETARIAT)


def conflicted(user: User, subject: Expression) -> None:
    """Somebody declares a conflict of interest with an applicant."""
    db.session.add(Conflict(expression_id=subject.id, user_id=user.id, kind=ConflictKind.ADVICE, reason="Advised."))
    db.session.commit()


@pytest.mark.parametrize("line", STEPS, ids=lambda line: f"{line.source}-{line.trigger}")
def test_nobody_of_staff_takes_a_step_with_a_conflict_of_interest(
    expression: Make, no_seat_remote: None, account: Callable[[Role], User], line: Line
) -> None:
    for role in (role for role in STAFF if role in line.who):
        subject, user = expression(State(line.source), **READY.get(line.trigger, {})), account(role)
        conflicted(user, subject)
        before = traces()
        with pytest.raises(Refused) as refused:
            advance(subject, line.trigger, actor=user.actor, version=1, **FACTS.get(line.trigger, {}))
        assert [reason.code for reason in refused.value.reasons] == ["conflict_of_interest"]
        assert (subject.state, subject.version, traces()) == (line.source, 1, before)


@pytest.mark.parametrize("line", UNDOING, ids=lambda line: f"{line.source}-{line.given[0]}-{line.target}")
def test_nobody_of_staff_undoes_a_step_with_a_conflict_of_interest(
    expression: Make, no_seat_remote: None, account: Callable[[Role], User], line: Line
) -> None:
    trigger = line.given[0].removeprefix("after ")
    for role in (role for role in STAFF if role in line.who):
        subject, user = expression(State(line.target), **READY.get(trigger, {})), account(role)
        advance(subject, trigger, actor=user.actor, version=1, **FACTS.get(trigger, {}))
        conflicted(user, subject)
        before = traces()
        with pytest.raises(Refused) as refused:
            advance(subject, "undo", actor=user.actor, version=2)
        assert [reason.code for reason in refused.value.reasons] == ["conflict_of_interest"]
        assert (subject.state, subject.version, traces()) == (line.source, 2, before)


def test_every_step_of_staff_asks_for_conflicts_of_interest_and_no_step_of_applicants_alone_does() -> None:
    asking = {line.trigger for line in lines.lines() if "no_conflict" in line.given}

    assert asking == {line.trigger for line in lines.lines() if {*STAFF} & {*line.who}}


def test_a_screener_who_took_the_expression_and_the_lead_of_a_group_are_told(
    expression: Make, account: Callable[[Role], Any]
) -> None:
    subject = expression(State.RETURNED, **READY["resubmit"], screener_id=account(Role.SCREENER).id)

    advance(subject, "resubmit", actor=actor("applicant"), version=subject.version)

    assert [(letter.audience, letter.recipient) for letter in subject.letters] == [
        ("applicant", subject.contact_email),
        ("screener", "screener@example.org"),
        ("secretariat", "secretariat@example.org"),
    ]


def test_the_lead_of_the_focus_area_is_told_of_who_joins(expression: Make, app: Flask) -> None:
    subject = expression(State.SCREENED)
    programme = app.extensions["programme"]
    lead = "lead@example.org"
    areas = tuple(replace(area, lead_email=lead) for area in programme.focus_areas)
    app.extensions["programme"] = replace(programme, focus_areas=areas)
    try:
        advance(subject, "assign", actor=actor("secretariat"), version=subject.version, focus_area="access")
    finally:
        app.extensions["programme"] = programme

    assert [(letter.audience, letter.recipient) for letter in subject.letters if letter.audience == "group_lead"] == [
        ("group_lead", lead)
    ]
