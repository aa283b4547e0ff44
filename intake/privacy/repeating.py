"""The list of what was erased, by references that name nobody, and its repetition in a database that forgot it."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy import select

from intake.advance import advance
from intake.extensions import db
from intake.models import SUBJECTS, Enquiry, Expression, Subject
from workflows.people import Actor, Role
from workflows.workflow import ERASE

RESTORING = Actor("P2C Intake, after a restore", frozenset({Role.SECRETARIAT}))
"""As whom an erasure is repeated: the secretariat had decided on it, or the person had asked for it."""
Tell = Callable[[int], object]


@dataclass(frozen=True, slots=True)
class Repeated:
    """What became of the references of a list."""

    erased: int = 0
    already: int = 0
    unknown: int = 0


def erased() -> Iterator[str]:
    """The references of everything that was erased, one kind after the other."""
    for kind in SUBJECTS:
        yield from db.session.scalars(select(kind.reference).where(kind.erased_at.is_not(None)).order_by(kind.id))


def repeat(references: Iterable[str], tell: Tell) -> Repeated:
    """Erase again what these references name; commits one by one, and changes nothing that is erased already."""
    done = already = unknown = 0
    for reference in references:
        subject = _find(reference)
        if subject is None:
            unknown += 1
        elif subject.erased_at is not None:
            already += 1
        else:
            erase(subject, RESTORING)
            done += 1
        tell(1)
    return Repeated(done, already, unknown)


def _find(reference: str) -> Subject | None:
    expression = db.session.scalar(select(Expression).where(Expression.reference == reference))
    return expression or db.session.scalar(select(Enquiry).where(Enquiry.reference == reference))


def erase(subject: Subject, actor: Actor) -> None:
    """Record that erasure was asked for, where that is not recorded, and erase. Raises what `advance` raises."""
    if isinstance(subject, Expression) and subject.erasure_due_on is None:
        advance(subject, "request_erasure", actor=actor, version=subject.version)
    advance(subject, ERASE, actor=actor, version=subject.version)
