"""The demonstration: every state is shown, it says that it is fictitious, and a second run adds nothing."""

from collections import Counter
from collections.abc import Callable

from sqlalchemy import select

from intake import demonstration, history
from intake.extensions import db
from intake.models import Expression, User, now
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
