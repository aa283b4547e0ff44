"""The figures: the funnel, the days in each state, what arrives on which day, and when the queue would be empty."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from flask import Flask

from intake import figures
from intake.advance import advance
from intake.current import call_row, programme
from intake.figures import Forecast, Group, Pace, Stage, Visit
from intake.models import Expression
from intake.wording import today
from tests.making import APPLICANT, SCREENER, SECRETARIAT
from tests.statements import counted
from workflows import working_days
from workflows.expression import State
from workflows.people import Actor

Make = Callable[..., Expression]
DUE_ON = date(2999, 1, 1)


def ago(days: int) -> date:
    """So many working days before today, or before the Friday when today is at a weekend."""
    day = today()
    while days or day.weekday() >= working_days.SATURDAY:
        day -= timedelta(days=1)
        days -= day.weekday() < working_days.SATURDAY and days > 0
    return day


def noon(day: date) -> datetime:
    """Noon of a day in Geneva."""
    return datetime.combine(day, time(12), programme().call.zone)


def take(subject: Expression, trigger: str, days_ago: int, actor: Actor, **facts: Any) -> None:
    """Take a step as it was taken so many working days ago."""
    advance(subject, trigger, actor=actor, version=subject.version, at=noon(ago(days_ago)), **facts)


@pytest.fixture
def sent(expression: Make) -> Callable[..., Expression]:
    """Makes an expression that was sent so many working days ago, with its history."""

    def make(days_ago: int, **changes: Any) -> Expression:
        made = expression(State.DRAFT, met=True, **changes)
        take(made, "submit", days_ago, APPLICANT)
        return made

    return make


def decline(subject: Expression, days_ago: int) -> None:
    """Decline an expression."""
    take(subject, "decline", days_ago, SCREENER, criteria=["pledge"], reason="No pledge.", change="A pledge.")


def stays() -> list[Visit]:
    """The visits in a steady order."""
    return sorted(figures.visits(call_row().id), key=lambda visit: (visit.entered_on, visit.state))


def test_groups_count_everything_but_drafts(expression: Make) -> None:
    expression(State.SUBMITTED)
    expression(State.SUBMITTED)
    expression(State.SCREENED, country="CHE", category="academia")
    expression(State.DRAFT)

    found = sorted(figures.groups(call_row().id), key=lambda group: group.count)

    assert found == [
        Group(State.SCREENED, "academia", "CHE", 1),
        Group(State.SUBMITTED, "member_states", "RWA", 2),
    ]


def test_what_is_sent_counts_on_its_day_in_geneva_in_summer_and_in_winter(expression: Make) -> None:
    year = programme().call.opens.year - 1
    for day, hour in ((date(year, 7, 1), 22), (date(year, 1, 15), 22), (date(year, 1, 15), 10)):
        expression(submitted_at=datetime.combine(day, time(hour, 30), UTC))

    assert figures.inflow(call_row().id) == Counter({date(year, 7, 2): 1, date(year, 1, 15): 2})


def test_a_stay_lasts_from_one_step_to_the_next(sent: Callable[..., Expression]) -> None:
    take(sent(5), "screen", 2, SCREENER)

    assert stays() == [
        Visit(State.SUBMITTED, State.DRAFT, ago(5), ago(2), State.SCREENED, 1),
        Visit(State.SCREENED, State.SUBMITTED, ago(2), None, None, 1),
    ]


def test_an_undone_step_never_happened(sent: Callable[..., Expression]) -> None:
    subject = sent(5)
    take(subject, "screen", 2, SCREENER)
    take(subject, "undo", 2, SCREENER)

    assert stays() == [Visit(State.SUBMITTED, State.DRAFT, ago(5), None, None, 1)]


def test_a_step_that_stays_in_its_state_ends_no_stay(sent: Callable[..., Expression]) -> None:
    subject = sent(6)
    take(subject, "screen", 4, SCREENER)
    take(subject, "assign", 3, SECRETARIAT, focus_area="access")
    take(subject, "reassign", 1, SECRETARIAT, focus_area="adoption", reason="A gap.")

    assert [(visit.state, visit.entered_on, visit.left_on) for visit in stays()] == [
        (State.SUBMITTED, ago(6), ago(4)),
        (State.SCREENED, ago(4), ago(3)),
        (State.ASSIGNED, ago(3), None),
    ]


def test_the_funnel_says_how_far_each_came_and_from_where_they_left(sent: Callable[..., Expression]) -> None:
    waits, leaves, withdraws, stays_declined, asked = (sent(8) for _ in range(5))
    for subject in (waits, leaves, withdraws):
        take(subject, "screen", 5, SCREENER)
    decline(stays_declined, 4)
    decline(leaves, 4)
    take(withdraws, "assign", 4, SECRETARIAT, focus_area="access")
    take(withdraws, "withdraw", 3, SECRETARIAT, reason="Another call.")
    point = {"question": "How many schools?"}
    take(asked, "request_information", 2, SCREENER, points=[point], due_on=DUE_ON)

    call = call_row().id
    found = figures.funnel(figures.groups(call), figures.visits(call))

    assert [(stage.state, stage.reached) for stage in found] == [
        (State.SUBMITTED, 5),
        (State.SCREENED, 3),
        (State.ASSIGNED, 1),
        (State.CONFIRMED, 0),
    ]
    assert [dict(stage.left) for stage in found] == [
        {State.DECLINED: 1, State.WITHDRAWN: 0, State.LAPSED: 0},
        {State.DECLINED: 1, State.WITHDRAWN: 0, State.LAPSED: 0},
        {State.DECLINED: 0, State.WITHDRAWN: 1, State.LAPSED: 0},
        {State.DECLINED: 0, State.WITHDRAWN: 0, State.LAPSED: 0},
    ]


def test_who_left_without_a_history_counts_as_submitted(app: Flask) -> None:
    first = figures.funnel([Group(State.LAPSED, "youth", "RWA", 2)], [])[0]

    assert first == Stage(State.SUBMITTED, 2, {State.DECLINED: 0, State.WITHDRAWN: 0, State.LAPSED: 2})


def test_paces_count_working_days_against_the_promise(sent: Callable[..., Expression]) -> None:
    for days in (19, 4, 2):
        take(sent(days), "screen", 1, SCREENER)

    by_state = {pace.state: pace for pace in figures.paces(stays())}

    assert by_state[State.SUBMITTED] == Pace(State.SUBMITTED, 3, 3.0, 18, 15, 2)
    assert by_state[State.SCREENED] == Pace(State.SCREENED, 0, None, 0, None, None)


@pytest.mark.parametrize(
    ("counted_values", "expected"),
    [({}, None), ({3: 1}, 3), ({1: 1, 2: 1}, 1.5), ({1: 2, 9: 1}, 1), ({0: 3, 4: 3}, 2), ({7: 0, 8: 2}, 8)],
)
def test_a_median_of_counted_values(counted_values: dict[int, int], expected: float | None) -> None:
    assert figures.median(counted_values) == expected


def decided(days_ago: int, count: int) -> Visit:
    """So many decisions on one day, about what had long been there."""
    return Visit(State.SUBMITTED, State.DRAFT, ago(30), ago(days_ago), State.SCREENED, count)


def waiting(count: int) -> list[Group]:
    """So many that wait for a decision."""
    return [Group(State.SUBMITTED, "youth", "RWA", count)]


def test_the_forecast_carries_the_usual_day_on(app: Flask) -> None:
    past = [decided(days, 4 if days % 2 else 6) for days in range(1, 12)]

    found = figures.forecast(waiting(26), past)

    assert found == Forecast(26, 5.0, working_days.after(today(), 6))


def test_a_day_without_decisions_counts_too(app: Flask) -> None:
    assert figures.forecast(waiting(26), [decided(1, 100)]) == Forecast(26, None, None)


def test_there_is_no_forecast_from_a_few_days(app: Flask) -> None:
    young = Visit(State.SUBMITTED, State.DRAFT, ago(3), ago(2), State.SCREENED, 9)

    assert figures.forecast(waiting(26), [young]) == Forecast(26, None, None)


def test_work_at_a_weekend_counts_for_the_friday_before(app: Flask) -> None:
    saturday = ago(2)
    while saturday.weekday() != working_days.SATURDAY:
        saturday -= timedelta(days=1)
    at_the_weekend = Visit(State.SUBMITTED, State.DRAFT, ago(30), saturday, State.DECLINED, 3)
    others = [decided(days, 3) for days in range(1, 11) if ago(days) != saturday - timedelta(days=1)]

    assert figures.forecast(waiting(3), [at_the_weekend, *others]).pace == 3


def test_a_country_counts_in_its_region_and_in_each_group_of_need(app: Flask) -> None:
    found = [
        Group(State.SUBMITTED, "youth", "RWA", 2),
        Group(State.SCREENED, "youth", "MDV", 1),
        Group(State.SCREENED, "academia", "INT", 4),
        Group(State.SCREENED, "academia", "ABW", 1),
    ]

    assert figures.by_category(found) == Counter(academia=5, youth=3)
    assert figures.by_region(found) == Counter({"Africa": 2, "Asia-Pacific": 1, "INT": 4, "": 1})
    assert figures.by_need(found) == Counter(LDC=2, LLDC=2, SIDS=1)


def test_the_days_of_the_call_run_until_today(app: Flask) -> None:
    sent_on = {today(): 3, today() - timedelta(days=2): 1}

    found = figures.days_of_call(sent_on)

    assert found[-3:] == [(today() - timedelta(days=2), 1), (today() - timedelta(days=1), 0), (today(), 3)]
    assert len(found) == 31


def test_a_long_call_shows_its_last_days(app: Flask) -> None:
    found = figures.days_of_call({today() - timedelta(days=900): 1})

    assert (len(found), found[-1]) == (figures.MOST_DAYS, (today(), 0))


def test_each_figure_takes_one_statement_and_no_text(sent: Callable[..., Expression]) -> None:
    take(sent(5), "screen", 2, SCREENER)
    call = call_row().id

    with counted() as statements:
        figures.groups(call)
        figures.inflow(call)
        figures.visits(call)

    assert len(statements) == 3
    assert [text for text in statements if "criteria" in text or "facts" in text] == []
