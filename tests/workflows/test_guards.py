"""Each guard: when it allows, and the sentence with which it refuses."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from workflows import expression_guards as guards
from workflows.expression_guards import Step
from workflows.people import SYSTEM, Actor, Role
from workflows.workflow import Guard, Move, Reason

GENEVA = ZoneInfo("Europe/Zurich")
NOW = datetime(2027, 3, 1, 12, 0, tzinfo=GENEVA)
SOMEBODY = Actor("Somebody", frozenset({Role.SECRETARIAT}))


@dataclass(frozen=True)
class Around:
    """Circumstances in which every guard allows."""

    now: datetime = NOW
    opens: datetime = datetime(2027, 1, 1, tzinfo=GENEVA)
    closes: datetime = datetime(2027, 3, 31, 23, 59, tzinfo=GENEVA)
    decision_working_days: int = 10
    roundtable_ends: date = date(2027, 6, 9)
    criteria: dict[str, str] = field(default_factory=lambda: {"commitment": "commitment"})
    focus_areas: frozenset[str] = frozenset({"access", "adoption"})
    address_is_proven: bool = True
    unmet: tuple[str, ...] = ()
    unseconded: tuple[str, ...] = ()
    disputed: tuple[str, ...] = ()
    seats_free: dict[str, int] = field(default_factory=lambda: {"in_person": 1, "remote": 0})
    duplicates: tuple[str, ...] = ()
    sub_types: dict[str, frozenset[str]] = field(
        default_factory=lambda: {"member_states": frozenset({"ministry"}), "others": frozenset()}
    )
    conflicts: dict[int, str] = field(default_factory=dict)
    is_kept_no_longer: bool = True
    asked_on: date | None = None
    erasure_days: int = 30
    last_step: Step | None = field(default_factory=lambda: Step("assign", "screened", 0))

    def conflict_of(self, user_id: int) -> str | None:
        """The conflict of one member of staff."""
        return self.conflicts.get(user_id)


def subject(**changes: Any) -> SimpleNamespace:
    """A complete expression, as far as guards look."""
    values = {
        "organisation_name": "Ministry", "category": "member_states", "sub_type": "ministry", "country": "RWA",
        "contact_name": "Officer", "contact_email": "a@example.org", "preferences": ["access"],
        "communities": "Schools", "sdgs": [4],
        "criteria": {"commitment": {"statement": "We did.", "basis": "past_work"}}, "consented_at": NOW,
        "duplicate_acknowledged": False, "points": [{"question": "How many?", "answer": "Ten."}],
        "focus_area": "access", "erased_at": None, "erasure_due_on": None, "reference": "P2C-1234-5678",
        "delegate_name": "The Minister", "delegate_title": "Minister", "answer_due_on": date(2027, 2, 28),
        "decision_due_on": date(2027, 2, 26),
    }  # fmt: skip
    return SimpleNamespace(**{**values, **changes})


def refused(
    guard: Guard, *, facts: dict[str, Any] | None = None, around: dict[str, Any] | None = None, **changes: Any
) -> Reason | None:
    """The reason for which a guard refuses, if it does."""
    return guard(Move(subject(**changes), SOMEBODY, facts or {}, replace(Around(), **(around or {}))))


def refusal(guard: Guard, **given: Any) -> str:
    """What a guard says; empty when it allows."""
    reason = refused(guard, **given)
    return "" if reason is None else str(reason)


SECOND = timedelta(seconds=1)
CLOSED = "The call closed on 31 March 2027, 23:59 (Europe/Zurich). Write to the secretariat if this is an error."
UNREASONED = "Name at least one criterion that is not met, the reason, and what would change the decision."
NO_POINTS = "Name at least one point that the applicant has to answer."
NO_DATE = "Give a date after today by which the answers are due."
NO_DELEGATE = "No delegate at the highest level is named yet. The applicant can name one on the status page."
NO_MODE = "Choose how the delegate takes part: in person or remote."
NO_SEAT = "No seat is free in this mode. Waitlist the expression, or choose the other mode."
SEATS = "Seats are free in this mode (1): confirm instead."
OPENS = "The call opens on 1 January 2027, 00:00 (Europe/Zurich)."
OVER = "The Roundtable ended on 28 February 2027."
TWO_OPEN = [{"question": "a", "answer": ""}, {"question": "b", "answer": "B"}, {"question": "c"}]
KEPT = {"is_kept_no_longer": False}
NOT_DUE = "The time for which it is kept is not over. Record that erasure was asked for, then erase."
TAKEN = {"seats_free": {"in_person": -1}}
NO_UNDO = "The letters of this step have left, so it cannot be undone. Take the next step instead."
GONE = "The seat has been given to somebody else meanwhile, so this step cannot be undone."
NO_CATEGORY = "Choose one of the categories with one of its sub-types."
SAME_CATEGORY = "The expression has this category and sub-type already. Choose another."
POINT = {"question": "How many?"}
DECISION = {"criteria": ["commitment"], "reason": "No past work.", "change": "Show one."}


@pytest.mark.parametrize(
    ("guard", "given", "said"),
    [
        (guards.is_not_erased, {}, ""),
        (guards.is_not_erased, {"erased_at": NOW},
         "The personal data have been erased, so nothing more can be done here."),
        (guards.erasure_is_not_asked, {}, ""),
        (guards.erasure_is_not_asked, {"erasure_due_on": date(2027, 3, 9)},
         "Erasure was asked for; the data are erased by 9 March 2027. Only the applicant can take the request back."),
        (guards.erasure_is_asked, {"erasure_due_on": date(2027, 3, 9)}, ""),
        (guards.erasure_is_asked, {}, "Nobody has asked for erasure, so there is no request to take back."),
        (guards.erasure_is_due, {}, ""),
        (guards.erasure_is_due, {"around": KEPT}, NOT_DUE),
        (guards.erasure_is_due, {"around": KEPT, "erasure_due_on": date(2027, 3, 9)}, ""),
        (guards.call_is_open, {}, ""),
        (guards.call_is_open, {"around": {"now": Around.opens}}, ""),
        (guards.call_is_open, {"around": {"now": Around.closes}}, ""),
        (guards.call_is_open, {"around": {"now": Around.opens - SECOND}}, OPENS),
        (guards.call_is_open, {"around": {"now": Around.closes + SECOND}}, CLOSED),
        (guards.form_is_complete, {}, ""),
        (guards.form_is_complete, {"sdgs": [], "contact_name": "", "contact_email": ""},
         "Some answers are missing. Complete these steps: contact, goals."),
        (guards.form_is_complete, {"preferences": []}, "Some answers are missing. Complete these steps: focus areas."),
        (guards.form_is_complete, {"criteria": {}}, "Some answers are missing. Complete these steps: commitment."),
        (guards.form_is_complete, {"around": {"criteria": {"participation": "participation"}},
                                   "criteria": {"participation": {"statement": "Yes."}}, "participation_mode": None},
         "Some answers are missing. Complete these steps: participation."),
        (guards.consent_is_given, {}, ""),
        (guards.consent_is_given, {"consented_at": None}, "Confirm that you have read the notice and agree to it."),
        (guards.duplicate_is_acknowledged, {}, ""),
        (guards.duplicate_is_acknowledged, {"around": {"duplicates": ("P2C-1",)}, "duplicate_acknowledged": True}, ""),
        (guards.duplicate_is_acknowledged, {"around": {"duplicates": ("P2C-1",)}},
         "This organisation already has an expression of interest in this call. Confirm that another is intended."),
        (guards.points_are_named, {"facts": {"points": [POINT]}}, ""),
        (guards.points_are_named, {"facts": {}}, NO_POINTS),
        (guards.points_are_named, {"facts": {"points": []}}, NO_POINTS),
        (guards.points_are_named, {"facts": {"points": [POINT, {"question": " "}]}}, NO_POINTS),
        (guards.points_are_named, {"facts": {"points": [{}]}}, NO_POINTS),
        (guards.due_date_is_ahead, {"facts": {"due_on": date(2027, 3, 2)}}, ""),
        (guards.due_date_is_ahead, {"facts": {"due_on": date(2027, 3, 1)}}, NO_DATE),
        (guards.due_date_is_ahead, {"facts": {}}, NO_DATE),
        (guards.points_are_answered, {}, ""),
        (guards.points_are_answered, {"points": TWO_OPEN},
         "Answer every point; 2 still without an answer."),
        (guards.criteria_are_met, {}, ""),
        (guards.criteria_are_met, {"around": {"unmet": ("Evidence", "Pledge")}},
         "These criteria have no verdict “met”: Evidence; Pledge."),
        (guards.second_screener_has_judged, {}, ""),
        (guards.second_screener_has_judged, {"around": {"unseconded": ("Evidence", "Pledge")}},
         "These criteria wait for the second screener: Evidence; Pledge."),
        (guards.screeners_agree, {}, ""),
        (guards.screeners_agree, {"around": {"disputed": ("Evidence", "Pledge")}},
         "The screeners disagree on: Evidence; Pledge. Settle each with a reason."),
        (guards.decision_is_reasoned, {"facts": DECISION}, ""),
        (guards.decision_is_reasoned, {"facts": {**DECISION, "criteria": []}}, UNREASONED),
        (guards.decision_is_reasoned, {"facts": {**DECISION, "reason": " "}}, UNREASONED),
        (guards.decision_is_reasoned, {"facts": {**DECISION, "change": None}}, UNREASONED),
        (guards.decision_is_reasoned, {"facts": {}}, UNREASONED),
        (guards.category_is_known, {"facts": {"category": "member_states", "sub_type": "ministry"}}, ""),
        (guards.category_is_known, {"facts": {"category": "others", "sub_type": ""}}, ""),
        (guards.category_is_known, {"facts": {"category": "others"}}, ""),
        (guards.category_is_known, {"facts": {"category": "others", "sub_type": "ministry"}}, NO_CATEGORY),
        (guards.category_is_known, {"facts": {"category": "member_states", "sub_type": "other"}}, NO_CATEGORY),
        (guards.category_is_known, {"facts": {"category": "member_states"}}, NO_CATEGORY),
        (guards.category_is_known, {"facts": {"category": "kingdoms", "sub_type": "ministry"}}, NO_CATEGORY),
        (guards.category_is_known, {"facts": {}}, NO_CATEGORY),
        (guards.category_differs, {"facts": {"category": "others"}}, ""),
        (guards.category_differs, {"facts": {"category": "member_states", "sub_type": "regulator"}}, ""),
        (guards.category_differs, {"facts": {"category": "member_states", "sub_type": "ministry"}}, SAME_CATEGORY),
        (guards.category_differs, {"category": "others", "sub_type": "", "facts": {"category": "others"}},
         SAME_CATEGORY),
        (guards.category_differs, {"category": "", "sub_type": "", "facts": {}}, SAME_CATEGORY),
        (guards.reason_is_given, {"facts": {"reason": "Because."}}, ""),
        (guards.reason_is_given, {"facts": {"reason": "\n"}}, "Give a reason; it becomes part of the history."),
        (guards.focus_area_is_chosen, {"facts": {"focus_area": "adoption"}}, ""),
        (guards.focus_area_is_chosen, {"facts": {"focus_area": "nothing"}}, "Choose one of the focus areas."),
        (guards.departure_is_reasoned, {"facts": {"focus_area": "access"}}, ""),
        (guards.departure_is_reasoned, {"facts": {"focus_area": "adoption", "reason": "The group lacks one."}}, ""),
        (guards.departure_is_reasoned, {"facts": {"focus_area": "adoption"}},
         "The applicant did not rank this focus area: give a reason for choosing it."),
        (guards.focus_area_differs, {"facts": {"focus_area": "adoption"}}, ""),
        (guards.focus_area_differs, {"facts": {"focus_area": "access"}},
         "The expression is already in this focus area. Choose another one."),
        (guards.delegate_is_named, {}, ""),
        (guards.delegate_is_named, {"delegate_name": ""}, NO_DELEGATE),
        (guards.delegate_is_named, {"delegate_title": " "}, NO_DELEGATE),
        (guards.roundtable_is_ahead, {"around": {"roundtable_ends": date(2027, 3, 1)}}, ""),
        (guards.roundtable_is_ahead, {"around": {"roundtable_ends": date(2027, 2, 28)}}, OVER),
        (guards.seat_is_free, {"facts": {"seat_mode": "in_person"}}, ""),
        (guards.seat_is_free, {"facts": {"seat_mode": "remote"}}, NO_SEAT),
        (guards.seat_is_free, {"facts": {"seat_mode": "in_person"}, "around": TAKEN}, NO_SEAT),
        (guards.seat_is_free, {"facts": {}}, NO_MODE),
        (guards.no_seat_is_free, {"facts": {"seat_mode": "remote"}}, ""),
        (guards.no_seat_is_free, {"facts": {"seat_mode": "in_person"}}, SEATS),
        (guards.no_seat_is_free, {"facts": {}}, NO_MODE),
        (guards.decision_is_overdue, {}, ""),
        (guards.decision_is_overdue, {"decision_due_on": date(2027, 3, 1)},
         "The decision is promised by 1 March 2027. Wait until that day has passed; then you can ask here."),
        (guards.decision_is_overdue, {"decision_due_on": None},
         "No day is promised for this decision. Write to the secretariat."),
        (guards.not_asked_lately, {}, ""),
        (guards.not_asked_lately, {"around": {"asked_on": date(2027, 2, 22)}}, ""),
        (guards.not_asked_lately, {"around": {"asked_on": date(2027, 2, 23)}},
         "You asked on 23 February 2027, and the secretariat was told. "
         "Wait until 2 March 2027; then you can ask again."),
        (guards.answer_is_overdue, {}, ""),
        (guards.answer_is_overdue, {"answer_due_on": date(2027, 3, 1)}, "The applicant still has time to answer."),
        (guards.answer_is_overdue, {"answer_due_on": None}, "The applicant still has time to answer."),
        (guards.letters_are_held, {}, ""),
        (guards.letters_are_held, {"around": {"last_step": Step("assign", "screened", 1)}}, NO_UNDO),
        (guards.letters_are_held, {"around": {"last_step": None}}, NO_UNDO),
        (guards.seat_is_still_free, {}, ""),
        (guards.seat_is_still_free, {"around": {"last_step": None}}, ""),
        (guards.seat_is_still_free, {"around": {"last_step": Step("release", "confirmed", 0, "in_person")}}, ""),
        (guards.seat_is_still_free, {"around": {"last_step": Step("release", "confirmed", 0, "remote")}}, GONE),
    ],
)  # fmt: skip
def test_a_guard_allows_or_says_why_not_and_how_to_mend_it(guard: Guard, given: dict[str, Any], said: str) -> None:
    assert refusal(guard, **given) == said


@pytest.mark.parametrize(
    ("guard", "given", "code"),
    [
        (guards.call_is_open, {"around": {"now": Around.opens - SECOND}}, "call_not_open"),
        (guards.call_is_open, {"around": {"now": Around.closes + SECOND}}, "call_closed"),
        (guards.form_is_complete, {"sdgs": []}, "form_incomplete"),
        (guards.consent_is_given, {"consented_at": None}, "no_consent"),
        (guards.duplicate_is_acknowledged, {"around": {"duplicates": ("P2C-1",)}}, "duplicate"),
        (guards.points_are_named, {}, "no_points"),
        (guards.due_date_is_ahead, {}, "due_date_past"),
        (guards.points_are_answered, {"points": TWO_OPEN}, "points_unanswered"),
        (guards.criteria_are_met, {"around": {"unmet": ("Evidence",)}}, "criteria_unmet"),
        (guards.second_screener_has_judged, {"around": {"unseconded": ("Evidence",)}}, "unseconded"),
        (guards.screeners_agree, {"around": {"disputed": ("Evidence",)}}, "disputed"),
        (guards.decision_is_reasoned, {}, "decision_unreasoned"),
        (guards.category_is_known, {}, "unknown_category"),
        (guards.category_differs, {"facts": {"category": "member_states", "sub_type": "ministry"}}, "same_category"),
        (guards.reason_is_given, {}, "no_reason"),
        (guards.focus_area_is_chosen, {}, "no_focus_area"),
        (guards.departure_is_reasoned, {}, "departure_unreasoned"),
        (guards.focus_area_differs, {"facts": {"focus_area": "access"}}, "same_focus_area"),
        (guards.delegate_is_named, {"delegate_name": ""}, "no_delegate"),
        (guards.roundtable_is_ahead, {"around": {"roundtable_ends": date(2027, 2, 28)}}, "roundtable_over"),
        (guards.seat_is_free, {}, "no_mode"),
        (guards.seat_is_free, {"facts": {"seat_mode": "remote"}}, "no_seat"),
        (guards.no_seat_is_free, {}, "no_mode"),
        (guards.no_seat_is_free, {"facts": {"seat_mode": "in_person"}}, "seat_free"),
        (guards.answer_is_overdue, {"answer_due_on": None}, "not_overdue"),
        (guards.decision_is_overdue, {"decision_due_on": NOW.date()}, "not_late"),
        (guards.decision_is_overdue, {"decision_due_on": None}, "no_day_promised"),
        (guards.not_asked_lately, {"around": {"asked_on": NOW.date()}}, "asked_lately"),
        (guards.letters_are_held, {"around": {"last_step": None}}, "letters_left"),
        (guards.seat_is_still_free, {"around": {"last_step": Step("release", "confirmed", 0, "remote")}}, "seat_gone"),
    ],
)  # fmt: skip
def test_a_refusal_has_a_code_that_stays_when_the_sentence_is_reworded(
    guard: Guard, given: dict[str, Any], code: str
) -> None:
    reason = refused(guard, **given)

    assert reason is not None
    assert reason.code == code


def conflict_refuses(actor: Actor) -> Reason | None:
    """What the guard says to an actor where the account 7 works for the applicant."""
    return guards.no_conflict(Move(subject(), actor, {}, Around(conflicts={7: "you declared work for them"})))


def test_whoever_has_a_conflict_of_interest_is_refused_and_told_how_to_go_on() -> None:
    reason = conflict_refuses(replace(SOMEBODY, user_id=7))

    assert reason == guards.conflicted("you declared work for them")
    assert (reason.code, str(reason)) == (
        "conflict_of_interest",
        "You have a conflict of interest with this applicant: you declared work for them. "
        "A colleague who has none must decide; leave it to them, or ask the secretariat to find one.",
    )


@pytest.mark.parametrize("actor", [replace(SOMEBODY, user_id=8), SOMEBODY, SYSTEM], ids=["colleague", "none", "system"])
def test_a_conflict_of_interest_stops_nobody_else(actor: Actor) -> None:
    assert conflict_refuses(actor) is None


def test_the_day_of_a_guard_is_the_day_in_the_zone_of_the_call() -> None:
    just_after_midnight = datetime(2027, 3, 2, 0, 30, tzinfo=GENEVA)

    said = refusal(guards.due_date_is_ahead, facts={"due_on": date(2027, 3, 2)}, around={"now": just_after_midnight})

    assert said == NO_DATE


@pytest.mark.parametrize(("due_on", "code"), [(date(2027, 3, 1), None), (date(2027, 3, 2), "erasure_not_due")])
def test_the_system_erases_what_was_asked_for_on_its_day(due_on: date, code: str | None) -> None:
    step = Move(subject(erasure_due_on=due_on), SYSTEM, {}, replace(Around(), is_kept_no_longer=False))

    reason = guards.erasure_is_due(step)

    assert (reason.code if reason else None) == code
