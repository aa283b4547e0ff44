"""Who looked at which expression: a line a look, also of a busy database, shown with filters, kept for a time."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from intake import looks, visits
from intake.extensions import db
from intake.models import Expression, Look, Shown, SignIn, User, Visit, Way, now
from intake.programme.loading import SHIPPED, read_programme, shipped_text
from tests.screening.visits import forget
from tests.test_visits import busy
from workflows.people import Role

Make = Callable[..., Expression]
Account = Callable[[Role], User]
SignedIn = Callable[[Role], FlaskClient]


def lines() -> list[tuple[str, str | None, str]]:
    """Who looked at what, in the order of the lines."""
    db.session.rollback()
    found = (
        select(User.email, Expression.reference, Look.what)
        .select_from(Look)
        .join(Look.user)
        .outerjoin(Look.expression)
        .order_by(Look.id)
    )
    return [(email.split("@")[0], reference, str(what)) for email, reference, what in db.session.execute(found)]


def test_each_page_of_an_expression_leaves_a_line_and_the_same_within_a_minute_one(
    sign_in: SignedIn, expression: Make
) -> None:
    reference, other = expression().reference, expression().reference
    browser = sign_in(Role.SCREENER)

    for path in (reference, reference, other, f"{reference}/decline"):
        assert browser.get(f"/staff/expressions/{path}").status_code == 200
    db.session.execute(update(Visit).values(opened_at=now() - timedelta(seconds=61)))
    db.session.commit()
    browser.get(f"/staff/expressions/{reference}")

    assert lines() == [("screener", each, "page") for each in (reference, other, reference)]


def test_exports_and_packs_leave_a_line_with_their_filters(sign_in: SignedIn, expression: Make) -> None:
    expression()
    browser = sign_in(Role.SECRETARIAT)

    for path in ("export.csv?country=RWA", "export.xlsx", "pack?state=submitted"):
        with browser.get(f"/staff/queue/{path}") as answer:
            assert (answer.status_code, len(answer.data) > 0) == (200, True)

    assert lines() == [("secretariat", None, "export")] * 2 + [("secretariat", None, "pack")]
    details = list(db.session.scalars(select(Look.detail).order_by(Look.id)))
    assert (details[0].split()[0], "country=RWA" in details[0], "state=submitted" in details[2]) == ("csv", True, True)


def test_a_busy_database_delays_a_line_and_loses_none(app: Flask, expression: Make, account: Account) -> None:
    first, second, user = expression(), expression(), account(Role.SCREENER)
    ids, user_id = [first.id, second.id], user.id
    references = [first.reference, second.reference]
    first.unread = True  # so that noting the visit has to wait for the row, on PostgreSQL too
    db.session.commit()
    forget()
    looks.waiting()

    with app.test_request_context():
        with busy():
            visits.note(Expression(id=ids[0], unread=True), User(id=user_id))
        during = lines()
        visits.note(Expression(id=ids[1], unread=False), User(id=user_id))

    assert during == []
    assert lines() == [("screener", each, "page") for each in references]


def test_a_line_about_what_is_gone_is_left_out_and_holds_up_no_other(expression: Make, account: Account) -> None:
    ghana, user_id = expression(), account(Role.SCREENER).id
    reference, id = ghana.reference, ghana.id
    looks.waiting()
    looks.keep([looks.line(user_id, Shown.PAGE, expression_id=999_999)])

    looks.note(user_id, Shown.DOCUMENT, expression_id=id, detail="no. 1")

    assert lines() == [("screener", reference, "document")]
    assert looks.waiting() == []


def fill(user: User, other: User, subject: Expression, number: int) -> None:
    """Lines of two people, a day apart each."""
    rows = [
        Look(
            user_id=(other if place % 2 else user).id,
            expression_id=subject.id,
            what=Shown.PAGE,
            at=now() - timedelta(days=place),
        )
        for place in range(number)
    ]
    db.session.add_all(rows)
    db.session.commit()


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ({}, 6),
        ({"what": "document"}, 0),
        ({"reference": "{reference}"}, 6),
        ({"reference": "EOI-NONE"}, 0),
        ({"who": "{screener}"}, 3),
        ({"since": "{day}"}, 3),
        ({"until": "{day}"}, 4),
        ({"since": "yesterday", "who": "x", "what": "y"}, 6),
    ],
)
def test_the_log_is_shown_with_filters_and_what_is_not_known_is_named(
    sign_in: SignedIn, expression: Make, account: Account, query: dict[str, str], shown: int
) -> None:
    ghana, screener = expression(), account(Role.SCREENER)
    browser = sign_in(Role.SECRETARIAT)
    fill(screener, account(Role.SECRETARIAT), ghana, 6)
    day = (now() - timedelta(days=2)).date().isoformat()
    known = {"reference": ghana.reference, "screener": screener.id, "day": day}

    page = browser.get("/staff/access-log", query_string={name: text.format(**known) for name, text in query.items()})

    assert (page.status_code, page.text.count('<th scope="row">')) == (200, shown)
    assert page.text.count("is not known here and was left out") == (3 if "x" in query.values() else 0)


def test_the_log_has_pages(sign_in: SignedIn, expression: Make, account: Account) -> None:
    browser = sign_in(Role.ADMINISTRATOR)
    fill(account(Role.SCREENER), account(Role.SECRETARIAT), expression(), 60)

    first = browser.get("/staff/access-log").text
    address = first.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    second = browser.get(address).text

    assert (first.count('<th scope="row">'), second.count('<th scope="row">')) == (50, 10)


def test_lines_older_than_the_programme_keeps_them_are_deleted(
    app: Flask, expression: Make, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    user, other = account(Role.SCREENER), account(Role.SECRETARIAT)
    fill(user, other, expression(), 40)
    db.session.add(SignIn(user_id=None, way=Way.PASSWORD, came_in=False, at=now() - timedelta(days=31)))
    db.session.commit()
    programme: Any = app.extensions["programme"]
    kept = replace(programme, retention=replace(programme.retention, access_log_days=30))
    monkeypatch.setitem(app.extensions, "programme", kept)

    gone = [looks.sweep(now()), looks.sweep(now())]

    assert (gone, len(lines())) == ([11, 0], 30)


@pytest.mark.parametrize(("written", "days"), [("access_log_days = 90", 90), ("", 365)])
def test_the_programme_says_how_long_or_leaves_it_at_a_year(written: str, days: int) -> None:
    text = shipped_text(SHIPPED).replace("access_log_days = 365", written)

    assert read_programme(text, name=SHIPPED).retention.access_log_days == days
