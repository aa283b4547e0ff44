"""What many lines of the queue share is kept: it must still be right for each page that asks."""

from datetime import UTC, date, datetime

from flask import Flask

from intake.screening import lines, listing
from intake.screening.filtering import Filters
from intake.wording import day, days


def test_only_the_chosen_option_is_marked_and_names_stay_text(app: Flask) -> None:
    names = {"1": "<b>Screener</b>", "11": "Secretariat"}

    with app.test_request_context():
        shown = [" ".join(lines.options(names, chosen).split()) for chosen in ("1", "")]

    first, second = "&lt;b&gt;Screener&lt;/b&gt;</option>", '<option value="11">Secretariat</option>'
    assert shown == [f'<option value="1" selected>{first} {second}', f'<option value="1">{first} {second}']


def test_searches_are_equal_only_when_the_same_conditions_follow() -> None:
    today, tomorrow = (listing.Given(1, 7, date(2026, 11, day), 6, "sqlite") for day in (24, 25))
    one = listing.Search(Filters(overdue=True), today)

    assert one == listing.Search(Filters(overdue=True), today)
    assert one != listing.Search(Filters(overdue=True), tomorrow)
    assert one != listing.Search(Filters(unread=True), today)
    assert one != listing.Search(Filters(overdue=True), today, by_ids=True, ids=[3])
    assert listing.Search(Filters(), today, by_ids=True, ids=[4]) == listing.Search(Filters(), today, True, ids=[3])


def test_days_of_many_moments_are_those_of_each(app: Flask) -> None:
    moments = [datetime(2026, 11, 24, 23, 30, tzinfo=UTC), None]

    with app.test_request_context():
        assert days(moments) == [day(moment) for moment in moments] == ["25 November 2026", ""]
