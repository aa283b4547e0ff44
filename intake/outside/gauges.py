"""What is stored, counted anew whenever Prometheus asks: one statement a figure, each read from an index alone."""

from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from typing import Any

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
    words = "Expressions of the call that is served, by state."
    return _by("intake_expressions", words, Expression.state, expression.State, of_call)


def _enquiries() -> Metric:
    return _by("intake_enquiries", "Enquiries, by state.", Enquiry.state, enquiry.State)


def _letters() -> Metric:
    return _by("intake_letters", "Letters, by status.", Letter.status, LetterStatus)


def _received() -> Metric:
    words = "Messages that came in, by what they were taken for."
    return _by("intake_received_messages", words, ReceivedMessage.kind, Kind)


def _due() -> Metric:
    words = "How long the oldest letter has been due that no delivery has taken up; 0 for none."
    return _seconds("intake_letter_oldest_due_seconds", words, readiness.due_since)


def _waiting() -> Metric:
    words = "How old the oldest letter is that ought to have left and has not; 0 for none."
    return _seconds("intake_letter_oldest_waiting_seconds", words, outbox.oldest_waiting)


FIGURES: tuple[Callable[[], Metric], ...] = (_expressions, _enquiries, _letters, _received, _due, _waiting)


def _by(name: str, words: str, column: InstrumentedAttribute[Any], members: Iterable[StrEnum], *of: Any) -> Metric:
    """A figure with a value for each member, those that do not occur too."""
    counted = db.session.execute(select(column, func.count()).where(*of).group_by(column))
    counts = {member: count for member, count in counted}  # noqa: C416 - dict() loses the types
    family = GaugeMetricFamily(name, words, labels=[column.key])
    for member in members:
        family.add_metric([member.value], counts.get(member, 0))
    return family


def _seconds(name: str, words: str, since: Callable[[], Any]) -> Metric:
    return GaugeMetricFamily(name, words, value=readiness.age(since()).total_seconds())
