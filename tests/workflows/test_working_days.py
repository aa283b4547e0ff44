"""Working days are Monday to Friday."""

from datetime import date

import pytest

from workflows import working_days

FRIDAY, SATURDAY, SUNDAY, MONDAY = date(2026, 11, 20), date(2026, 11, 21), date(2026, 11, 22), date(2026, 11, 23)


@pytest.mark.parametrize(
    ("day", "count", "found"),
    [
        (FRIDAY, 0, FRIDAY), (FRIDAY, 1, MONDAY), (SATURDAY, 1, MONDAY), (SUNDAY, 1, MONDAY),
        (MONDAY, 4, date(2026, 11, 27)), (MONDAY, 5, date(2026, 11, 30)), (MONDAY, 10, date(2026, 12, 7)),
    ],
)  # fmt: skip
def test_so_many_working_days_after_a_day(day: date, count: int, found: date) -> None:
    assert working_days.after(day, count) == found


@pytest.mark.parametrize(
    ("first", "last", "count"),
    [
        (FRIDAY, FRIDAY, 0),
        (FRIDAY, SUNDAY, 0),
        (FRIDAY, MONDAY, 1),
        (MONDAY, date(2026, 12, 7), 10),
        (MONDAY, FRIDAY, 0),
    ],
)
def test_so_many_working_days_have_passed(first: date, last: date, count: int) -> None:
    assert working_days.between(first, last) == count
