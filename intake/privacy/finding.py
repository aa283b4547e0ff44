"""Finds all that is kept under one e-mail address: a person may stand in several expressions; it changes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, Text, cast, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from intake.extensions import db
from intake.models import AccessLink, Enquiry, Expression, Holder, Letter, ReceivedMessage, Subject
from workflows.people import Audience

ESCAPE = "\\"
THEIRS = (Audience.APPLICANT, Audience.ENQUIRER)


@dataclass(frozen=True, slots=True)
class Found:
    """What stands under an address. `messages`: mail from it that belongs to no subject."""

    expressions: Sequence[Expression]
    enquiries: Sequence[Enquiry]
    messages: Sequence[ReceivedMessage]

    @property
    def subjects(self) -> list[Subject]:
        """Expressions, then enquiries."""
        return [*self.expressions, *self.enquiries]

    def __bool__(self) -> bool:
        return bool(self.subjects or self.messages)


def under(address: str) -> Found:
    """Everything under an address, in whatever case it was written: contacts, nominees, letters, links and mail."""
    expressions = select(Expression).where(Expression.erased_at.is_(None), _names(address)).order_by(Expression.id)
    is_theirs = or_(_is(Enquiry.email, address), Enquiry.id.in_(_of_mail(ReceivedMessage.enquiry_id, address)))
    enquiries = select(Enquiry).where(Enquiry.erased_at.is_(None), is_theirs).order_by(Enquiry.id)
    is_lone = ReceivedMessage.expression_id.is_(None), ReceivedMessage.enquiry_id.is_(None)
    messages = select(ReceivedMessage).where(*is_lone, _is(ReceivedMessage.sender, address))
    session = db.session
    return Found(session.scalars(expressions).all(), session.scalars(enquiries).all(), session.scalars(messages).all())


def _is(column: InstrumentedAttribute[str], address: str) -> ColumnElement[bool]:
    return func.lower(column) == address.lower()


def _of_mail(key: InstrumentedAttribute[int | None], address: str) -> Select[int | None]:
    return select(key).where(_is(ReceivedMessage.sender, address), key.is_not(None))


def _names(address: str) -> ColumnElement[bool]:
    """Whether an expression names an address, in an answer or by what was sent."""
    quoted = address.lower()
    for letter in (ESCAPE, "%", "_"):
        quoted = quoted.replace(letter, ESCAPE + letter)
    told = select(Letter.expression_id).where(_is(Letter.recipient, address), Letter.audience.in_(THEIRS))
    return or_(
        _is(Expression.contact_email, address),
        _is(Expression.second_email, address),
        func.lower(cast(Expression.criteria, Text)).like(f'%"{quoted}"%', escape=ESCAPE),
        Expression.id.in_(told.where(Letter.expression_id.is_not(None))),
        Expression.id.in_(select(AccessLink.expression_id).where(_is(AccessLink.email, address))),
        Expression.id.in_(select(Holder.expression_id).where(Holder.address_key == address.lower())),
        Expression.id.in_(_of_mail(ReceivedMessage.expression_id, address)),
    )
