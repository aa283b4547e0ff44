"""What guards may know of a subject, read from the database only when a guard asks; it changes nothing."""

from collections.abc import Mapping
from datetime import date, datetime
from functools import cached_property
from typing import Any

from sqlalchemy import bindparam, func, select

from intake import conflicts, holders, retention
from intake.current import programme
from intake.extensions import db
from intake.models import (
    SUBJECTS,
    Enquiry,
    Expression,
    HistoryEntry,
    Letter,
    LetterStatus,
    Mode,
    Outcome,
    SecondOpinion,
    Subject,
    User,
    Verdict,
)
from workflows.expression import ACTIVE, State
from workflows.expression_guards import Step

LAST_ENTRY = {
    kind: select(HistoryEntry)
    .where(getattr(HistoryEntry, kind.key_name) == bindparam("key"))
    .order_by(HistoryEntry.number.desc())
    .limit(1)
    for kind in SUBJECTS
}
"""Written once: every step binds its entry to the last one."""


def seats_free(call_id: int) -> Mapping[str, int]:
    """Mode of participation to the seats of a call's Roundtable that nobody holds, in one statement."""
    held = select(Expression.seat_mode, func.count()).group_by(Expression.seat_mode)
    confirmed = held.where(Expression.call_id == call_id, Expression.state == State.CONFIRMED)
    taken = {mode: count for mode, count in db.session.execute(confirmed)}  # noqa: C416 - dict() loses the types
    return {mode.value: programme().roundtable.seats(mode) - taken.get(mode, 0) for mode in Mode}


def duplicates_of(expression: Expression) -> tuple[str, ...]:
    """References of other active expressions of the same organisation in the same call."""
    others = select(Expression.reference).where(
        Expression.call_id == expression.call_id,
        Expression.organisation_key == expression.organisation_key,
        Expression.organisation_key != "",
        Expression.state.in_(ACTIVE),
        Expression.id != expression.id,
    )
    return tuple(db.session.scalars(others.order_by(Expression.id)))


def letters_left(entry: HistoryEntry) -> int:
    """How many letters may have been read: neither held, by the time of an undo or by hand, nor cancelled by hand.

    One of which a server was asked counts too, as it may have taken the letter without saying so.
    """
    written = select(Letter.status, Letter.kept_back, Letter.attempts).where(Letter.step_id == entry.id)
    held, queued, cancelled = LetterStatus.HELD, LetterStatus.QUEUED, LetterStatus.CANCELLED
    return sum(
        status is not cancelled and (attempts > 0 or not (status is held or (status is queued and kept_back)))
        for status, kept_back, attempts in db.session.execute(written.with_for_update())
    )


class Circumstances:
    """What every subject has: a moment, in the zone of the call, and a last step."""

    def __init__(self, subject: Subject, now: datetime) -> None:
        self._subject = subject
        self.now = now.astimezone(programme().call.zone)

    @property
    def is_kept_no_longer(self) -> bool:
        """Whether the time is over for which the programme keeps what names a person."""
        return retention.is_over(self._subject, self.now)

    @cached_property
    def last_entry(self) -> HistoryEntry | None:
        """The last entry of the history."""
        return db.session.scalar(LAST_ENTRY[type(self._subject)], {"key": self._subject.id})

    @cached_property
    def last_step(self) -> Step | None:
        """The last entry, with how many of its letters are no longer held."""
        entry = self.last_entry
        return None if entry is None else Step(entry.trigger, entry.source, letters_left(entry))


class EnquiryCircumstances(Circumstances):
    """What the guards of an enquiry may know: beside what every subject has, which expressions there are."""

    def expression_id(self, reference: str) -> int | None:
        """The key of an expression that was sent; a draft is its applicant's alone."""
        sent = select(Expression.id).where(Expression.reference == reference, Expression.state != State.DRAFT)
        return db.session.scalar(sent)


class ExpressionCircumstances(Circumstances):
    """The `workflows.expression_guards.Circumstances` of one expression at one moment."""

    def __init__(self, expression: Expression, now: datetime) -> None:
        super().__init__(expression, now)
        self._expression = expression
        self._conflicts: dict[int, str | None] = {}

    @property
    def opens(self) -> datetime:
        """When the call opens."""
        return programme().call.opens.astimezone(programme().call.zone)

    @property
    def closes(self) -> datetime:
        """When the call closes."""
        return programme().call.closes.astimezone(programme().call.zone)

    @property
    def decision_working_days(self) -> int:
        """The working days promised for a decision."""
        return programme().call.decision_working_days

    @property
    def erasure_days(self) -> int:
        """The days within which a request for erasure is met."""
        return programme().retention.erasure_days

    @property
    def roundtable_ends(self) -> date:
        """The last day of the Roundtable."""
        return programme().roundtable.ends

    @property
    def criteria(self) -> Mapping[str, str]:
        """Criterion id to the kind of facts that it asks for."""
        return {criterion.id: criterion.facts for criterion in programme().criteria}

    @property
    def focus_areas(self) -> frozenset[str]:
        """The ids of the focus areas."""
        return frozenset(area.id for area in programme().focus_areas)

    @property
    def sub_types(self) -> Mapping[str, frozenset[str]]:
        """Category to its sub-types."""
        return {each.id: frozenset(kind.id for kind in each.sub_types) for each in programme().categories}

    def conflict_of(self, user_id: int) -> str | None:
        """What ties a member of staff to the applicant; the session knows the account of whoever is signed in."""
        if user_id not in self._conflicts:
            user = db.session.get_one(User, user_id)
            found = conflicts.conflict_of(self._expression, user)
            self._conflicts[user_id] = found.words if found else None
        return self._conflicts[user_id]

    @cached_property
    def unmet(self) -> tuple[str, ...]:
        """Names of criteria without the verdict "met"."""
        met = {id for id, verdict in self._verdicts.items() if verdict.outcome is Outcome.MET}
        return tuple(criterion.name for criterion in programme().criteria if criterion.id not in met)

    @cached_property
    def unseconded(self) -> tuple[str, ...]:
        """Names of criteria that wait for the second screener. Nobody is the second screener of an own verdict."""
        if not programme().call.two_screeners:
            return ()
        return tuple(each.name for each in programme().criteria if self._second_outcome(each.id) is None)

    @cached_property
    def disputed(self) -> tuple[str, ...]:
        """Names of criteria on which the two screeners differ and nobody has settled it with a reason."""
        if not programme().call.two_screeners:
            return ()
        return tuple(each.name for each in programme().criteria if self._is_disputed(each.id))

    def _is_disputed(self, criterion: str) -> bool:
        verdict, second = self._verdicts.get(criterion), self._second_outcome(criterion)
        if verdict is None or second is None:
            return False
        return second is not verdict.outcome and not verdict.settled.strip()

    def _second_outcome(self, criterion: str) -> Outcome | None:
        """What the second screener found; None as long as somebody else than who gave the verdict has not judged."""
        verdict, opinion = self._verdicts.get(criterion), self._opinions.get(criterion)
        if opinion is None:
            return None
        of_one = verdict is not None and verdict.screener_id is not None and opinion.screener_id == verdict.screener_id
        found: Outcome = opinion.outcome
        return None if of_one else found

    @cached_property
    def _verdicts(self) -> Mapping[str, Any]:
        """By criterion, read anew: what the session knows of them may be older than the lock."""
        columns = (Verdict.criterion, Verdict.outcome, Verdict.settled, Verdict.screener_id)
        given = select(*columns).where(Verdict.expression_id == self._expression.id)
        return {row.criterion: row for row in db.session.execute(given)}

    @cached_property
    def _opinions(self) -> Mapping[str, Any]:
        columns = (SecondOpinion.criterion, SecondOpinion.outcome, SecondOpinion.screener_id)
        given = select(*columns).where(SecondOpinion.expression_id == self._expression.id)
        return {row.criterion: row for row in db.session.execute(given)}

    @cached_property
    def seats_free(self) -> Mapping[str, int]:
        """Seats that nobody holds, by mode."""
        return seats_free(self._expression.call_id)

    @cached_property
    def asked_on(self) -> date | None:
        """The day on which the applicant last asked where the expression stands, in the zone of the call."""
        asked = select(func.max(HistoryEntry.at)).where(
            HistoryEntry.expression_id == self._expression.id, HistoryEntry.trigger == "nudge"
        )
        last = db.session.scalar(asked)
        return None if last is None else last.astimezone(programme().call.zone).date()

    @cached_property
    def address_is_proven(self) -> bool:
        """Whether somebody has opened a link that was mailed to the contact person's address."""
        return holders.is_proven(self._expression.id, self._expression.contact_email)

    @cached_property
    def duplicates(self) -> tuple[str, ...]:
        """References of other active expressions of the same organisation."""
        return duplicates_of(self._expression)

    @cached_property
    def last_step(self) -> Step | None:
        """The last entry, with how many of its letters are no longer held, and the seat that it gave back."""
        entry = self.last_entry
        if entry is None:
            return None
        given_back = entry.before.get("seat_mode") if entry.target != State.CONFIRMED else None
        held_seat = given_back if entry.source == State.CONFIRMED else None
        return Step(entry.trigger, entry.source, letters_left(entry), held_seat)


def circumstances_of(subject: Subject, at: datetime) -> Circumstances:
    """What the guards of this subject may know at a moment."""
    return EnquiryCircumstances(subject, at) if isinstance(subject, Enquiry) else ExpressionCircumstances(subject, at)
