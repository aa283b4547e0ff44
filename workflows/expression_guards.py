"""When a step of an expression is refused, and the sentence that says how to mend it; a guard reads, never writes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

from workflows import working_days
from workflows.answers import missing_answers
from workflows.people import Role
from workflows.workflow import Move, Reason

NUDGE_WORKING_DAYS = 5
"""An applicant may ask where it stands once in so many working days."""


@dataclass(frozen=True, slots=True)
class Step:
    """The last entry of a history, as far as an undo needs it."""

    trigger: str
    source: str
    letters_left: int
    """How many letters of this step are no longer held: sent, on their way, or failed."""
    seat_given_back: str | None = None
    """The mode of the seat that this step released, if it did."""


class Circumstances(Protocol):
    """What guards and effects may know beside the expression itself, read inside the transaction of the step."""

    @property
    def now(self) -> datetime:
        """The moment of the step, in the zone of the call."""

    @property
    def opens(self) -> datetime:
        """When the call opens, in its zone."""

    @property
    def closes(self) -> datetime:
        """When the call closes, in its zone."""

    @property
    def decision_working_days(self) -> int:
        """The working days promised for a decision."""

    @property
    def erasure_days(self) -> int:
        """The days within which a request for erasure is met."""

    @property
    def roundtable_ends(self) -> date:
        """The last day of the Roundtable."""

    @property
    def criteria(self) -> Mapping[str, str]:
        """Criterion id to the kind of facts that it asks for."""

    @property
    def focus_areas(self) -> frozenset[str]:
        """The ids of the focus areas."""

    @property
    def unmet(self) -> tuple[str, ...]:
        """Names of criteria without the verdict "met"."""

    @property
    def unseconded(self) -> tuple[str, ...]:
        """Names of criteria that wait for the second screener; none where the programme asks for one alone."""

    @property
    def disputed(self) -> tuple[str, ...]:
        """Names of criteria on which the two screeners differ and nobody has settled it with a reason."""

    @property
    def seats_free(self) -> Mapping[str, int]:
        """Mode of participation to the seats still free; an unknown mode is absent."""

    @property
    def duplicates(self) -> tuple[str, ...]:
        """References of other active expressions of the same organisation in the same call."""

    @property
    def address_is_proven(self) -> bool:
        """Whether somebody has opened a link that was mailed to the contact person's address."""

    @property
    def sub_types(self) -> Mapping[str, frozenset[str]]:
        """Category to its sub-types, by their ids; a category may have none."""

    def conflict_of(self, user_id: int) -> str | None:
        """What ties this member of staff to the applicant, in words that follow a colon; None for nothing."""

    @property
    def asked_on(self) -> date | None:
        """The day on which the applicant last asked where the expression stands."""

    @property
    def is_kept_no_longer(self) -> bool:
        """Whether the time is over for which the programme keeps what names a person."""

    @property
    def last_step(self) -> Step | None:
        """The last entry of the history, or None."""


def _written(fact: Any) -> bool:
    return bool(str(fact or "").strip())


def conflicted(words: str) -> Reason:
    """Why somebody with a conflict of interest is refused, whatever they wanted to do."""
    message = (
        "You have a conflict of interest with this applicant: %(conflict)s. "
        "A colleague who has none must decide; leave it to them, or ask the secretariat to find one."
    )
    return Reason("conflict_of_interest", message, {"conflict": words})


def no_conflict(move: Move) -> Reason | None:
    """Applicants and the system, who have no account, pass."""
    user_id = move.actor.user_id
    words = None if user_id is None else move.circumstances.conflict_of(user_id)
    return None if words is None else conflicted(words)


def is_not_erased(move: Move) -> Reason | None:
    if move.subject.erased_at is None:
        return None
    return Reason("erased", "The personal data have been erased, so nothing more can be done here.")


def erasure_is_not_asked(move: Move) -> Reason | None:
    due_on = move.subject.erasure_due_on
    if due_on is None:
        return None
    message = "Erasure was asked for; the data are erased by %(day)s. Only the applicant can take the request back."
    return Reason("erasure_asked", message, {"day": due_on})


def erasure_is_asked(move: Move) -> Reason | None:
    if move.subject.erasure_due_on is not None:
        return None
    return Reason("erasure_not_asked", "Nobody has asked for erasure, so there is no request to take back.")


def erasure_is_due(move: Move) -> Reason | None:
    """What was asked for may be done by staff at once; the system does it on its day."""
    due_on, around = move.subject.erasure_due_on, move.circumstances
    by_hand = Role.SYSTEM not in move.actor.roles
    if around.is_kept_no_longer or (due_on is not None and (by_hand or due_on <= around.now.date())):
        return None
    return Reason(
        "erasure_not_due", "The time for which it is kept is not over. Record that erasure was asked for, then erase."
    )


def call_is_open(move: Move) -> Reason | None:
    around = move.circumstances
    if around.now < around.opens:
        return Reason("call_not_open", "The call opens on %(opens)s.", {"opens": around.opens})
    if around.now > around.closes:
        message = "The call closed on %(closes)s. Write to the secretariat if this is an error."
        return Reason("call_closed", message, {"closes": around.closes})
    return None


def form_is_complete(move: Move) -> Reason | None:
    steps = dict.fromkeys(step for step, _ in missing_answers(move.subject, move.circumstances.criteria))
    if not steps:
        return None
    message = "Some answers are missing. Complete these steps: %(steps)s."
    return Reason("form_incomplete", message, {"steps": ", ".join(step.replace("_", " ") for step in steps)})


def address_is_proven(move: Move) -> Reason | None:
    """Without an address the form is not complete, which another guard says."""
    if not move.subject.contact_email or move.circumstances.address_is_proven:
        return None
    message = (
        "The address %(address)s is not confirmed yet. Have the letter with the link sent to it, open the link in that "
        "letter and press the button there; then send."
    )
    return Reason("address_unproven", message, {"address": move.subject.contact_email})


def consent_is_given(move: Move) -> Reason | None:
    if move.subject.consented_at is not None:
        return None
    return Reason("no_consent", "Confirm that you have read the notice and agree to it.")


def duplicate_is_acknowledged(move: Move) -> Reason | None:
    if not move.circumstances.duplicates or move.subject.duplicate_acknowledged:
        return None
    message = "This organisation already has an expression of interest in this call. Confirm that another is intended."
    return Reason("duplicate", message)


def points_are_named(move: Move) -> Reason | None:
    points = move.facts.get("points") or []
    if points and all(_written(point.get("question")) for point in points):
        return None
    return Reason("no_points", "Name at least one point that the applicant has to answer.")


def due_date_is_ahead(move: Move) -> Reason | None:
    due_on = move.facts.get("due_on")
    if due_on is not None and due_on > move.circumstances.now.date():
        return None
    return Reason("due_date_past", "Give a date after today by which the answers are due.")


def points_are_answered(move: Move) -> Reason | None:
    unanswered = sum(not _written(point.get("answer")) for point in move.subject.points)
    if not unanswered:
        return None
    return Reason("points_unanswered", "Answer every point; %(count)s still without an answer.", {"count": unanswered})


def criteria_are_met(move: Move) -> Reason | None:
    unmet = move.circumstances.unmet
    if not unmet:
        return None
    message = "These criteria have no verdict “met”: %(criteria)s."
    return Reason("criteria_unmet", message, {"criteria": "; ".join(unmet)})


def second_screener_has_judged(move: Move) -> Reason | None:
    waiting = move.circumstances.unseconded
    if not waiting:
        return None
    message = "These criteria wait for the second screener: %(criteria)s."
    return Reason("unseconded", message, {"criteria": "; ".join(waiting)})


def screeners_agree(move: Move) -> Reason | None:
    disputed = move.circumstances.disputed
    if not disputed:
        return None
    message = "The screeners disagree on: %(criteria)s. Settle each with a reason."
    return Reason("disputed", message, {"criteria": "; ".join(disputed)})


def decision_is_reasoned(move: Move) -> Reason | None:
    if move.facts.get("criteria") and _written(move.facts.get("reason")) and _written(move.facts.get("change")):
        return None
    message = "Name at least one criterion that is not met, the reason, and what would change the decision."
    return Reason("decision_unreasoned", message)


def reason_is_given(move: Move) -> Reason | None:
    if _written(move.facts.get("reason")):
        return None
    return Reason("no_reason", "Give a reason; it becomes part of the history.")


def focus_area_is_chosen(move: Move) -> Reason | None:
    if move.facts.get("focus_area") in move.circumstances.focus_areas:
        return None
    return Reason("no_focus_area", "Choose one of the focus areas.")


def departure_is_reasoned(move: Move) -> Reason | None:
    if move.facts.get("focus_area") in move.subject.preferences or _written(move.facts.get("reason")):
        return None
    return Reason("departure_unreasoned", "The applicant did not rank this focus area: give a reason for choosing it.")


def focus_area_differs(move: Move) -> Reason | None:
    if move.facts.get("focus_area") != move.subject.focus_area:
        return None
    return Reason("same_focus_area", "The expression is already in this focus area. Choose another one.")


def category_is_known(move: Move) -> Reason | None:
    known = move.circumstances.sub_types.get(move.facts.get("category") or "")
    sub_type = move.facts.get("sub_type") or ""
    if known is not None and (sub_type in known or (not known and not sub_type)):
        return None
    return Reason("unknown_category", "Choose one of the categories with one of its sub-types.")


def category_differs(move: Move) -> Reason | None:
    chosen = (move.facts.get("category") or "", move.facts.get("sub_type") or "")
    if chosen != (move.subject.category, move.subject.sub_type):
        return None
    return Reason("same_category", "The expression has this category and sub-type already. Choose another.")


def delegate_is_named(move: Move) -> Reason | None:
    if _written(move.subject.delegate_name) and _written(move.subject.delegate_title):
        return None
    message = "No delegate at the highest level is named yet. The applicant can name one on the status page."
    return Reason("no_delegate", message)


def roundtable_is_ahead(move: Move) -> Reason | None:
    ends = move.circumstances.roundtable_ends
    if move.circumstances.now.date() <= ends:
        return None
    return Reason("roundtable_over", "The Roundtable ended on %(ends)s.", {"ends": ends})


def seat_is_free(move: Move) -> Reason | None:
    free = move.circumstances.seats_free.get(move.facts.get("seat_mode") or "")
    if free is None:
        return Reason("no_mode", "Choose how the delegate takes part: in person or remote.")
    if free <= 0:
        return Reason("no_seat", "No seat is free in this mode. Waitlist the expression, or choose the other mode.")
    return None


def no_seat_is_free(move: Move) -> Reason | None:
    free = move.circumstances.seats_free.get(move.facts.get("seat_mode") or "")
    if free is None:
        return Reason("no_mode", "Choose how the delegate takes part: in person or remote.")
    if free > 0:
        return Reason("seat_free", "Seats are free in this mode (%(count)s): confirm instead.", {"count": free})
    return None


def answer_is_overdue(move: Move) -> Reason | None:
    due_on = move.subject.answer_due_on
    if due_on is not None and due_on < move.circumstances.now.date():
        return None
    return Reason("not_overdue", "The applicant still has time to answer.")


def decision_is_overdue(move: Move) -> Reason | None:
    due_on = move.subject.decision_due_on
    if due_on is None:
        return Reason("no_day_promised", "No day is promised for this decision. Write to the secretariat.")
    if due_on < move.circumstances.now.date():
        return None
    message = "The decision is promised by %(day)s. Wait until that day has passed; then you can ask here."
    return Reason("not_late", message, {"day": due_on})


def may_ask_from(asked_on: date) -> date:
    """The first day on which an applicant may ask again where it stands."""
    return working_days.after(asked_on, NUDGE_WORKING_DAYS)


def not_asked_lately(move: Move) -> Reason | None:
    asked_on = move.circumstances.asked_on
    if asked_on is None or may_ask_from(asked_on) <= move.circumstances.now.date():
        return None
    message = "You asked on %(asked)s, and the secretariat was told. Wait until %(day)s; then you can ask again."
    return Reason("asked_lately", message, {"asked": asked_on, "day": may_ask_from(asked_on)})


def letters_are_held(move: Move) -> Reason | None:
    last = move.circumstances.last_step
    if last is not None and last.letters_left == 0:
        return None
    return Reason(
        "letters_left", "The letters of this step have left, so it cannot be undone. Take the next step instead."
    )


def seat_is_still_free(move: Move) -> Reason | None:
    """An undone release takes the seat back, so it must still be there."""
    last = move.circumstances.last_step
    if last is None or last.seat_given_back is None or move.circumstances.seats_free[last.seat_given_back] > 0:
        return None
    return Reason("seat_gone", "The seat has been given to somebody else meanwhile, so this step cannot be undone.")
