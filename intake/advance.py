"""The one door: the only code that changes a state. It sends nothing and decides nothing; the table decides."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Date, bindparam, insert, select
from sqlalchemy.exc import IntegrityError

from intake import erasing, history, measures, storage
from intake.circumstances import circumstances_of
from intake.extensions import db
from intake.models import SUBJECTS, Call, Enquiry, Expression, HistoryEntry, Letter, LetterStatus, Subject, now
from intake.models.base import UtcDateTime
from intake.notifications import outbox
from workflows.people import Actor, Role
from workflows.workflow import UNDO, Move, NotPermitted, Reason, Refused, Transition


class Stale(Exception):
    """Somebody changed the subject since this person looked; `entries` are the steps made meanwhile, oldest first.

    They are read already and belong to no session. Without entries the answers or the verdicts were changed, not the
    state.
    """

    def __init__(self, subject: Subject, entries: list[HistoryEntry]) -> None:
        self.subject = subject
        self.entries = entries
        super().__init__("It was changed since you opened it.")


ANEW = {
    kind: select(kind).where(kind.id == bindparam("key")).with_for_update().execution_options(populate_existing=True)
    for kind in SUBJECTS
}
"""The row alone. What was read of its history and letters is forgotten, and read anew only where it is looked at."""
ENTRIES = HistoryEntry.metadata.tables[HistoryEntry.__tablename__]
STORED = insert(ENTRIES).returning(ENTRIES.c.id)
"""Past the unit of work, in which one row costs as much as all the rest of a step."""
CONFLICTS: Mapping[type[Subject], Reason] = {
    Expression: Reason(
        "conflict",
        "This would break a rule of the database, most likely because another active expression of the same "
        "organisation exists in this call. Open that one, or acknowledge the duplicate.",
    ),
    Enquiry: Reason(
        "conflict",
        "This would break a rule of the database, most likely because somebody did the same at this moment. Look at "
        "the enquiry again, and repeat the step if it is still needed.",
    ),
}
"""What is said where the database refuses a step."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A step that was taken: its entry, and when each of its letters leaves.

    The entry belongs to no session, so that whoever reads it after the commit asks the database nothing.
    """

    entry: HistoryEntry
    due: tuple[datetime, ...]


def advance(
    subject: Subject, trigger: str, *, actor: Actor, version: int, at: datetime | None = None, **facts: Any
) -> HistoryEntry:
    """The entry of a step that is taken as `take` does."""
    return take(subject, trigger, actor=actor, version=version, at=at, **facts).entry


def take(
    subject: Subject, trigger: str, *, actor: Actor, version: int, at: datetime | None = None, **facts: Any
) -> Taken:
    """Take one step in one transaction: state, fields, history and letters together, or nothing at all.

    `version` is the one that the actor saw; `facts` are those that the row of the table names. Whatever the session
    held before is part of the transaction. Raises `Stale`, `NotPermitted` or `Refused`; then nothing is changed.
    """
    try:
        taken = _step(subject, trigger, actor=actor, version=version, at=at or now(), facts=facts)
        db.session.commit()
    except IntegrityError as error:
        db.session.rollback()
        _count(subject, trigger, Refused)
        raise Refused([CONFLICTS[type(subject)]]) from error
    except BaseException as error:
        db.session.rollback()
        _count(subject, trigger, type(error))
        raise
    _count(subject, trigger, None)
    outbox.nudge()
    return taken


OUTCOMES: dict[type[BaseException] | None, str] = {
    None: "done",
    Refused: "refused",
    NotPermitted: "not_permitted",
    Stale: "stale",
}


def _count(subject: Subject, trigger: str, raised: type[BaseException] | None) -> None:
    known = trigger if trigger in subject.workflow.triggers else measures.OTHER
    measures.count_step(subject.workflow.name, known, OUTCOMES.get(raised, "failed"))


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What a step would do: the state after it, the fields that it would set, the letters that it would write.

    `changed` are letters of earlier steps with the fate that the step would give them. Nothing of it is stored, and
    the letters belong to no session.
    """

    target: str
    fields: Mapping[str, Any]
    letters: tuple[Letter, ...]
    changed: tuple[Letter, ...]


def rehearse(
    subject: Subject, trigger: str, *, actor: Actor, version: int, at: datetime | None = None, **facts: Any
) -> Rehearsal:
    """Take a step as `advance` does and take it back before it is stored, so that one sees what it would bring.

    What the session held and had not stored is lost, and `subject` is read anew. Raises what `advance` raises.
    """
    about = outbox.about(subject)
    db.session.rollback()
    with storage.writing():
        try:
            fates = _fates(about)
            taken = _step(subject, trigger, actor=actor, version=version, at=at or now(), facts=facts)
            return _seen(subject, about, taken.entry, fates)
        except IntegrityError as error:
            raise Refused([CONFLICTS[type(subject)]]) from error
        finally:
            db.session.rollback()


def _fates(about: ColumnElement[bool]) -> Mapping[int, LetterStatus]:
    found = db.session.execute(select(Letter.id, Letter.status).where(about))
    return {id: status for id, status in found}  # noqa: C416 - dict() loses the types


def _seen(
    subject: Subject, about: ColumnElement[bool], entry: HistoryEntry, fates: Mapping[int, LetterStatus]
) -> Rehearsal:
    found = select(Letter).where(about).order_by(Letter.id)
    letters = db.session.scalars(found.execution_options(populate_existing=True)).all()
    for letter in letters:
        db.session.expunge(letter)
    written = tuple(letter for letter in letters if letter.step_id == entry.id)
    changed = tuple(letter for letter in letters if fates.get(letter.id, letter.status) is not letter.status)
    return Rehearsal(entry.target, {name: getattr(subject, name) for name in entry.before}, written, changed)


def _step(
    subject: Subject, trigger: str, *, actor: Actor, version: int, at: datetime, facts: Mapping[str, Any]
) -> Taken:
    lock(subject, version)
    around = circumstances_of(subject, at)
    move = Move(subject, actor, facts, around)
    role = subject.workflow.permitted_role(move, trigger)
    row = subject.workflow.row_for(move, trigger)
    assert row is not None, "permitted_role has refused what is not in the table"  # noqa: S101
    if row.seats and isinstance(subject, Expression):
        _lock_seats(subject)
    last = around.last_entry
    undone = last if trigger == UNDO else None
    entry = _entry(move, trigger, role, () if undone else row.facts)
    subject.workflow.fire(move, trigger)
    entry.target = history.plain(subject.state)
    before = _replace(subject, _found_by(subject, undone) if undone else _changes(move, row, entry))
    entry.before = {} if row.erases else before
    history.seal(entry, last, subject.reference)
    return Taken(entry, _tell(entry, row, move, undone))


def lock(subject: Subject, version: int) -> None:
    """Read the row anew under a lock; on SQLite the transaction holds the only write lock already. Raises `Stale`."""
    db.session.scalars(ANEW[type(subject)], {"key": subject.id}).one()
    if subject.version != version:
        later = select(HistoryEntry).where(history.of(subject), HistoryEntry.version > version)
        entries = list(db.session.scalars(later.order_by(HistoryEntry.number)))
        for entry in entries:
            db.session.expunge(entry)
        raise Stale(subject, entries)


def _lock_seats(subject: Expression) -> None:
    """Wait for other steps that count or free seats of this call, so that the last seat is given once."""
    db.session.execute(select(Call.id).where(Call.id == subject.call_id).with_for_update())


def _entry(move: Move, trigger: str, role: Role, facts: tuple[str, ...]) -> HistoryEntry:
    """The entry of a step before it is made; a fact that the row names and nobody gave is None."""
    unknown = set(move.facts) - set(facts)
    if unknown:
        raise ValueError(f"Step {trigger} takes no such facts: {', '.join(sorted(unknown))}.")
    subject, actor = move.subject, move.actor
    return HistoryEntry(
        **{subject.key_name: subject.id},
        version=subject.version + 1,
        trigger=trigger,
        source=history.plain(subject.state),
        role=role.value,
        actor_name=actor.name,
        user_id=actor.user_id,
        at=move.circumstances.now,
        facts={name: history.plain(move.facts.get(name)) for name in facts},
    )


def _changes(move: Move, row: Transition[Any], entry: HistoryEntry) -> Mapping[str, Any]:
    """The fields of a step; whoever stays in a state, such as the waiting list, keeps the place there."""
    since = {} if entry.target == entry.source else {"state_since": move.circumstances.now}
    return {**row.sets(move), **since}


def _found_by(subject: Subject, undone: HistoryEntry) -> Mapping[str, Any]:
    """The fields as the undone step had found them."""
    return {name: _typed(subject, name, old) for name, old in undone.before.items()}


def _typed(subject: Subject, name: str, value: Any) -> Any:
    """The value of a field from its JSON form."""
    kind = type(subject).__table__.c[name].type
    if value is None:
        return None
    if isinstance(kind, UtcDateTime):
        return datetime.fromisoformat(value)
    return date.fromisoformat(value) if isinstance(kind, Date) else value


def _replace(subject: Subject, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Set fields and return what they held."""
    before = {name: history.plain(getattr(subject, name)) for name in changes}
    for name, value in changes.items():
        setattr(subject, name, value)
    return before


def _columns(entry: HistoryEntry) -> dict[str, Any]:
    """What is set of an entry that belongs to no session."""
    return {name: value for name, value in vars(entry).items() if name in ENTRIES.c}


def _tell(entry: HistoryEntry, row: Transition[Any], move: Move, undone: HistoryEntry | None) -> tuple[datetime, ...]:
    """Store the entry and write the letters of the step, or take back those of the undone one."""
    db.session.flush()
    entry.id = db.session.scalars(STORED, _columns(entry)).one()
    if undone is not None:
        outbox.take_back(undone.id)
        return ()
    if row.supersedes:
        outbox.supersede(move.subject, by=entry.id)
    if row.erases:
        erasing.take_out(move.subject, entry)
    return outbox.enqueue(entry, row, move)
