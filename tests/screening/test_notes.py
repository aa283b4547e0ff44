"""Notes, mentions and reminders on pages; and that no applicant ever reads a word of them."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from intake import access, conflicts, notes
from intake.advance import advance
from intake.extensions import db
from intake.models import Base, ConflictKind, Expression, Letter, Note, Reminder, User
from intake.wording import today
from tests.colleagues import colleague
from tests.making import SCREENER, SECRETARIAT
from tests.screening.visits import forget
from tests.statements import counted
from tests.test_access import hold_link
from workflows.expression import State
from workflows.people import Role

Make = Callable[..., Expression]
Account = Callable[[Role], User]
SignIn = Callable[[Role], FlaskClient]
MARK = "hush-hush-7731"
EVIL = "<script>alert('x')</script> %(name)s {{ 7*7 }}"
EVERY_STATE = sorted(State)


def address(about: Expression, rest: str = "") -> str:
    """The address of the page of an expression for staff."""
    return f"/staff/expressions/{about.reference}{rest}"


def written_on(about: Expression, author: User) -> None:
    """A note and a reminder that hold the mark."""
    notes.add(about, text=f"Note {MARK}", author=author)
    notes.remind(about, user=author, on=today(), text=f"Reminder {MARK}")
    db.session.commit()


def applicant_pages(app: Flask, method: str, about: Expression) -> list[str]:
    """Every address of the site that is open to the applicant or to everybody, each step of the form apart."""
    steps = ("organisation", "contact", "focus_areas", "commitment", "pledge", "participation", "engagement", "goals")
    values = {"reference": about.reference, "token": "x" * 43, "filename": "app.css", "name": "x"}
    found = set()
    with app.test_request_context():
        for rule in app.url_map.iter_rules():
            guard = access.guard_of(rule.endpoint)
            if guard not in (access.PUBLIC, access.APPLICANT) or method not in (rule.methods or ()):
                continue
            for step in steps:
                given = {**values, "step_id": step}
                if rule.arguments <= set(given):
                    found.add(app.url_for(rule.endpoint, **{name: given[name] for name in rule.arguments}))
    return sorted(found)


@pytest.mark.parametrize("state", EVERY_STATE)
def test_no_page_of_an_applicant_holds_a_note(
    state: State, app: Flask, expression: Make, client: FlaskClient, account: Account
) -> None:
    ghana = expression(state)
    written_on(ghana, account(Role.SCREENER))
    hold_link(client, ghana)
    seen = []

    for method in ("GET", "POST"):
        for page in applicant_pages(app, method, ghana):
            with client.open(page, method=method) as answer:
                seen.append((page, MARK in answer.get_data(as_text=True)))

    assert [page for page, marked in seen if marked] == []
    assert len(seen) > 20
    assert db.session.query(Note).count() == 1


def test_no_letter_about_an_expression_holds_a_note(expression: Make, account: Account) -> None:
    ghana = expression(met=True)
    written_on(ghana, account(Role.SCREENER))

    for trigger, actor, facts in (
        ("screen", SCREENER, {}),
        ("assign", SECRETARIAT, {"focus_area": "access"}),
        ("confirm", SECRETARIAT, {"seat_mode": "in_person"}),
        ("withdraw", SECRETARIAT, {"reason": "They asked for it."}),
        ("reopen", SECRETARIAT, {"reason": "They came back."}),
    ):
        advance(ghana, trigger, actor=actor, version=ghana.version, **facts)

    letters = db.session.scalars(select(Letter)).all()
    assert len(letters) >= 10
    assert [each.subject for each in letters if MARK in f"{each.subject} {each.body} {each.calendar}"] == []


def test_the_words_of_a_note_stand_in_the_table_of_notes_alone(expression: Make, account: Account) -> None:
    ghana = expression(met=True)
    written_on(ghana, account(Role.SCREENER))
    advance(ghana, "screen", actor=SCREENER, version=ghana.version)

    tables = Base.metadata.sorted_tables
    holding = [t.name for t in tables if any(MARK in str(tuple(row)) for row in db.session.execute(select(t)))]

    assert sorted(holding) == ["notes", "reminders"]


def test_a_note_is_written_and_read_by_staff(expression: Make, sign_in: SignIn) -> None:
    ghana = expression()
    browser = sign_in(Role.SCREENER)

    answer = browser.post(address(ghana, "/notes"), data={"note-text": f"See annex. {EVIL}"})
    page = browser.get(address(ghana)).text

    assert (answer.status_code, answer.location) == (303, address(ghana) + "#notes")
    assert ("See annex. &lt;script&gt;" in page, "<script>alert" in page, "The screener" in page) == (True, False, True)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"note-text": ""}, "Write what your colleagues should know."),
        ({"note-text": "x" * 5_001}, "write at most 5,000 characters (you have 5,001)."),
        ({"note-text": "Look.", "note-mentions": "7777"}, "choose among the answers offered."),
    ],
)
def test_a_note_that_cannot_be_kept_stays_in_its_form(
    typed: dict[str, str], said: str, expression: Make, sign_in: SignIn
) -> None:
    ghana = expression()

    answer = sign_in(Role.SCREENER).post(address(ghana, "/notes"), data=typed)

    assert (answer.status_code, said in answer.text) == (422, True)
    assert typed["note-text"] in answer.text
    assert db.session.query(Note).count() == 0


def test_a_mention_waits_on_the_first_page_until_it_is_read(
    expression: Make, sign_in: SignIn, account: Account
) -> None:
    ghana, me = expression(organisation_name="Ghana"), account(Role.SCREENER)
    notes.add(ghana, text=f"@screener {EVIL}", author=colleague("Anna", Role.SECRETARIAT))
    db.session.commit()
    browser = sign_in(Role.SCREENER)
    (waiting,) = notes.mentions_of(me)

    before = " ".join(browser.get("/staff/").text.split())
    answer = browser.post("/staff/mentions/read", data={"id": str(waiting.key)})
    after = browser.get("/staff/").text

    assert f'<a href="{address(ghana)}#notes"><bdi>Ghana</bdi></a>' in before
    assert ("You were mentioned" in before, "in a note by Anna" in before, "<script>alert" in before) == (
        True,
        True,
        False,
    )
    assert (answer.status_code, "You were mentioned" in after) == (303, False)


def test_the_page_says_whom_a_note_reaches_and_whom_not(expression: Make, sign_in: SignIn, account: Account) -> None:
    ghana = expression(organisation_name="Accra Telecom")
    for name in ("Anna Keller", "Anna Muster", "Béla"):
        colleague(name, Role.SCREENER, email=f"{name[-3:]}@staff.example.org".replace("é", "e"))
    colleague("Otto", Role.SCREENER, organisation="Accra Telecom")
    browser = sign_in(Role.SCREENER)

    browser.post(address(ghana, "/notes"), data={"note-text": "@anna, @béla and @otto, look."})
    page = " ".join(browser.get(address(ghana)).text.split())

    assert "It is shown to: Béla." in page
    assert "Not told, because of a conflict of interest: Otto." in page
    assert "“@anna” fits several colleagues, so it told none of them." in page


def test_who_has_a_conflict_sees_no_note_and_no_form(expression: Make, sign_in: SignIn, account: Account) -> None:
    ghana, me = expression(), account(Role.SCREENER)
    written_on(ghana, colleague("Anna", Role.SCREENER))
    conflicts.declare(ghana, by=me, kind=ConflictKind.ADVICE, reason="I helped them.")
    db.session.commit()
    browser = sign_in(Role.SCREENER)

    pages = [browser.get(address(ghana, path)).text for path in ("", "/notes")]
    sent = [
        browser.post(address(ghana, "/notes"), data={"note-text": "All fine."}).status_code,
        browser.post(
            address(ghana, "/reminders"), data={"reminder-on": today().isoformat(), "reminder-text": "Look."}
        ).status_code,
    ]

    assert [MARK in page or "Add the note" in page for page in pages] == [False, False]
    assert all("Internal notes are not shown to you" in page for page in pages)
    assert (sent, db.session.query(Note).count(), db.session.query(Reminder).count()) == ([409, 409], 1, 1)


def test_a_reminder_waits_for_its_day_and_then_until_it_is_done(
    expression: Make, sign_in: SignIn, account: Account
) -> None:
    ghana, browser = expression(), sign_in(Role.SCREENER)
    for day, text in ((today(), "Call them."), (today() + timedelta(days=1), "Call again.")):
        typed = {"reminder-on": day.isoformat(), "reminder-text": text}
        assert browser.post(address(ghana, "/reminders"), data=typed).status_code == 303
    (due,) = notes.reminders_due(account(Role.SCREENER), today())

    before, own = browser.get("/staff/").text, browser.get(address(ghana)).text
    browser.post("/staff/reminders/done", data={"id": str(due.key)})
    after = browser.get("/staff/").text

    assert [text in page for page in (before, own, after) for text in ("Call them.", "Call again.")] == [
        True,
        False,
        True,
        True,
        False,
        False,
    ]


@pytest.mark.parametrize("day", ["", "2020-01-01", "tomorrow", "9999-01-01"])
def test_a_reminder_needs_a_day_to_come(day: str, expression: Make, sign_in: SignIn) -> None:
    ghana = expression()

    answer = sign_in(Role.SCREENER).post(
        address(ghana, "/reminders"), data={"reminder-on": day, "reminder-text": "Call them."}
    )

    assert (answer.status_code, "There is a problem" in answer.text, "Call them." in answer.text) == (422, True, True)
    assert db.session.query(Reminder).count() == 0


def test_a_reminder_is_shown_to_nobody_else(expression: Make, sign_in: SignIn, account: Account) -> None:
    ghana = expression()
    written_on(ghana, account(Role.SECRETARIAT))
    browser = sign_in(Role.SCREENER)

    pages = [browser.get(each).text for each in ("/staff/", address(ghana), address(ghana, "/notes"))]

    assert [f"Reminder {MARK}" in page for page in pages] == [False, False, False]


@pytest.mark.parametrize("path", ["/staff/mentions/read", "/staff/reminders/done"])
@pytest.mark.parametrize("ids", [[], ["x"], ["-1"], ["99999999999"], ["٣"], ["1", "2"]])
def test_a_mark_of_nothing_changes_nothing(path: str, ids: list[str], expression: Make, sign_in: SignIn) -> None:
    written_on(expression(), colleague("Anna", Role.SCREENER))

    answer = sign_in(Role.SCREENER).post(path, data={"id": ids})

    assert (answer.status_code, answer.location) == (303, "/staff/")
    assert db.session.scalars(select(Reminder.done_at)).all() == [None]


def test_a_draft_has_no_notes(expression: Make, sign_in: SignIn) -> None:
    draft = expression(State.DRAFT)
    browser: Any = sign_in(Role.SECRETARIAT)

    answers = [browser.get(address(draft, "/notes"))] + [
        browser.post(address(draft, path)) for path in ("/notes", "/reminders", "/screener")
    ]

    assert [answer.status_code for answer in answers] == [404] * 4


def test_many_notes_cost_the_page_no_more_statements(expression: Make, sign_in: SignIn, account: Account) -> None:
    place, numbers = address(expression(), "/notes"), []
    account(Role.SCREENER)
    colleague("Anna", Role.SCREENER)
    browser = sign_in(Role.SECRETARIAT)
    for more in (1, 19):
        about = db.session.scalars(select(Expression)).one()
        anna = db.session.scalars(select(User).where(User.name == "Anna")).one()
        for number in range(more):
            notes.add(about, text=f"@screener, look at {number}.", author=anna)
        db.session.commit()
        forget()
        with counted() as statements:
            assert browser.get(place).status_code == 200
        numbers.append(len(statements))

    assert numbers[0] == numbers[1]
