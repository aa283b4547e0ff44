"""What is stored, counted when Prometheus asks, by statements that read an index alone; it counts nothing of itself."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import StrEnum
from math import inf
from time import monotonic
from typing import Any

from flask import current_app
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import InstrumentedAttribute

from intake.current import programme
from intake.extensions import db
from intake.models import Call, Enquiry, Expression, Kind, Letter, LetterStatus, ReceivedMessage
from intake.notifications import outbox
from intake.outside import readiness
from workflows import enquiry, expression

Counts = Mapping[StrEnum, int]
REMEMBERED_SECONDS = 60
ENDED = (LetterStatus.SENT, LetterStatus.CANCELLED, LetterStatus.SUPERSEDED)
OPEN = tuple(status for status in LetterStatus if status not in ENDED)
LABELS = {"intake_letters": "status", "intake_received_messages": "kind"}


class Stored(Collector):
    """The figures of the database; needs an application context. Where it does not answer, that is the one figure."""

    def collect(self) -> Iterator[Metric]:
        """Count; called by the registry."""
        answers = 1
        try:
            yield from [figure() for figure in FIGURES]
        except SQLAlchemyError:
            db.session.rollback()
            answers = 0
        yield GaugeMetricFamily("intake_database_up", "Whether the database answered this time.", value=answers)


def _expressions() -> Metric:
    of_call = Expression.call_id == select(Call.id).where(Call.slug == programme().call.slug).scalar_subquery()
    words = "Expressions of the call that is served, by state; at most a minute old."
    return _by("intake_expressions", words, expression.State, _remembered(Expression.state, of_call))


def _enquiries() -> Metric:
    return _by("intake_enquiries", "Enquiries, by state.", enquiry.State, _counts(Enquiry.state))


def _letters() -> Metric:
    words = "Letters, by status; those that have come to their end, at most a minute old."
    ended, open_ = _remembered(Letter.status, Letter.status.in_(ENDED)), _counts(Letter.status, Letter.status.in_(OPEN))
    return _by("intake_letters", words, LetterStatus, {**ended, **open_})


def _received() -> Metric:
    words = "Messages that came in, by what they were taken for."
    return _by("intake_received_messages", words, Kind, _counts(ReceivedMessage.kind))


def _due() -> Metric:
    words = "How long the oldest letter has been due that no delivery has taken up; 0 for none."
    return _seconds("intake_letter_oldest_due_seconds", words, readiness.due_since)


def _waiting() -> Metric:
    words = "How old the oldest letter is that ought to have left and has not; 0 for none."
    return _seconds("intake_letter_oldest_waiting_seconds", words, outbox.oldest_waiting)


FIGURES: tuple[Callable[[], Metric], ...] = (_expressions, _enquiries, _letters, _received, _due, _waiting)


def _by(name: str, words: str, members: Iterable[StrEnum], counts: Counts) -> Metric:
    """A figure with a value for each member, those that do not occur too."""
    family = GaugeMetricFamily(name, words, labels=[LABELS.get(name, "state")])
    for member in members:
        family.add_metric([member.value], counts.get(member, 0))
    return family


def _counts(column: InstrumentedAttribute[Any], *of: Any) -> Counts:
    counted = db.session.execute(select(column, func.count()).where(*of).group_by(column))
    return {member: count for member, count in counted}  # noqa: C416 - dict() loses the types


def _remembered(column: InstrumentedAttribute[Any], *of: Any) -> Counts:
    """Counts that walk through a whole index, so that they are taken once a minute however often somebody asks."""
    known: dict[str, tuple[float, Counts]] = current_app.extensions.setdefault("counted", {})
    at, counts = known.get(str(column), (-inf, {}))
    if monotonic() - at > REMEMBERED_SECONDS:
        counts = _counts(column, *of)
        known[str(column)] = monotonic(), counts
    return counts


def _seconds(name: str, words: str, since: Callable[[], Any]) -> Metric:
    return GaugeMetricFamily(name, words, value=readiness.age(since()).total_seconds())
