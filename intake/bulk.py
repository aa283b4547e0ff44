"""One step for many expressions: the dry run that shows what it would do, and the run that takes it slice by slice.

It changes no state itself: every step goes through the one door, each in a transaction of its own.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Any

from flask import current_app
from sqlalchemy import exists, select, update
from sqlalchemy.exc import IntegrityError

from intake import history
from intake.advance import Rehearsal, Stale, advance, rehearse
from intake.circumstances import ExpressionCircumstances, seats_free
from intake.current import call_row
from intake.extensions import db
from intake.models import BulkItem, BulkRun, Expression, Fate, Letter, Mode, now
from intake.notifications.compose import LetterError
from intake.wording import said
from workflows.expression import EXPRESSION, State
from workflows.expression_words import STATES, STEPS
from workflows.people import Actor, Role
from workflows.workflow import Move, NotPermitted, Reason, Refused

IN_BULK = ("screen", "decline", "assign", "reassign", "confirm", "waitlist", "release", "lapse", "withdraw")
"""The steps that make sense for many at once: points to answer, an undo and a reopening are each one's own."""
EACH_FIRST = "each-first"
"""As focus area: to each expression the first of its own preferences."""
EACH_ASKED = "each-asked"
"""As way of taking part: the one that each applicant asked for."""
MOST = 1_000
SLICE = 25
SECONDS = 2.0
"""How many expressions one request moves at most, and after how long it begins no other."""


def roles_of(trigger: str) -> frozenset[Role]:
    """Those to whom any row of the table gives a step."""
    return frozenset().union(*(row.who for row in EXPRESSION.table if row.trigger == trigger))


def open_to(roles: frozenset[Role]) -> list[str]:
    """The steps that somebody in these roles may take on many expressions."""
    return [trigger for trigger in IN_BULK if roles_of(trigger) & roles]


def check(trigger: str, actor: Actor) -> None:
    """Raises `NotPermitted` for a step that is not taken in bulk, or that the table gives to others."""
    if trigger not in IN_BULK:
        raise NotPermitted(Reason("not_in_bulk", "This step is taken on one expression at a time."))
    if not roles_of(trigger) & actor.roles:
        roles = ", ".join(role for role in Role if role in roles_of(trigger))
        raise NotPermitted(Reason("not_your_step", "This step belongs to: %(roles)s.", {"roles": roles}))


def find(references: Iterable[str]) -> dict[str, Expression]:
    """Those of the references that name a submitted expression of this call, in one statement."""
    known = select(Expression).where(Expression.call_id == call_row().id, Expression.state != State.DRAFT)
    found = db.session.scalars(known.where(Expression.reference.in_(list(references))))
    return {expression.reference: expression for expression in found}


def facts_for(expression: Expression, facts: Mapping[str, Any]) -> dict[str, Any]:
    """The facts of a run as guards read them, for one expression."""
    own = dict(facts)
    if own.get("focus_area") == EACH_FIRST:
        own["focus_area"] = next(iter(expression.preferences), None)
    if own.get("seat_mode") == EACH_ASKED:
        own["seat_mode"] = expression.participation_mode
    elif own.get("seat_mode"):
        own["seat_mode"] = Mode(own["seat_mode"])
    return own


def _plain(reason: Reason) -> dict[str, Any]:
    """A reason as an item keeps it."""
    params = {name: history.plain(said(value)) for name, value in reason.params.items()}
    return {"message": reason.message, "params": params}


@dataclass(frozen=True, slots=True)
class Row:
    """One expression of a dry run: where it stands, where it would go or why it would not, and its letters."""

    expression_id: int
    version: int
    reference: str
    name: str
    source: State
    target: str = ""
    reasons: tuple[Mapping[str, Any], ...] = ()
    letters: tuple[Letter, ...] = ()


@dataclass(frozen=True, slots=True)
class DryRun:
    """What a step would do to each expression, in the order of the list."""

    rows: tuple[Row, ...]

    @property
    def moving(self) -> list[Row]:
        """Those that would take the step."""
        return [row for row in self.rows if not row.reasons]

    @property
    def staying(self) -> list[Row]:
        """Those that would not."""
        return [row for row in self.rows if row.reasons]

    def letters(self) -> Mapping[str, int]:
        """Audience to the number of letters that would be written."""
        return Counter(letter.audience for row in self.moving for letter in row.letters)


def dry_run(expressions: Sequence[Expression], trigger: str, facts: Mapping[str, Any], *, actor: Actor) -> DryRun:
    """Rehearse the step on each, counting the seats that those before it would take.

    Afterwards the expressions belong to no session: each is in it for its own rehearsal alone, as every roll-back goes
    through all that a session holds.
    """
    free = dict(seats_free(call_row().id))
    asked = [(each, facts_for(each, facts), _standing(each)) for each in expressions]
    for each in expressions:
        db.session.expunge(each)
    return DryRun(tuple(_tried(each, trigger, own, actor=actor, row=row, free=free) for each, own, row in asked))


def _standing(expression: Expression) -> Row:
    return Row(expression.id, expression.version, expression.reference, expression.organisation_name, expression.state)


def _tried(
    expression: Expression, trigger: str, facts: Mapping[str, Any], *, actor: Actor, row: Row, free: dict[str, int]
) -> Row:
    """The row of one expression; takes its seat from those that are `free`."""
    standing = (row.expression_id, row.version, row.reference, row.name, row.source)
    if EXPRESSION.row(row.source, trigger) is None:
        return Row(*standing, reasons=(_plain(_does_not_follow(row.source, trigger)),))
    db.session.add(expression)
    try:
        seen = rehearse(expression, trigger, actor=actor, version=row.version, **facts)
        _take_seat(expression, trigger, facts, actor=actor, seen=seen, free=free)
    except (Refused, NotPermitted, Stale) as error:
        return Row(*standing, reasons=tuple(_plain(reason) for reason in _reasons(error)))
    finally:
        db.session.expunge(expression)
    return Row(*standing, target=seen.target, letters=seen.letters)


def _does_not_follow(source: State, trigger: str) -> Reason:
    words = {"step": STEPS[trigger].button, "state": STATES[source].staff}
    return Reason("does_not_follow", "“%(step)s” does not follow the state “%(state)s”.", words)


def _take_seat(
    expression: Expression,
    trigger: str,
    facts: Mapping[str, Any],
    *,
    actor: Actor,
    seen: Rehearsal,
    free: dict[str, int],
) -> None:
    """Each rehearsal sees the seats of now; ask again with those that the list has left. Raises `Refused`."""
    if seen.target != State.CONFIRMED or "seat_mode" not in seen.fields:
        return
    around = ExpressionCircumstances(expression, now())
    around.seats_free = free
    reasons = EXPRESSION.refusals(Move(expression, actor, facts, around), trigger)
    if reasons:
        raise Refused(reasons)
    free[seen.fields["seat_mode"]] -= 1


def _reasons(error: Exception) -> tuple[Reason, ...]:
    """Why a step was not taken."""
    match error:
        case Refused():
            return error.reasons
        case NotPermitted():
            return (error.reason,)
        case Stale(entries=[_, *_] as entries):
            steps = "; ".join(f"{STEPS[entry.trigger].staff}, {entry.actor_name}" for entry in entries)
            return (Reason("stale", "It has been changed since the dry run: %(steps)s.", {"steps": steps}),)
        case Stale():
            return (Reason("stale", "Its answers or verdicts have been changed since the dry run."),)
    message = "A letter of this step could not be written. The administrator can see why."
    return (Reason("letter", message),)


@dataclass(frozen=True, slots=True)
class Plan:
    """What was confirmed: the step, its facts, and of each expression the version seen and why it stays, if it does.

    `key` names the confirmation, so that the same one sent twice makes one run.
    """

    key: str
    trigger: str
    facts: Mapping[str, Any]
    items: Sequence[tuple[int, int, Sequence[Mapping[str, Any]]]]


def start(plan: Plan, *, user_id: int | None) -> int:
    """Store a run and give its id; nothing is moved yet. Those that stayed in the dry run are left alone for good."""
    run = BulkRun(key=plan.key, user_id=user_id, trigger=plan.trigger, facts=dict(plan.facts))
    run.items = [_item(*each) for each in plan.items]
    db.session.add(run)
    try:
        db.session.commit()
    except IntegrityError:
        db.session.rollback()
        return db.session.scalars(select(BulkRun.id).where(BulkRun.key == plan.key)).one()
    return run.id


def _item(expression_id: int, version: int, reasons: Sequence[Mapping[str, Any]]) -> BulkItem:
    item = BulkItem(expression_id=expression_id, version=version, reasons=[*reasons])
    if reasons:
        item.fate, item.done_at = Fate.REFUSED, now()
    return item


def go_on(run_id: int, *, actor: Actor) -> None:
    """Move the next expressions of a run, one slice of them. Whoever comes at the same time takes others."""
    run = db.session.get_one(BulkRun, run_id)
    trigger, facts = run.trigger, run.facts
    until = monotonic() + SECONDS
    for _number in range(SLICE):
        if not _moved_next(run_id, trigger, facts, actor=actor) or monotonic() > until:
            break
    _finish(run_id)


def _moved_next(run_id: int, trigger: str, facts: Mapping[str, Any], *, actor: Actor) -> bool:
    """Settle one expression, its fate in the transaction of its step; False when none waits that nobody holds."""
    waiting = select(BulkItem).where(BulkItem.run_id == run_id, BulkItem.fate == Fate.WAITING).order_by(BulkItem.id)
    item = db.session.scalar(waiting.limit(1).with_for_update(skip_locked=True))
    if item is None:
        db.session.rollback()
        return False
    id, version = item.id, item.version
    subject = db.session.get_one(Expression, item.expression_id)
    item.fate, item.done_at = Fate.MOVED, now()
    try:
        advance(subject, trigger, actor=actor, version=version, **facts_for(subject, facts))
    except (Refused, NotPermitted, Stale, LetterError) as error:
        _leave(id, error)
    return True


def _leave(item_id: int, error: Exception) -> None:
    """Note why an expression stays; its step has been rolled back, and with it the fate that was written first."""
    if isinstance(error, LetterError):
        current_app.logger.error("%s", error)
    fate = Fate.STALE if isinstance(error, Stale) else Fate.REFUSED
    reasons = [_plain(reason) for reason in _reasons(error)]
    unsettled = update(BulkItem).where(BulkItem.id == item_id, BulkItem.fate == Fate.WAITING)
    db.session.execute(unsettled.values(fate=fate, reasons=reasons, done_at=now()))
    db.session.commit()


def _finish(run_id: int) -> None:
    """Close a run in which nothing waits any more."""
    waiting = exists().where(BulkItem.run_id == run_id, BulkItem.fate == Fate.WAITING)
    unfinished = update(BulkRun).where(BulkRun.id == run_id, BulkRun.finished_at.is_(None), ~waiting)
    db.session.execute(unfinished.values(finished_at=now()))
    db.session.commit()
