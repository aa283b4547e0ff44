"""What an applicant has sent, and when: each version of the answers beside the one before; it changes nothing."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import abort, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from intake.access import applicant, opened_expression
from intake.applicants import status, summary
from intake.applicants.blueprint import bp
from intake.differences import Piece, differences
from intake.extensions import db
from intake.models import Expression, HistoryEntry, Revision

ALL = "/expressions/<reference:reference>/versions"
CORRECTED = "correct_category"
"""The step by which staff change an answer; a version does not take it for the applicant's own."""


@dataclass(frozen=True, slots=True)
class Version:
    """The answers as they stood from a moment on; the first is what was sent."""

    number: int
    at: datetime
    answers: Expression
    before: Expression
    """Of the first version, itself."""


@dataclass(frozen=True, slots=True)
class Part:
    """The questions of one step whose answers differ."""

    title: str
    rows: Sequence[tuple[str, Sequence[Piece]]]


@bp.get(ALL)
@applicant
def versions(reference: str) -> ResponseReturnValue:
    """All versions, and what was changed last."""
    found = of(_sent())
    return _page(found, found[-1])


@bp.get(f"{ALL}/<int(max=2147483647):version_number>")
@applicant
def version(reference: str, version_number: int) -> ResponseReturnValue:
    """One version, beside the one before; the first stands as it was sent."""
    found = of(_sent())
    return _page(found, next((each for each in found if each.number == version_number), None) or abort(404))


def _sent() -> Expression:
    """The expression of the request; of a draft nothing was sent."""
    expression = opened_expression()
    return abort(404) if expression.submitted_at is None else expression


def _page(found: Sequence[Version], chosen: Version) -> str:
    is_first = chosen.number == 1
    return render_template(
        "applicants/versions.html",
        expression=opened_expression(),
        versions=found[::-1],
        chosen=chosen,
        answers=summary.parts(chosen.answers) if is_first else [],
        changes=[] if is_first else list(changes(chosen)),
    )


def of(expression: Expression) -> list[Version]:
    """The versions of an expression that was sent, the oldest first, in two statements."""
    found: list[Version] = []
    kept, corrections = _revisions(expression), _corrections(expression)
    after = expression
    for number, revision in reversed(list(enumerate(kept, start=2))):
        while corrections and corrections[-1].at > revision.at:
            after = _as_it_was(after, corrections.pop().before)
        before = _as_it_was(after, revision.before)
        found.append(Version(number, revision.at, after, before))
        after = before
    for correction in reversed(corrections):
        after = _as_it_was(after, correction.before)
    sent_at = expression.submitted_at or expression.created_at
    return [Version(1, sent_at, after, after), *reversed(found)]


def _revisions(expression: Expression) -> Sequence[Revision]:
    kept = select(Revision).where(Revision.expression_id == expression.id)
    return db.session.scalars(kept.order_by(Revision.id)).all()


def _corrections(expression: Expression) -> list[Any]:
    """The lasting corrections of the category, the oldest first."""
    columns = HistoryEntry.trigger, HistoryEntry.at, HistoryEntry.before
    entries = select(*columns).where(HistoryEntry.expression_id == expression.id).order_by(HistoryEntry.number)
    return [each for each in status.lasting(db.session.execute(entries).all()) if each.trigger == CORRECTED]


def _as_it_was(expression: Expression, before: Mapping[str, Any]) -> Expression:
    """The expression with some answers as they were; of criteria, those that changed. It belongs to no session."""
    now = {column.key: getattr(expression, column.key) for column in Expression.__table__.columns}
    criteria = {**expression.criteria, **before.get("criteria", {})}
    return Expression(**{**now, **before, "criteria": criteria})


def changes(chosen: Version) -> Iterator[Part]:
    """The steps of the form with the answers that differ from the version before."""
    for new, old in zip(summary.parts(chosen.answers), summary.parts(chosen.before), strict=True):
        pairs = zip(new.rows, old.rows, strict=True)
        rows = [(after.label, differences(_text(before.words), _text(after.words))) for after, before in pairs]
        differing = [(label, pieces) for label, pieces in rows if pieces]
        if differing:
            yield Part(new.step.title, differing)


def _text(words: summary.Words) -> str:
    return words if isinstance(words, str) else "\n".join(words)
