"""Reads runs of steps on many expressions, each page in a bounded number of statements; it changes nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import abort
from sqlalchemy import and_, func, select

from intake.extensions import db
from intake.models import BulkItem, BulkRun, Expression, Fate, HistoryEntry, Letter, User
from workflows.expression import State

RUNS = 20


@dataclass(frozen=True, slots=True)
class Run:
    """A run with who began it and how many of its expressions have which fate."""

    id: int
    trigger: str
    facts: Mapping[str, Any]
    created_at: datetime
    finished_at: datetime | None
    who: str
    counts: Mapping[Fate, int]

    @property
    def total(self) -> int:
        """All its expressions."""
        return sum(self.counts.values())

    @property
    def waiting(self) -> int:
        """Those that no request has come to yet."""
        return self.counts.get(Fate.WAITING, 0)

    @property
    def moved(self) -> int:
        """Those that took the step."""
        return self.counts.get(Fate.MOVED, 0)

    @property
    def done(self) -> int:
        """Those whose fate is known."""
        return self.total - self.waiting


@dataclass(frozen=True, slots=True)
class Line:
    """What became of one expression: its state now, its fate in the run, how many letters that wrote."""

    reference: str
    name: str
    state: State
    fate: Fate
    reasons: Sequence[Mapping[str, Any]]
    done_at: datetime | None
    letters: int


def latest() -> list[Run]:
    """The last runs, newest first."""
    return _runs(select(BulkRun.id).order_by(BulkRun.id.desc()).limit(RUNS))


def run_or_404(run_id: int) -> Run:
    """One run."""
    found = _runs(select(BulkRun.id).where(BulkRun.id == run_id))
    return found[0] if found else abort(404)


def _runs(ids: Any) -> list[Run]:
    """Runs in two statements, newest first."""
    named = select(BulkRun, User.name, User.email).outerjoin(User, User.id == BulkRun.user_id)
    rows = db.session.execute(named.where(BulkRun.id.in_(ids)).order_by(BulkRun.id.desc())).all()
    fates = select(BulkItem.run_id, BulkItem.fate, func.count()).group_by(BulkItem.run_id, BulkItem.fate)
    counts: dict[int, dict[Fate, int]] = {}
    for run_id, fate, number in db.session.execute(fates.where(BulkItem.run_id.in_([run.id for run, *_ in rows]))):
        counts.setdefault(run_id, {})[fate] = number
    return [
        Run(
            run.id, run.trigger, run.facts, run.created_at, run.finished_at, name or email or "", counts.get(run.id, {})
        )
        for run, name, email in rows
    ]


def lines(run_id: int) -> list[Line]:
    """What became of each expression of a run, in the order of the list, in one statement.

    The letters are those of the very step: it stands in the history under the version after the one that the item saw.
    """
    step = and_(HistoryEntry.expression_id == BulkItem.expression_id, HistoryEntry.version == BulkItem.version + 1)
    written = select(func.count(Letter.id)).join(HistoryEntry, Letter.step_id == HistoryEntry.id)
    letters = written.where(step, BulkItem.fate == Fate.MOVED).correlate(BulkItem).scalar_subquery()
    shown = select(
        Expression.reference,
        Expression.organisation_name,
        Expression.state,
        BulkItem.fate,
        BulkItem.reasons,
        BulkItem.done_at,
        letters,
    )
    found = shown.join(Expression, Expression.id == BulkItem.expression_id).where(BulkItem.run_id == run_id)
    return [Line(*row) for row in db.session.execute(found.order_by(BulkItem.id))]
