"""The expression of interest: its states and its table; the only place that says what may happen to one."""

from collections.abc import Mapping
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from workflows import working_days
from workflows.erasure import erase_expression
from workflows.expression_guards import (
    address_is_proven,
    answer_is_overdue,
    call_is_open,
    category_differs,
    category_is_known,
    consent_is_given,
    criteria_are_met,
    decision_is_overdue,
    decision_is_reasoned,
    delegate_is_named,
    departure_is_reasoned,
    due_date_is_ahead,
    duplicate_is_acknowledged,
    erasure_is_asked,
    erasure_is_due,
    erasure_is_not_asked,
    focus_area_differs,
    focus_area_is_chosen,
    form_is_complete,
    is_not_erased,
    letters_are_held,
    no_conflict,
    no_seat_is_free,
    not_asked_lately,
    points_are_answered,
    points_are_named,
    reason_is_given,
    roundtable_is_ahead,
    screeners_agree,
    seat_is_free,
    seat_is_still_free,
    second_screener_has_judged,
)
from workflows.people import Audience, Role
from workflows.workflow import Effect, Guard, Move, Transition, Workflow, nothing


class State(StrEnum):
    """Where an expression stands. The main line: submitted, screened, assigned, confirmed."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    SCREENED = "screened"
    ASSIGNED = "assigned"
    CONFIRMED = "confirmed"
    WAITLISTED = "waitlisted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"


MAIN_LINE = (State.SUBMITTED, State.SCREENED, State.ASSIGNED, State.CONFIRMED)
EDITABLE = frozenset({State.DRAFT, State.SUBMITTED, State.RETURNED})
"""The states in which the applicant may change the answers."""
JUDGEABLE = frozenset({State.SUBMITTED})
"""The states in which verdicts may be given or changed; a completed screening is frozen."""
ACTIVE = frozenset(State) - {State.DRAFT, State.DECLINED, State.WITHDRAWN, State.LAPSED}
"""The states of which one organisation may have only one in a call, unless a duplicate is acknowledged."""
DELEGATE_NAMEABLE = ACTIVE
"""The states in which the applicant may name or change the delegate to the Roundtable."""
ENDED = frozenset({State.DECLINED, State.WITHDRAWN, State.LAPSED})
"""The states in which the way of an expression has ended; only a reopening leads on."""
PLACED = frozenset({State.ASSIGNED, State.CONFIRMED, State.WAITLISTED})
"""The states that count towards the composition of a working group."""
JUDGED = PLACED | {State.SCREENED}


def _ask(move: Move) -> Mapping[str, Any]:
    points = [{"question": point["question"], "answer": ""} for point in move.facts["points"]]
    return {"points": points, "answer_due_on": move.facts["due_on"]}


def _decision_due(move: Move) -> date:
    return working_days.after(move.circumstances.now.date(), move.circumstances.decision_working_days)


def _received(move: Move) -> Mapping[str, Any]:
    return {"submitted_at": move.circumstances.now, "decision_due_on": _decision_due(move)}


def _answered(move: Move) -> Mapping[str, Any]:
    return {"answer_due_on": None, "decision_due_on": _decision_due(move)}


def _classify(move: Move) -> Mapping[str, Any]:
    return {"category": move.facts["category"], "sub_type": move.facts["sub_type"] or ""}


def _place(move: Move) -> Mapping[str, Any]:
    return {"focus_area": move.facts["focus_area"]}


def _seat(move: Move) -> Mapping[str, Any]:
    return {"seat_mode": move.facts["seat_mode"]}


def _leave_seat(move: Move) -> Mapping[str, Any]:
    return {"seat_mode": None}


def _start_again(move: Move) -> Mapping[str, Any]:
    due_on = _decision_due(move)
    return {"focus_area": None, "seat_mode": None, "answer_due_on": None, "decision_due_on": due_on}


def _due_later(move: Move) -> Mapping[str, Any]:
    days = timedelta(days=move.circumstances.erasure_days)
    return {"erasure_due_on": move.circumstances.now.date() + days, "seat_mode": None}


def _due_now(move: Move) -> Mapping[str, Any]:
    """Nobody but the applicant has seen a draft, so nothing speaks for keeping it a day longer."""
    return {"erasure_due_on": move.circumstances.now.date()}


def _keep(move: Move) -> Mapping[str, Any]:
    return {"erasure_due_on": None}


APPLICANT, SCREENER, SECRETARIAT, SYSTEM = Role.APPLICANT, Role.SCREENER, Role.SECRETARIAT, Role.SYSTEM
TO_APPLICANT, TO_SCREENER = Audience.APPLICANT, Audience.SCREENER
TO_SECRETARIAT, TO_LEAD = Audience.SECRETARIAT, Audience.GROUP_LEAD


def row(
    trigger: str,
    sources: set[State],
    target: State | None,
    who: set[Role],
    guards: list[Guard],
    tells: list[Audience],
    *flags: str,
    facts: tuple[str, ...] = (),
    sets: Effect = nothing,
) -> Transition[State]:
    """One row of the table below; `flags` are names of the boolean fields of `Transition`."""
    return Transition(
        trigger=trigger,
        sources=frozenset(sources),
        target=target,
        who=frozenset(who),
        guards=tuple(guards),
        tells=tuple(tells),
        facts=facts,
        sets=sets,
        **dict.fromkeys(flags, True),
    )


S = State
TABLE = (
    row(
        "submit", {S.DRAFT}, S.SUBMITTED, {APPLICANT},
        [
            is_not_erased, erasure_is_not_asked, call_is_open, form_is_complete, address_is_proven,
            consent_is_given, duplicate_is_acknowledged,
        ],
        [TO_APPLICANT, TO_SECRETARIAT],
        sets=_received,
    ),
    row(
        "request_information", {S.SUBMITTED}, S.RETURNED, {SCREENER, SECRETARIAT},
        [is_not_erased, no_conflict, points_are_named, due_date_is_ahead],
        [TO_APPLICANT, TO_SECRETARIAT], "undoable",
        facts=("points", "due_on"), sets=_ask,
    ),
    row(
        "resubmit", {S.RETURNED}, S.SUBMITTED, {APPLICANT},
        [is_not_erased, points_are_answered, form_is_complete],
        [TO_APPLICANT, TO_SCREENER, TO_SECRETARIAT],
        sets=_answered,
    ),
    row(
        "screen", {S.SUBMITTED}, S.SCREENED, {SCREENER},
        [is_not_erased, no_conflict, criteria_are_met, second_screener_has_judged, screeners_agree],
        [TO_APPLICANT, TO_SECRETARIAT], "undoable",
    ),
    row(
        "decline", {S.SUBMITTED, S.SCREENED}, S.DECLINED, {SCREENER, SECRETARIAT},
        [is_not_erased, no_conflict, decision_is_reasoned],
        [TO_APPLICANT, TO_SECRETARIAT], "undoable", "supersedes",
        facts=("criteria", "reason", "change"),
    ),
    row(
        "assign", {S.SCREENED}, S.ASSIGNED, {SECRETARIAT},
        [is_not_erased, no_conflict, focus_area_is_chosen, departure_is_reasoned],
        [TO_APPLICANT, TO_LEAD, TO_SECRETARIAT], "undoable",
        facts=("focus_area", "reason"), sets=_place,
    ),
    row(
        "reassign", {S.ASSIGNED, S.CONFIRMED, S.WAITLISTED}, None, {SECRETARIAT},
        [is_not_erased, no_conflict, focus_area_is_chosen, focus_area_differs, reason_is_given],
        [TO_APPLICANT, TO_LEAD, TO_SECRETARIAT], "undoable",
        facts=("focus_area", "reason"), sets=_place,
    ),
    row(
        "confirm", {S.ASSIGNED, S.WAITLISTED}, S.CONFIRMED, {SECRETARIAT},
        [is_not_erased, no_conflict, delegate_is_named, seat_is_free, roundtable_is_ahead],
        [TO_APPLICANT, TO_SECRETARIAT], "undoable", "seats",
        facts=("seat_mode",), sets=_seat,
    ),
    row(
        "waitlist", {S.ASSIGNED}, S.WAITLISTED, {SECRETARIAT},
        [is_not_erased, no_conflict, delegate_is_named, no_seat_is_free, roundtable_is_ahead],
        [TO_APPLICANT, TO_SECRETARIAT], "undoable", "seats",
        facts=("seat_mode",), sets=_seat,
    ),
    row(
        "release", {S.CONFIRMED, S.WAITLISTED}, S.ASSIGNED, {SECRETARIAT},
        [is_not_erased, no_conflict, reason_is_given],
        [TO_APPLICANT, TO_SECRETARIAT], "undoable", "supersedes", "seats",
        facts=("reason",), sets=_leave_seat,
    ),
    row(
        "correct_category",
        {S.SUBMITTED, S.RETURNED, S.SCREENED, S.ASSIGNED, S.CONFIRMED, S.WAITLISTED}, None, {SCREENER, SECRETARIAT},
        [is_not_erased, no_conflict, category_is_known, category_differs, reason_is_given],
        [TO_APPLICANT, TO_SECRETARIAT], "undoable",
        facts=("category", "sub_type", "reason"), sets=_classify,
    ),
    row(
        "withdraw", set(ACTIVE), S.WITHDRAWN, {APPLICANT, SECRETARIAT},
        [is_not_erased, no_conflict, reason_is_given],
        [TO_APPLICANT, TO_SECRETARIAT], "supersedes", "seats",
        facts=("reason",), sets=_leave_seat,
    ),
    row(
        "reopen", {S.DECLINED, S.WITHDRAWN, S.LAPSED}, S.SUBMITTED, {SECRETARIAT},
        [is_not_erased, no_conflict, erasure_is_not_asked, reason_is_given, duplicate_is_acknowledged],
        [TO_APPLICANT, TO_SCREENER, TO_SECRETARIAT], "undoable", "supersedes",
        facts=("reason",), sets=_start_again,
    ),
    row(
        "lapse", {S.RETURNED}, S.LAPSED, {SECRETARIAT, SYSTEM},
        [is_not_erased, no_conflict, answer_is_overdue],
        [TO_APPLICANT, TO_SECRETARIAT], "supersedes",
    ),
    row(
        "nudge", {S.SUBMITTED}, None, {APPLICANT},
        [is_not_erased, decision_is_overdue, not_asked_lately],
        [TO_SECRETARIAT],
    ),
    row(
        "request_erasure", {S.DRAFT}, None, {APPLICANT, SECRETARIAT},
        [is_not_erased, no_conflict, erasure_is_not_asked],
        [],
        sets=_due_now,
    ),
    row(
        "request_erasure", set(ACTIVE), S.WITHDRAWN, {APPLICANT, SECRETARIAT},
        [is_not_erased, no_conflict, erasure_is_not_asked],
        [TO_APPLICANT, TO_SECRETARIAT], "supersedes", "seats",
        sets=_due_later,
    ),
    row(
        "request_erasure", set(ENDED), None, {APPLICANT, SECRETARIAT},
        [is_not_erased, no_conflict, erasure_is_not_asked],
        [TO_APPLICANT, TO_SECRETARIAT],
        sets=_due_later,
    ),
    row(
        "keep_data", {S.DRAFT}, None, {APPLICANT},
        [is_not_erased, erasure_is_asked],
        [],
        sets=_keep,
    ),
    row(
        "keep_data", set(ENDED), None, {APPLICANT},
        [is_not_erased, erasure_is_asked],
        [TO_APPLICANT, TO_SECRETARIAT],
        sets=_keep,
    ),
    row(
        "erase", set(S), None, {SECRETARIAT, SYSTEM},
        [is_not_erased, no_conflict, erasure_is_due],
        [], "supersedes", "erases",
        sets=erase_expression,
    ),
)  # fmt: skip

EXPRESSION = Workflow(
    "expression",
    State,
    initial=State.DRAFT,
    table=TABLE,
    undo_guards=(no_conflict, letters_are_held, seat_is_still_free),
)
