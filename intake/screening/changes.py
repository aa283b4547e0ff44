"""What an applicant changed after sending: the answers as they were beside those of now; it changes nothing."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from intake.differences import Piece, differences
from intake.extensions import db
from intake.models import Expression, Revision
from intake.screening import record
from intake.wording import listed


@dataclass(frozen=True, slots=True)
class Change:
    """Answers that are different; `void` holds what was judged about the answer as it was."""

    at: datetime
    rows: Sequence[tuple[str, Sequence[Piece]]]
    void: Sequence[Mapping[str, Any]] = ()


class Changes:
    """Everything that was changed in one expression since it was sent, in one statement."""

    def __init__(self, expression: Expression) -> None:
        self._expression = expression
        kept = select(Revision).where(Revision.expression_id == expression.id).order_by(Revision.id)
        self._revisions = db.session.scalars(kept).all()

    def of_criterion(self, criterion: str) -> Change | None:
        """From the answer that was judged last, or else from the one that was sent, to the one of now."""
        about = [each for each in self._revisions if criterion in each.before.get("criteria", {})]
        if not about:
            return None
        judged = [each for each in about if criterion in each.verdicts]
        start = (judged or about)[-1 if judged else 0]
        then = _as_it_was(self._expression, {"criteria": {criterion: start.before["criteria"][criterion]}})
        rows = _different(_criterion_rows(then, criterion), _criterion_rows(self._expression, criterion))
        return Change(about[-1].at, rows, start.verdicts.get(criterion, ()))

    def of_the_rest(self) -> Change | None:
        """All other answers, from those that were sent to those of now."""
        about = [each for each in self._revisions if set(each.before) - {"criteria"}]
        if not about:
            return None
        sent: dict[str, Any] = {}
        for revision in reversed(about):
            sent |= {name: value for name, value in revision.before.items() if name != "criteria"}
        then = _as_it_was(self._expression, sent)
        return Change(about[-1].at, _different(_other_rows(then), _other_rows(self._expression)))


def _as_it_was(expression: Expression, before: Mapping[str, Any]) -> Expression:
    """The expression with some answers as they were; it belongs to no session."""
    now = {column.key: getattr(expression, column.key) for column in Expression.__table__.columns}
    return Expression(**{**now, **before})


def _criterion_rows(expression: Expression, criterion: str) -> Iterator[tuple[str, str]]:
    yield str(_("Statement")), record.statement(expression, criterion)
    yield from _texts(record.facts(expression, criterion))


def _other_rows(expression: Expression) -> Iterator[tuple[str, str]]:
    yield str(_("Organisation")), expression.organisation_name
    yield from _texts(record.organisation(expression))
    yield from _texts(record.reach(expression))


def _texts(rows: Sequence[record.Row]) -> Iterator[tuple[str, str]]:
    for label, value, *_rest in rows:
        yield label, value if isinstance(value, str) else listed(value)


def _different(
    before: Iterator[tuple[str, str]], after: Iterator[tuple[str, str]]
) -> list[tuple[str, Sequence[Piece]]]:
    """The rows that differ, in the order of the page; a row may be missing on either side."""
    old, new = dict(before), dict(after)
    labels = dict.fromkeys([*new, *old])
    pieces = ((label, differences(old.get(label, ""), new.get(label, ""))) for label in labels)
    return [(label, found) for label, found in pieces if found]
