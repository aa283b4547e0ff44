"""Decides what a mail is for, and says why; it stores nothing. What a mail claims opens nothing and reveals nothing."""

import re
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import select

from intake import asking, holders
from intake.current import programme
from intake.extensions import db
from intake.inbound import automatic, bounces, drafts, limits
from intake.inbound.bounces import Bounce
from intake.inbound.reading import Mail
from intake.models import Enquiry, Expression, Kind, Letter, now
from intake.references import ENQUIRY_PATTERN, PATTERN


@dataclass(frozen=True, slots=True)
class Purpose:
    """What a mail is taken for, why, and what it is about.

    `is_known`: it claims an address of whom it is about. `is_silent`: no letter answers it by itself.
    """

    kind: Kind
    reason: str
    letter: Letter | None = None
    expression: Expression | None = None
    enquiry: Enquiry | None = None
    bounce: Bounce | None = None
    is_known: bool = False
    is_silent: bool = False


def own_addresses() -> frozenset[str]:
    """The addresses from which and at which we write and read, in lower case."""
    secretariat = programme().secretariat
    return frozenset(each.lower() for each in (secretariat.sender, secretariat.reply_to, *secretariat.addresses))


def purpose(mail: Mail) -> Purpose:
    """What a mail is for."""
    if mail.trouble:
        return Purpose(Kind.QUARANTINED, mail.trouble)
    bounce = bounces.found(mail)
    if bounce is not None:
        return _of_bounce(bounce)
    letter = next(iter(bounces.letters(mail.answers)), None)
    machine = automatic.why(mail, own_addresses())
    if machine:
        return Purpose(Kind.AUTOMATIC, machine, letter=letter, expression=_expression(letter), enquiry=_enquiry(letter))
    return _answer(mail, letter) or _new(mail)


def _of_bounce(bounce: Bounce) -> Purpose:
    letter, said = bounce.letter, bounce.words or str(_("no reason given"))
    if bounce.is_final:
        reason = _("A letter could not be delivered: %(said)s", said=said)
    else:
        reason = _("A mail system reports “%(action)s” about a letter: %(said)s", action=bounce.action[:40], said=said)
    return Purpose(
        Kind.BOUNCE,
        str(reason),
        letter=letter,
        expression=_expression(letter),
        enquiry=_enquiry(letter),
        bounce=bounce,
    )


def _expression(letter: Letter | None) -> Expression | None:
    return db.session.get(Expression, letter.expression_id) if letter is not None and letter.expression_id else None


def _enquiry(letter: Letter | None) -> Enquiry | None:
    return db.session.get(Enquiry, letter.enquiry_id) if letter is not None and letter.enquiry_id else None


def _answer(mail: Mail, letter: Letter | None) -> Purpose | None:
    """Mail about an expression or an enquiry that there is; a letter says more than a reference in a subject."""
    expression, enquiry = _expression(letter), _enquiry(letter)
    if expression is None and enquiry is None:
        expression, enquiry = _named(mail.subject)
    if expression is not None:
        beside = (each.address for each in holders.readers(expression))
        addresses = (expression.contact_email, expression.second_email, *beside)
        return _known(mail, letter, addresses, expression=expression)
    if enquiry is None:
        return None
    return _known(mail, letter, (enquiry.email,), enquiry=enquiry)


def _named(subject: str) -> tuple[Expression | None, Enquiry | None]:
    """What has a reference that stands in a subject."""
    upper = subject.upper()
    found, asked = re.findall(rf"\b{PATTERN}\b", upper)[:5], re.findall(rf"\b{ENQUIRY_PATTERN}\b", upper)[:5]
    expression = (
        db.session.scalar(select(Expression).where(Expression.reference.in_(found)).limit(1)) if found else None
    )
    enquiry = next(filter(None, map(asking.by_reference, asked)), None) if expression is None else None
    return expression, enquiry


def _known(
    mail: Mail,
    letter: Letter | None,
    addresses: tuple[str, ...],
    *,
    expression: Expression | None = None,
    enquiry: Enquiry | None = None,
) -> Purpose:
    """An answer; what an enquirer adds goes on in the enquiry itself."""
    is_known = bool(mail.sender) and mail.sender.lower() in {each.lower() for each in addresses}
    why = _("It answers one of our letters") if letter else _("Its subject names the reference")
    whose = _whose(expression, is_known=is_known)
    is_question = enquiry is not None and is_known and not limits.floods(mail.sender)
    return Purpose(
        Kind.ENQUIRY if is_question else Kind.ANSWER,
        f"{why}, {whose}.",
        letter=letter,
        expression=expression,
        enquiry=enquiry,
        is_known=is_known,
    )


def _whose(expression: Expression | None, *, is_known: bool) -> str:
    if expression is not None:
        ours, other = _("from an address of this expression"), _("from an address that is not of this expression")
    else:
        ours, other = _("from the address of whoever asked"), _("from another address than that of whoever asked")
    return str(ours if is_known else other)


def _new(mail: Mail) -> Purpose:
    """Mail that is about nothing that there is."""
    if not mail.sender:
        return Purpose(Kind.QUARANTINED, str(_("It names no address to which one could answer.")))
    if limits.floods(mail.sender):
        return Purpose(Kind.QUARANTINED, str(_("Its address has sent more within a day than is taken in.")))
    silence = _silence(mail)
    if not drafts.is_meant(mail):
        return _question(_("It asks something, or is about nothing else that is known."), silence, silence=silence)
    refusal = silence or _no_draft()
    if refusal:
        why = _("It looks like an expression of interest, but no draft was made.")
        return _question(why, refusal, silence=silence)
    return Purpose(Kind.EXPRESSION, str(_("It says that it is an expression of interest; a draft was made of it.")))


def _question(why: str, because: str, *, silence: str) -> Purpose:
    return Purpose(Kind.ENQUIRY, f"{why} {because}".strip(), is_silent=bool(silence))


def _silence(mail: Mail) -> str:
    """Why no letter answers it by itself; empty where one may."""
    if automatic.wants_no_answer(mail):
        return str(_("It asks for no automatic answer."))
    if limits.is_answered(mail.sender):
        return str(_("Its address has had an automatic answer within a day, so it gets no other."))
    if limits.answers_are_used_up():
        return str(_("So much mail came in within a day that no more is answered automatically."))
    return ""


def _no_draft() -> str:
    if not programme().call.is_open(now()):
        return str(_("The call is not open."))
    return str(_("Mail has made many drafts within a day, so no more are made.")) if limits.drafts_are_used_up() else ""
