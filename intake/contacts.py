"""Who may open an expression, as its people change it: invited, removed, another contact person; it commits nothing.

The caller has read the expression under a lock. Whether a mailbox may get one more letter is judged elsewhere.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from intake import drafting, holders, links
from intake.extensions import db
from intake.models import Expression, Holder, now
from intake.notifications import outbox
from intake.notifications.recipients import Recipient

MOST_COLLEAGUES = 5
"""How many can be added beside those whom the answers name."""
LINK, INVITATION, TAKE_OVER, CHANGE_ASKED = "link", "invite", "take_over", "change_asked"
"""Kinds of letters that bring a link, and tell no more than whose it is."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How the address of the contact person stands; `invited_at`: when a link was last mailed to it, if ever."""

    address: str
    is_proven: bool
    invited_at: datetime | None


def standing(expression: Expression) -> Standing:
    """Whether the address of the contact person is proven, and when it was last asked to be."""
    address = expression.contact_email
    holder = holders.find(expression.id, address) if address else None
    if holder is None or holder.removed_at is not None:
        return Standing(address, is_proven=False, invited_at=None)
    return Standing(address, holder.proven_at is not None, holder.invited_at)


def invite(expression: Expression, address: str, kind: str = LINK) -> Holder:
    """Write a letter with a link to an address.

    Until the address is proven it gets no word that somebody typed, so that nobody writes to strangers through us.
    """
    holder = holders.found(expression.id, address)
    holder.invited_at = now()
    name = (holder.name or expression.contact_name) if holder.proven_at else ""
    outbox.enqueue_link(expression, Recipient(address, name, expression.language), kind=kind)
    return holder


def kind_for(expression: Expression, address: str) -> str:
    """Which letter brings somebody of the list a link."""
    holder = holders.find(expression.id, address)
    if holder is not None and holder.next_contact_at is not None:
        return TAKE_OVER
    is_named = holders.key(address) in map(holders.key, holders.named(expression))
    return INVITATION if holder is not None and holder.is_colleague and not is_named else LINK


def invite_unproven(expression: Expression) -> Holder | None:
    """Write to the second address where nobody has proven it: what is sent from now on goes to proven ones alone."""
    second = expression.second_email
    if not second or holders.is_proven(expression.id, second):
        return None
    return invite(expression, second)


def follow(expression: Expression, earlier: Iterable[str]) -> None:
    """Addresses that the answers named `earlier` and name no more open nothing from now on; this browser stays."""
    for address in holders.named(expression):
        holder = holders.find(expression.id, address)
        if holder is not None:
            holder.removed_at = None
    for address in earlier:
        if address and not _is_still_asked_for(expression, address):
            _shut_out(expression, holders.found(expression.id, address), but_here=True)


def _is_still_asked_for(expression: Expression, address: str) -> bool:
    holder = holders.find(expression.id, address)
    named = holders.key(address) in map(holders.key, holders.named(expression))
    return named or (holder is not None and (holder.is_colleague or holder.next_contact_at is not None))


def _shut_out(expression: Expression, holder: Holder, *, but_here: bool = False) -> None:
    """End the links of an address and the letters that would bring more; `but_here`: this browser keeps its own."""
    holder.removed_at, holder.is_colleague, holder.next_contact_at = now(), False, None
    links.revoke(expression, holder.address, but_here=but_here)
    outbox.stop(expression, holder.address)


def colleagues(expression: Expression) -> int:
    """How many people were added by hand."""
    mine = Holder.expression_id == expression.id, Holder.is_colleague, Holder.removed_at.is_(None)
    return db.session.scalar(select(func.count()).select_from(Holder).where(*mine)) or 0


def add(expression: Expression, address: str, name: str) -> Holder:
    """Let a colleague hold a link; the letter with it goes out."""
    holder = holders.found(expression.id, address)
    holder.address, holder.name = address, name
    holder.is_colleague, holder.removed_at = True, None
    db.session.flush()
    return invite(expression, address, INVITATION)


def remove(expression: Expression, holder: Holder) -> None:
    """Shut a colleague out at once; whom the answers name as well stays."""
    holder.is_colleague = False
    db.session.flush()
    if not _is_still_asked_for(expression, holder.address):
        _shut_out(expression, holder)


def next_contact(expression: Expression) -> Holder | None:
    """Who is asked for as contact person and has not opened the link yet."""
    asked = Holder.expression_id == expression.id, Holder.next_contact_at.is_not(None), Holder.removed_at.is_(None)
    return db.session.scalars(select(Holder).where(*asked)).first()


def ask_for_contact(expression: Expression, address: str, name: str) -> Holder:
    """Ask for another contact person of what was sent: it holds when the link to the new address is opened.

    The old address is told, with the way to stop it; letters go there until then.
    """
    take_back(expression)
    holder = holders.found(expression.id, address)
    holder.address, holder.removed_at, holder.next_contact_at = address, None, now()
    holder.name = name or holder.name
    db.session.flush()
    invite(expression, address, TAKE_OVER)
    told = Recipient(expression.contact_email, expression.contact_name, expression.language)
    outbox.enqueue_link(expression, told, kind=CHANGE_ASKED, facts={"address": address})
    return holder


def take_back(expression: Expression) -> bool:
    """Nobody else is asked for any more; False where nobody was."""
    holder = next_contact(expression)
    if holder is None:
        return False
    holder.next_contact_at = None
    db.session.flush()
    if not _is_still_asked_for(expression, holder.address):
        _shut_out(expression, holder)
    return True


def settle(expression: Expression, holder: Holder) -> None:
    """Make who was asked for the contact person, now that the address is proven; the old address opens nothing more."""
    earlier = expression.contact_email
    changes = {"contact_email": holder.address, "contact_name": holder.name or expression.contact_name}
    if holders.key(expression.second_email) == holder.address_key:
        changes["second_email"] = ""
    drafting.change_contact(expression, changes)
    holder.next_contact_at, holder.is_colleague = None, False
    db.session.flush()
    outbox.redirect(expression, earlier, Recipient(holder.address, changes["contact_name"]))
    follow(expression, [earlier])
