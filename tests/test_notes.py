"""Notes of staff: whom they reach, whom a conflict of interest keeps out, and names after @."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from intake import conflicts, notes
from intake.extensions import db
from intake.models import ConflictKind, Expression, Mention, User, now
from tests.colleagues import colleague
from tests.statements import counted
from workflows.expression import State
from workflows.people import Role
from workflows.workflow import Refused

Make = Callable[..., Expression]
Account = Callable[[Role], User]
EMPLOYER = "Accra Telecom"


@pytest.fixture
def anna(app: object) -> User:
    """A screener, who works for somebody that could apply."""
    return colleague("Anna Keller", Role.SCREENER, organisation=EMPLOYER)


def names(people: object) -> list[str]:
    """What the accounts are called."""
    return sorted(user.name for user in people)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("@Anna, please look.", ["Anna Keller"]),
        ("Ask @anna keller.", ["Anna Keller"]),
        ("Ask @AnnaKeller!", ["Anna Keller"]),
        ("@anna.keller: yes", ["Anna Keller"]),
        ("(@anna.keller@staff.example.org)", ["Anna Keller"]),
        ("@Bela and @anna", ["Anna Keller", "Béla Nagy"]),
        ("Write to office@anna.example.org", []),
        ("@annabelle or @anna-maria", []),
        ("@ anna, or @nobody at all", []),
        ("@@anna", []),
    ],
)
def test_a_name_after_at_means_one_colleague(text: str, meant: list[str], anna: User) -> None:
    people = [anna, colleague("Béla Nagy", Role.SECRETARIAT, email="bela@staff.example.org")]

    found, unclear = notes.named(text, people)

    assert (names(found), unclear) == (meant, [])


def test_a_name_that_fits_two_means_nobody_until_it_is_written_out(anna: User) -> None:
    people = [anna, colleague("Anna Muster", Role.SCREENER)]

    assert notes.named("@Anna?", people) == (set(), ["anna"])
    assert notes.named("@Anna Muster?", people) == ({people[1]}, [])


def test_the_handle_of_everybody_means_them_alone(anna: User) -> None:
    people = [anna, colleague("Anna Muster", Role.SCREENER), colleague("Bo", Role.SCREENER)]

    handles = [notes.handle(user, people) for user in people]

    assert handles == ["annakeller", "annamuster", "bo"]
    assert [notes.named(f"@{handle}", people)[0] for handle in handles] == [{user} for user in people]


def test_a_note_reaches_those_ticked_and_those_named_but_never_its_author(
    anna: User, expression: Make, account: Account
) -> None:
    ghana, bo = expression(), colleague("Bo", Role.SECRETARIAT)

    told = notes.add(ghana, text="@Anna and @Bo: see the budget.", author=anna, ticked=[account(Role.SCREENER).id])
    db.session.commit()

    (note,) = notes.of_expression(ghana)
    assert names(told.mentioned) == ["Bo", "The screener"]
    assert (note.author_name, note.text) == ("Anna Keller", "@Anna and @Bo: see the budget.")
    assert names(mention.user for mention in note.mentions) == ["Bo", "The screener"]
    assert [each.text for each in notes.mentions_of(bo)] == ["@Anna and @Bo: see the budget."]


def test_notes_are_kept_in_the_order_in_which_they_were_written(anna: User, expression: Make) -> None:
    ghana = expression()

    for text in ("First.", "Second.", "Third."):
        notes.add(ghana, text=text, author=anna)
    db.session.commit()

    assert [note.text for note in notes.of_expression(ghana)] == ["First.", "Second.", "Third."]


def test_who_has_a_conflict_of_interest_writes_no_note_and_no_reminder(anna: User, expression: Make) -> None:
    ghana = expression(organisation_name=EMPLOYER)

    for refused in (
        lambda: notes.add(ghana, text="Fine.", author=anna),
        lambda: notes.remind(ghana, user=anna, on=now().date(), text="Look."),
    ):
        with pytest.raises(Refused) as refusal:
            refused()
        assert [reason.code for reason in refusal.value.reasons] == ["conflict_of_interest"]


def test_a_colleague_with_a_conflict_is_not_reached_by_a_tick_nor_by_name(
    anna: User, expression: Make, account: Account
) -> None:
    ghana, author = expression(organisation_name=EMPLOYER), account(Role.SCREENER)

    told = notes.add(ghana, text="@Anna, look.", author=author, ticked=[anna.id])
    db.session.commit()

    assert (names(told.mentioned), names(told.barred)) == ([], ["Anna Keller"])
    assert db.session.query(Mention).count() == 0
    assert names(notes.company(ghana, author).barred) == ["Anna Keller"]


def test_a_conflict_declared_later_hides_what_was_waiting(anna: User, expression: Make, account: Account) -> None:
    ghana, kenya = expression(), expression()
    for about in (ghana, kenya):
        notes.add(about, text="@Anna, look.", author=account(Role.SCREENER))
        notes.remind(about, user=anna, on=now().date(), text="Look.")
    conflicts.declare(ghana, by=anna, kind=ConflictKind.ADVICE, reason="I helped them.")
    db.session.commit()

    assert [each.about for each in notes.mentions_of(anna)] == [kenya]
    assert [each.about for each in notes.reminders_due(anna, now().date())] == [kenya]


def test_nobody_marks_the_mention_or_the_reminder_of_somebody_else(
    anna: User, expression: Make, account: Account
) -> None:
    ghana, today = expression(), now().date()
    notes.add(ghana, text="@Anna, look.", author=account(Role.SCREENER))
    notes.remind(ghana, user=anna, on=today, text="Look.")
    db.session.commit()
    (mention,), (reminder,) = notes.mentions_of(anna), notes.reminders_due(anna, today)

    for user, left in ((account(Role.SCREENER), 1), (anna, 0)):
        notes.mark_read(user, [mention.key])
        notes.finish(user, [reminder.key])
        db.session.commit()
        assert (len(notes.mentions_of(anna)), len(notes.reminders_due(anna, today))) == (left, left)


def test_a_reminder_waits_for_its_day(anna: User, expression: Make) -> None:
    ghana, today = expression(), now().date()
    notes.remind(ghana, user=anna, on=today + timedelta(days=1), text="Ask again.")
    db.session.commit()

    assert notes.reminders_due(anna, today) == []
    assert [(each.text, each.about) for each in notes.reminders_due(anna, today + timedelta(days=1))] == [
        ("Ask again.", ghana)
    ]


def test_many_notes_and_mentions_cost_as_many_statements_as_one(anna: User, expression: Make, account: Account) -> None:
    ghana, author, numbers = expression(), account(Role.SCREENER), []

    for more in (1, 19):
        for _ in range(more):
            notes.add(ghana, text="@Anna, look.", author=author)
        db.session.commit()
        db.session.expire_all()
        with counted() as statements:
            found = [mention.user.name for note in notes.of_expression(ghana) for mention in note.mentions]
            waiting = notes.mentions_of(anna)
        numbers.append(len(statements))

    assert (len(found), len(waiting), numbers[1]) == (20, 20, numbers[0])


def test_a_closed_account_is_no_company(anna: User, expression: Make, account: Account) -> None:
    ghana, author = expression(State.SUBMITTED), account(Role.SCREENER)
    anna.active = False
    db.session.commit()

    assert notes.company(ghana, author) == notes.Company((), ())
