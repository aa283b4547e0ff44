"""Counts working days, Monday to Friday; it knows no public holidays."""

from datetime import date, timedelta

SATURDAY = 5


def after(day: date, working_days: int) -> date:
    """The date `working_days` working days after `day`; `day` itself does not count."""
    while working_days > 0:
        day += timedelta(days=1)
        working_days -= day.weekday() < SATURDAY
    return day


def between(first: date, last: date) -> int:
    """How many working days have passed since `first`, up to and including `last`; 0 when `last` is not later."""
    days = (first + timedelta(days=offset) for offset in range(1, (last - first).days + 1))
    return sum(day.weekday() < SATURDAY for day in days)
