"""The daily digest: what it tells whom, when it comes and when not, and that no day brings two."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient

from intake import assigning, conflicts, daily, notes
from intake.advance import advance
from intake.cli import main
from intake.current import programme
from intake.daily import Written
from intake.extensions import db
from intake.models import ConflictKind, Expression, Letter, LetterStatus, User
from intake.notifications import outbox
from intake.notifications.compose import Text
from tests.colleagues import colleague
from tests.making import SECRETARIAT, enquiry
from workflows import working_days
from workflows.expression import State
from workflows.people import Role

Make = Callable[..., Expression]
Account = Callable[[Role], User]
SignIn = Callable[[Role], FlaskClient]
BASE = "http://intake.example.org"


def working_day() -> date:
    """Today, or the Monday after a weekend."""
    today = datetime.now(UTC).date()
    return today if today.weekday() < working_days.SATURDAY else working_days.after(today, 1)


def at(hour: int = 9, *, days: int = 0) -> datetime:
    """A time of a working day where the call is."""
    day = working_day() + timedelta(days=days)
    return datetime(day.year, day.month, day.day, hour, tzinfo=programme().call.zone)


def digests() -> list[Letter]:
    """Every digest in the outbox, the first one first."""
    db.session.rollback()
    return db.session.query(Letter).filter_by(kind="digest").order_by(Letter.id).all()


@pytest.fixture
def anna(app: Flask) -> User:
    """A screener."""
    return colleague("Anna", Role.SCREENER)


@pytest.fixture
def boss(app: Flask) -> User:
    """The secretariat, without any other role."""
    return colleague("Bo", Role.SECRETARIAT)


def test_the_letter_names_what_waits_with_the_address_of_each_page(expression: Make, anna: User, boss: User) -> None:
    ghana = expression(organisation_name="Ghana\nTelecom", reference="P2C-AAAA-AAAA")
    notes.add(ghana, text="@Anna: the budget is hush-hush.", author=boss)
    notes.remind(ghana, user=anna, on=working_day(), text="Call the hush-hush number.")
    assigning.give(ghana, to=anna, by=boss, held_by=None)
    db.session.commit()

    assert daily.write(at()) == Written(letters=1)

    (letter,) = digests()
    page = f"{BASE}/staff/expressions/P2C-AAAA-AAAA"
    assert (letter.recipient, letter.recipient_name, letter.audience, letter.language, letter.status) == (
        "anna@staff.example.org",
        "Anna",
        "screener",
        "en",
        LetterStatus.QUEUED,
    )
    assert letter.expression_id is None
    assert letter.subject.startswith("What waits for you, ")
    assert letter.body.split("\n\n")[2:5] == [
        f"You were mentioned: 1\n- Bo in a note on Ghana Telecom, P2C-AAAA-AAAA\n  {page}#notes",
        f"You wanted to be reminded: 1\n- Ghana Telecom, P2C-AAAA-AAAA\n  {page}#reminders",
        f"Given to you: 1\n- Ghana Telecom, P2C-AAAA-AAAA\n  {page}",
    ]
    assert f"To stop it: {BASE}/staff/preferences" in letter.body
    assert "hush-hush" not in letter.body


def test_a_screener_reads_of_their_own_expressions_alone(expression: Make, anna: User, account: Account) -> None:
    today = working_day()
    soon = working_days.after(today, 2)
    for name, changes in {
        "late": {"decision_due_on": today - timedelta(days=1)},
        "due today": {"decision_due_on": today},
        "due soon": {"decision_due_on": soon},
        "due later": {"decision_due_on": soon + timedelta(days=1)},
        "answered": {"unread": True},
    }.items():
        expression(organisation_name=name, screener_id=anna.id, **changes)
    expression(
        organisation_name="of a colleague", screener_id=account(Role.SCREENER).id, decision_due_on=date(2020, 1, 1)
    )

    found = {section.title: names(section) for section in daily.sections(anna, today)}

    assert found == {
        "Yours, and overdue": ["late"],
        f"Yours, to be decided by {soon.day} {soon:%B %Y}": ["due today", "due soon"],
        "Yours, with answers that you have not read": ["answered"],
    }


def names(section: daily.Section) -> list[str]:
    """The organisations that a section names."""
    return [line.text.rpartition(", ")[0] for line in section.lines]


def test_the_secretariat_reads_of_what_it_has_to_place(expression: Make, boss: User) -> None:
    for state in (State.SUBMITTED, State.SCREENED, State.ASSIGNED, State.RETURNED):
        expression(state, organisation_name=state.value)
    expression(State.RETURNED, organisation_name="silent", answer_due_on=date(2020, 1, 1))
    for status in (LetterStatus.FAILED, LetterStatus.BOUNCED, LetterStatus.BOUNCED):
        outbox.enqueue_test("nobody@example.org", Text("Test", "A test.\n"))
        db.session.query(Letter).order_by(Letter.id.desc()).limit(1).one().status = status
    db.session.commit()
    enquiry(subject="Which language?")
    answered = enquiry()
    advance(answered, "answer", actor=SECRETARIAT, version=answered.version, answer="All six.")

    found = {section.title: (section.number, names(section)) for section in daily.sections(boss, working_day())}

    assert found == {
        "To assign to a focus area": (1, ["screened"]),
        "To confirm a seat": (1, ["assigned"]),
        "Answers overdue: ask again, or let it lapse": (1, ["silent"]),
        "Enquiries to answer": (1, ["Which language?"]),
        "Failed letters": (1, []),
        "Letters that came back": (2, []),
    }


def test_overdue_answers_are_listed_and_never_let_lapse(expression: Make, boss: User) -> None:
    silent = expression(State.RETURNED, answer_due_on=date(2020, 1, 1))

    daily.write(at())

    db.session.refresh(silent)
    assert (silent.state, len(digests())) == (State.RETURNED, 1)


def test_each_address_in_the_letter_opens(expression: Make, account: Account, sign_in: SignIn, anna: User) -> None:
    boss = account(Role.SECRETARIAT)
    for state in (State.SCREENED, State.ASSIGNED):
        expression(state)
    ghana = expression(State.RETURNED, answer_due_on=date(2020, 1, 1))
    notes.add(ghana, text="@secretariat, look.", author=anna)
    outbox.enqueue_test("nobody@example.org", Text("Test", "A test.\n"))
    db.session.query(Letter).one().status = LetterStatus.FAILED
    db.session.commit()
    enquiry()
    daily.write(at())
    (letter,) = digests()
    addresses = [word for word in letter.body.split() if word.startswith(f"{BASE}/")]
    browser = sign_in(Role.SECRETARIAT)

    answers = {each: browser.get(each.removeprefix(BASE).partition("#")[0]) for each in addresses}

    assert letter.recipient == boss.email
    assert [
        each for each, answer in answers.items() if answer.status_code != 200 or "was left out" in answer.text
    ] == []
    assert len(answers) == 8


def test_a_long_section_is_cut_and_counted(expression: Make, boss: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(daily, "MOST_LINES", 2)
    for _ in range(5):
        expression(State.SCREENED)

    daily.write(at())

    assert f"- and 3 more\n  {BASE}/staff/queue?state=screened\n" in digests()[0].body


def test_nothing_to_say_means_no_letter(expression: Make, anna: User, boss: User) -> None:
    expression(State.SUBMITTED)

    assert daily.write(at()) == Written()
    assert digests() == []


def test_no_day_brings_two_letters_and_the_next_brings_one(expression: Make, boss: User) -> None:
    expression(State.SCREENED)
    monday = working_day() - timedelta(days=working_day().weekday()) + timedelta(days=7)
    first = datetime(monday.year, monday.month, monday.day, 9, tzinfo=UTC)

    found = [daily.write(first + timedelta(hours=hours)).letters for hours in (0, 1, 10, 24, 25)]

    assert found == [1, 0, 0, 1, 0]


@pytest.mark.parametrize("weekday", [5, 6])
def test_saturday_and_sunday_bring_none(weekday: int, expression: Make, boss: User) -> None:
    expression(State.SCREENED)
    free = working_day() + timedelta(days=weekday - working_day().weekday())

    assert daily.write(datetime(free.year, free.month, free.day, 12, tzinfo=UTC)) == Written()
    assert boss.digested_on is None


@pytest.mark.parametrize("off", ["wants_digest", "active"])
def test_who_wants_none_or_left_gets_none(off: str, expression: Make, boss: User) -> None:
    expression(State.SCREENED)
    setattr(boss, off, False)
    db.session.commit()

    assert (daily.write(at()), digests()) == (Written(), [])


def test_what_was_given_is_told_once(expression: Make, anna: User, boss: User) -> None:
    assigning.give(expression(), to=anna, by=boss, held_by=None)
    db.session.commit()

    daily.write(at())
    anna.digested_on = None
    db.session.commit()
    daily.write(at())

    assert len(digests()) == 1


def test_what_was_given_and_handed_on_is_told_to_its_screener(expression: Make, anna: User, boss: User) -> None:
    ghana, other = expression(), colleague("Otto", Role.SCREENER)
    assigning.give(ghana, to=anna, by=boss, held_by=None)
    assigning.give(ghana, to=other, by=anna, held_by=anna.id)
    db.session.commit()

    daily.write(at())

    assert [letter.recipient_name for letter in digests()] == ["Otto"]


def test_a_conflict_of_interest_hides_the_mention(expression: Make, anna: User, boss: User) -> None:
    ghana = expression()
    notes.add(ghana, text="@Anna, look.", author=boss)
    conflicts.declare(ghana, by=anna, kind=ConflictKind.ADVICE, reason="I helped them.")
    db.session.commit()

    assert daily.write(at()) == Written()


def test_a_mention_that_was_read_and_a_reminder_that_is_done_are_not_told(
    expression: Make, anna: User, boss: User
) -> None:
    ghana = expression()
    notes.add(ghana, text="@Anna, look.", author=boss)
    notes.remind(ghana, user=anna, on=working_day(), text="Look.")
    db.session.commit()
    notes.mark_read(anna, [each.key for each in notes.mentions_of(anna)])
    notes.finish(anna, [each.key for each in notes.reminders_due(anna, working_day())])
    db.session.commit()

    assert daily.write(at()) == Written()


def test_processes_that_write_at_once_write_one(expression: Make, app: Flask, anna: User, boss: User) -> None:
    ghana = expression(State.SCREENED)
    notes.add(ghana, text="@Anna, look.", author=boss)
    db.session.commit()
    moment, start = at(), threading.Barrier(4)

    def process(_number: int) -> int:
        with app.app_context():
            start.wait()
            return daily.write(moment).letters

    with ThreadPoolExecutor(4) as pool:
        written = sum(pool.map(process, range(4)))

    assert (written, sorted(letter.recipient_name for letter in digests())) == (2, ["Anna", "Bo"])


def test_a_digest_that_fails_leaves_no_mark_and_stops_no_other(
    expression: Make, anna: User, boss: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    expression(State.SCREENED)
    expression(screener_id=anna.id, unread=True)
    db.session.commit()
    right = daily.text

    def wrong(user: User, *rest: Any) -> Text:
        if user.name == "Anna":
            raise ValueError("no template")
        return right(user, *rest)

    monkeypatch.setattr(daily, "text", wrong)
    assert daily.write(at()) == Written(letters=1, failed=1)
    monkeypatch.setattr(daily, "text", right)
    assert daily.write(at()) == Written(letters=1)
    assert [letter.recipient_name for letter in digests()] == ["Bo", "Anna"]


@pytest.mark.parametrize(("hour", "letters"), [(5, 0), (6, 1)])
def test_the_web_process_waits_for_the_morning(hour: int, letters: int, expression: Make, boss: User) -> None:
    expression(State.SCREENED)

    assert daily.write_when_due(at(hour)) == Written(letters=letters)


def test_the_watch_writes_until_it_is_told_to_stop(expression: Make, boss: User) -> None:
    expression(State.SCREENED)
    stop, nine = threading.Event(), at()

    def clock() -> datetime:
        stop.set()
        return nine

    daily.watch(stop, clock=clock)

    assert len(digests()) == 1


def test_a_round_that_fails_does_not_end_the_watch(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    stop = threading.Event()

    def clock() -> datetime:
        stop.set()
        raise ValueError("no clock")

    daily.watch(stop, clock=clock)

    assert "a round of digests failed" in caplog.text


def test_the_command_writes_what_the_page_would(
    expression: Make, boss: User, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    expression(State.SCREENED)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    is_working_day = working_day() == datetime.now(programme().call.zone).date()
    db.session.rollback()

    said = [CliRunner().invoke(main, ["daily"]).output for _ in range(2)]

    assert said == [("1 written.\n" if is_working_day else "None to write today.\n"), "None to write today.\n"]
    assert len(digests()) == int(is_working_day)


def test_the_letter_is_switched_off_and_on_by_its_reader(expression: Make, sign_in: SignIn, account: Account) -> None:
    boss, browser = account(Role.SECRETARIAT), sign_in(Role.SECRETARIAT)
    found = []

    for answer in ("no", "yes"):
        browser.post("/staff/preferences", data={"digest": answer})
        db.session.refresh(boss)
        found.append(boss.wants_digest)

    assert found == [False, True]


@pytest.mark.parametrize("typed", ["", "perhaps"])
def test_a_preference_that_is_none_is_refused(typed: str, sign_in: SignIn, account: Account) -> None:
    answer = sign_in(Role.SCREENER).post("/staff/preferences", data={"digest": typed})

    assert (answer.status_code, "There is a problem" in answer.text) == (422, True)
    assert account(Role.SCREENER).wants_digest is True
