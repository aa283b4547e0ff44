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
    return max(0, _until(last) - _until(first))


def _until(day: date) -> int:
    """How many working days there have been since the first Monday of the calendar, `day` included."""
    weeks, weekday = divmod(day.toordinal() - 1, 7)
    return weeks * SATURDAY + min(weekday + 1, SATURDAY)
