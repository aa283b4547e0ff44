"""What an applicant has sent, and when: each version beside the one before, and no words of anybody else."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from flask.testing import FlaskClient

from intake import drafting
from intake.advance import advance
from intake.applicants import versions
from intake.extensions import db
from intake.models import Expression, Revision
from tests.applicants import walking
from tests.making import ANSWERS, SECRETARIAT
from tests.statements import counted
from workflows.expression import State

Make = Callable[..., Expression]
SENT = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)


def change(subject: Expression, *, hours: int, **changes: Any) -> None:
    """The applicant changes answers so many hours after sending; then the screener reads them."""
    drafting.change(subject, changes)
    subject.unread = False
    db.session.flush()
    newest = db.session.query(Revision).order_by(Revision.id.desc()).first()
    assert newest is not None
    newest.at = SENT + timedelta(hours=hours)
    db.session.commit()


def pledge(statement: str) -> dict[str, Any]:
    """Answers in which the pledge has this statement."""
    return {"pledge": {**ANSWERS["pledge"], "statement": statement}}


@pytest.fixture
def ghana(client: FlaskClient, expression: Make) -> Expression:
    """Sent, and changed twice."""
    made = expression(State.SUBMITTED, submitted_at=SENT)
    walking.hold(client, made)
    change(made, hours=1, criteria=pledge("We intend to connect ninety."), communities="Rural clinics")
    change(made, hours=2, criteria=pledge("We intend to connect ninety schools."), sdgs=[4, 9, 10])
    return made


def page(client: FlaskClient, subject: Expression, number: str = "") -> str:
    """The text of the page, in one line."""
    answer = client.get(walking.address(subject, f"/versions{number}"))
    assert answer.status_code == 200
    return " ".join(unescape(answer.text).split())


def spoken(shown: str) -> list[str]:
    """What is taken out and put in, with the words for listeners."""
    found = re.findall(r"<(?:del|ins)>(.*?)</(?:del|ins)>", shown, re.DOTALL)
    return [" ".join(re.sub(r"<[^>]*>", "", each).split()) for each in found]


def test_every_version_stands_with_its_moment_and_zone_the_newest_first(client: FlaskClient, ghana: Expression) -> None:
    shown = page(client, ghana)

    assert re.findall(r"Version \d: [a-z ]*", shown) == [
        "Version 3: changed by you ", "Version 2: changed by you", "Version 1: sent",
    ]  # fmt: skip
    assert re.findall(r"<time [^>]*>(.*?)</time>", shown) == [
        f"2 November 2026, {time} (Geneva time)" for time in ("12:30", "11:30", "10:30")
    ]


def test_a_version_shows_what_was_taken_out_and_put_in_question_by_question(
    client: FlaskClient, ghana: Expression
) -> None:
    newest, second = page(client, ghana), page(client, ghana, "/2")

    assert spoken(newest) == ["[added: schools]", "[added: 10. Reduced Inequalities]"]
    assert re.findall(r"<h4>(.*?)</h4>", second) == ["Your statement", "Communities you serve"]
    assert spoken(second) == ["[taken out: more]", "[added: ninety]", "[taken out: schools]", "[added: clinics]"]


def test_the_first_version_stands_whole_as_it_was_sent(client: FlaskClient, ghana: Expression) -> None:
    shown = page(client, ghana, "/1")

    assert "We intend to connect more." in shown
    assert "Rural schools" in shown
    assert "ninety" not in shown
    assert "clinics" not in shown


def test_an_answer_that_came_back_is_no_difference(client: FlaskClient, ghana: Expression) -> None:
    drafting.change(ghana, {"communities": "Elsewhere"})
    drafting.change(ghana, {"communities": "Rural clinics"})
    db.session.commit()

    assert "The answers are again as they were in the version before." in page(client, ghana)


def test_what_staff_corrected_is_not_called_the_applicants_change(client: FlaskClient, expression: Make) -> None:
    ghana = expression(State.SUBMITTED, submitted_at=SENT, sub_type="regulator")
    walking.hold(client, ghana)
    change(ghana, hours=1, sub_type="ministry")
    correction = {"category": "academia", "sub_type": "university", "reason": "Asked for."}
    advance(ghana, "correct_category", actor=SECRETARIAT, version=ghana.version, **correction)

    assert [(each.before.sub_type, each.answers.sub_type) for each in versions.of(ghana)] == [
        ("regulator", "regulator"), ("regulator", "ministry"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ("نربط أربعين مدرسة", "نربط تسعين مدرسة", ["[taken out: أربعين]", "[added: تسعين]"]),
        ("我们连接四十所学校。", "我们连接九十所学校。", ["[taken out: 四]", "[added: 九]"]),
        ("<b>%(x)s</b>", "<b>{{ 7*7 }}</b>", ["[taken out: %(x)s]", "[added: {{ 7*7 }}]"]),
    ],
)
def test_any_writing_is_compared(
    client: FlaskClient, expression: Make, before: str, after: str, found: list[str]
) -> None:
    subject = expression(State.SUBMITTED, communities=before)
    walking.hold(client, subject)
    change(subject, hours=1, communities=after)

    answer = client.get(walking.address(subject, "/versions")).text

    assert spoken(unescape(answer)) == found
    assert "<b>" not in answer


@pytest.mark.parametrize("changes", [0, 1, 12])
def test_the_page_takes_at_most_six_statements(client: FlaskClient, expression: Make, changes: int) -> None:
    subject = expression(State.SUBMITTED)
    walking.hold(client, subject)
    for number in range(changes):
        change(subject, hours=number, communities=f"Schools {number}")
    where = walking.address(subject, "/versions")
    db.session.remove()

    with counted() as statements:
        shown = client.get(where).text

    assert shown.count('class="event"') == changes + 1
    assert len(statements) <= 6, statements


@pytest.mark.parametrize("number", ["/0", "/4", "/2147483647", "/2147483648", "/x"])
def test_there_is_no_page_of_a_version_that_is_none(client: FlaskClient, ghana: Expression, number: str) -> None:
    assert client.get(walking.address(ghana, f"/versions{number}")).status_code == 404


def test_of_a_draft_nothing_was_sent(client: FlaskClient, expression: Make) -> None:
    draft = expression(State.DRAFT)
    walking.hold(client, draft)

    assert client.get(walking.address(draft, "/versions")).status_code == 404


def test_the_status_page_leads_to_the_versions(client: FlaskClient, ghana: Expression) -> None:
    assert f'href="{walking.address(ghana, "/versions")}"' in client.get(walking.address(ghana)).text
