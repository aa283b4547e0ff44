"""The demonstration: every state is shown, it says that it is fictitious, and a second run adds nothing."""

from collections import Counter
from collections.abc import Callable

from flask import Flask
from sqlalchemy import select

from intake import demonstration, history
from intake.extensions import db
from intake.models import Enquiry, Expression, User, now
from workflows import enquiry
from workflows.expression import State
from workflows.people import Role


def test_the_demonstration_shows_every_state_and_a_second_run_adds_nothing(account: Callable[[Role], User]) -> None:
    account(Role.SCREENER)

    for _ in range(2):
        for plan in demonstration.plans():
            demonstration.make(plan, now())

    made = db.session.scalars(select(Expression)).all()
    assert Counter(each.state for each in made) == {
        State.CONFIRMED: 8,
        State.SUBMITTED: 8,
        State.ASSIGNED: 5,
        State.SCREENED: 4,
        State.DRAFT: 3,
        State.WAITLISTED: 2,
        State.RETURNED: 2,
        State.DECLINED: 2,
        State.WITHDRAWN: 1,
        State.LAPSED: 1,
    }
    assert all(each.fictitious and each.contact_email.endswith("@example.org") for each in made)
    assert [fault for each in made for fault in history.faults(each, each.history)] == []


def test_the_demonstration_asks_two_questions_and_answers_one_of_them(app: Flask) -> None:
    for _ in range(2):
        for question in demonstration.QUESTIONS:
            demonstration.ask(question)

    asked = db.session.scalars(select(Enquiry).order_by(Enquiry.id)).all()
    assert [(each.email, each.state, [entry.trigger for entry in each.history]) for each in asked] == [
        ("officer@example.org", enquiry.State.ANSWERED, ["ask", "answer"]),
        ("assistant@example.org", enquiry.State.OPEN, ["ask"]),
    ]
    assert all("fictitious" in each.name and each.subject.startswith("Fictitious: ") for each in asked)
    assert [fault for each in asked for fault in history.faults(each, each.history)] == []
