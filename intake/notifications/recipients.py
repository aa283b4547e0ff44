"""Turns an audience into addresses; it composes nothing."""

from dataclasses import dataclass

from intake import holders
from intake.current import programme
from intake.extensions import db
from intake.models import Enquiry, Expression, Subject, User
from workflows.people import Audience


@dataclass(frozen=True, slots=True)
class Recipient:
    """One address that a letter goes to, in one language."""

    address: str
    name: str = ""
    language: str = "en"


def of_staff(user: User) -> Recipient:
    """A member of staff, in the language of the account."""
    return Recipient(user.email, user.name, user.language)


def recipients(audience: Audience, subject: Subject) -> tuple[Recipient, ...]:
    """Who reads letters of this audience about this subject; empty where nobody is known, or is to be left in peace.

    An applicant is told at proven addresses alone. A screener is told only of expressions that they have taken; the
    lead is that of the assigned focus area.
    """
    if audience is Audience.SECRETARIAT:
        return tuple(Recipient(each, programme().secretariat.name) for each in programme().secretariat.addresses)
    return _of_enquiry(audience, subject) if isinstance(subject, Enquiry) else _of_expression(audience, subject)


def _of_enquiry(audience: Audience, enquiry: Enquiry) -> tuple[Recipient, ...]:
    asks = audience is Audience.ENQUIRER and not enquiry.silent
    return (Recipient(enquiry.email, enquiry.name, enquiry.language),) if asks else ()


def _of_expression(audience: Audience, expression: Expression) -> tuple[Recipient, ...]:
    match audience:
        case Audience.APPLICANT:
            return tuple(
                Recipient(each.address, each.name or expression.contact_name, expression.language)
                for each in holders.readers(expression)
            )
        case Audience.SCREENER:
            screener = db.session.get(User, expression.screener_id) if expression.screener_id else None
            return (of_staff(screener),) if screener else ()
        case Audience.GROUP_LEAD:
            area = programme().focus_area(expression.focus_area) if expression.focus_area else None
            return (Recipient(area.lead_email, area.name),) if area and area.lead_email else ()
        case _:
            return ()
