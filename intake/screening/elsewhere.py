"""How other expressions of the same organisation were judged, in this call and in others; it changes nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select

from intake.extensions import db
from intake.models import Call, Expression, Outcome, Verdict
from workflows.expression import State

LATEST = 5


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Another expression of the organisation; `call` is the title of its call if that is another one."""

    reference: str
    sent_at: datetime
    state: State
    call: str
    verdicts: Mapping[str, tuple[Outcome, str]] = field(default_factory=dict)


def elsewhere(expression: Expression) -> list[Elsewhere]:
    """The latest others that were sent, newest first, with their verdicts, in one statement."""
    if not expression.organisation_key:
        return []
    same = (Expression.organisation_key == expression.organisation_key, Expression.id != expression.id)
    latest = select(Expression.id).where(*same, Expression.state != State.DRAFT).order_by(Expression.id.desc())
    columns = (Expression.reference, Expression.submitted_at, Expression.state, Expression.call_id, Call.title)
    rows = (
        select(*columns, Verdict.criterion, Verdict.outcome, Verdict.reason)
        .join(Call, Call.id == Expression.call_id)
        .outerjoin(Verdict, Verdict.expression_id == Expression.id)
        .where(Expression.id.in_(latest.limit(LATEST)))
        .order_by(Expression.id.desc())
    )
    found: dict[str, Elsewhere] = {}
    verdicts: dict[str, dict[str, tuple[Outcome, str]]] = {}
    for row in db.session.execute(rows):
        given = verdicts.setdefault(row.reference, {})
        call = "" if row.call_id == expression.call_id else row.title
        found.setdefault(row.reference, Elsewhere(row.reference, row.submitted_at, row.state, call, given))
        if row.criterion is not None:
            given[row.criterion] = (row.outcome, row.reason)
    return list(found.values())
