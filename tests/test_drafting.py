"""Drafts: begun once, changed while the state allows, and never without an answer they need."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select

from intake import drafting
from intake.extensions import db
from intake.models import Expression, Outcome, Revision, Verdict
from workflows.expression import EDITABLE, State
from workflows.workflow import Refused

Make = Callable[..., Expression]


def test_the_same_key_begins_the_same_draft(app: object) -> None:
    first = drafting.begin("one key")
    second = drafting.begin("one key")
    db.session.commit()

    assert first.id == second.id
    assert db.session.scalar(select(func.count()).select_from(Expression)) == 1
    assert (first.state, first.criteria_count) == (State.DRAFT, 4)


def test_drafts_without_a_key_are_each_their_own(app: object) -> None:
    assert drafting.begin().reference != drafting.begin().reference


def test_a_new_draft_lacks_every_answer_of_the_programme(app: object) -> None:
    assert drafting.missing(drafting.begin()) == (
        ("organisation", "organisation_name"),
        ("organisation", "category"),
        ("organisation", "country"),
        ("contact", "contact_name"),
        ("contact", "contact_email"),
        ("focus_areas", "preferences"),
        ("communities", "communities"),
        ("goals", "sdgs"),
        ("commitment", "statement"),
        ("commitment", "basis"),
        ("pledge", "statement"),
        ("pledge", "pledge_type"),
        ("pledge", "target"),
        ("participation", "statement"),
        ("participation", "delegate_title"),
        ("participation", "participation_mode"),
        ("engagement", "statement"),
        ("engagement", "nominee_name"),
    )


def test_a_changed_name_changes_what_duplicates_are_found_by(expression: Make) -> None:
    ghana = expression(State.DRAFT)

    drafting.change(ghana, {"organisation_name": "The Ministry of Communications & Digitalisation"})
    db.session.commit()

    assert ghana.organisation_key == "ministry of communications and digitalisation"


@pytest.mark.parametrize("state", State)
def test_answers_change_in_the_states_that_allow_it_and_in_no_other(expression: Make, state: State) -> None:
    ghana = expression(state)

    if state in EDITABLE:
        drafting.change(ghana, {"website": "https://example.org"})
        db.session.commit()
        assert (ghana.website, ghana.version) == ("https://example.org", 2)
    else:
        with pytest.raises(Refused, match="can no longer be changed"):
            drafting.change(ghana, {"website": "https://example.org"})


@pytest.mark.parametrize(
    "emptied", [{"organisation_name": ""}, {"sdgs": []}, {"criteria": {"pledge": {"statement": "x"}}}]
)
def test_a_submitted_expression_does_not_lose_an_answer_that_it_needs(
    expression: Make, emptied: dict[str, Any]
) -> None:
    ghana = expression(State.SUBMITTED)
    before = (ghana.organisation_name, ghana.sdgs, ghana.criteria)

    with pytest.raises(Refused, match="cannot be emptied"):
        drafting.change(ghana, emptied)

    assert (ghana.organisation_name, ghana.sdgs, ghana.criteria) == before


def test_a_draft_may_lose_any_answer(expression: Make) -> None:
    ghana = expression(State.DRAFT)

    drafting.change(ghana, {"organisation_name": ""})
    db.session.commit()

    assert (ghana.organisation_name, ghana.organisation_key) == ("", "")


def test_a_changed_criterion_loses_its_verdict_and_the_others_keep_theirs(expression: Make) -> None:
    ghana = expression(State.SUBMITTED, met=True)

    drafting.change(ghana, {"criteria": {"commitment": {"statement": "We did more.", "basis": "past_work"}}})
    db.session.commit()

    left = db.session.execute(select(Verdict.criterion, Verdict.outcome).order_by(Verdict.id)).all()
    assert [tuple(each) for each in left] == [
        ("pledge", Outcome.MET),
        ("participation", Outcome.MET),
        ("engagement", Outcome.MET),
    ]
    assert ghana.criteria_met == 3
    assert ghana.criteria["pledge"]["target"] == "100 schools"


def revisions() -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """What every revision keeps."""
    return [(each.before, each.verdicts) for each in db.session.scalars(select(Revision).order_by(Revision.id))]


def test_a_change_after_sending_keeps_the_answers_and_the_verdicts_as_they_were(expression: Make) -> None:
    ghana = expression(State.RETURNED, met=True)
    pledge = ghana.criteria["pledge"]

    drafting.change(
        ghana, {"criteria": {"pledge": {**pledge, "target": "90 schools"}}, "website": "https://example.org"}
    )
    db.session.commit()

    void = {"outcome": "met", "reason": "Shown in the statement.", "name": "", "user_id": None, "second": False}
    assert revisions() == [({"website": "", "criteria": {"pledge": pledge}}, {"pledge": [void]})]
    assert (ghana.unread, ghana.version, ghana.criteria_met) == (True, 2, 3)


def test_what_is_sent_again_unchanged_is_no_revision_and_voids_nothing(expression: Make) -> None:
    ghana = expression(met=True)

    drafting.change(ghana, {"criteria": {"pledge": dict(ghana.criteria["pledge"])}, "website": ""})
    db.session.commit()

    assert (revisions(), ghana.unread, ghana.criteria_met) == ([], False, 4)


def test_a_draft_has_no_revisions(expression: Make) -> None:
    ghana = expression(State.DRAFT)

    drafting.change(ghana, {"website": "https://example.org"})
    db.session.commit()

    assert (revisions(), ghana.unread) == ([], False)


@pytest.mark.parametrize(("state", "unread"), [(State.SUBMITTED, True), (State.ASSIGNED, False)])
def test_naming_the_delegate_is_a_revision_and_news_as_long_as_it_is_screened(
    expression: Make, state: State, unread: bool
) -> None:
    ghana = expression(state)

    for name in ("The Deputy", "The Minister of State"):
        drafting.name_delegate(ghana, name=name, title="Minister of Connectivity")
        db.session.commit()

    assert (revisions(), ghana.unread) == ([({"delegate_name": "The Minister"}, {})], unread)


def test_answers_to_points_are_news(expression: Make) -> None:
    ghana = expression(State.RETURNED)

    drafting.answer_points(ghana, ["Forty."])
    db.session.commit()

    assert ghana.unread
