"""Which addresses may hold links to an expression, and which are proven; it writes no letter and commits nothing."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, bindparam, select
from sqlalchemy.exc import IntegrityError

from intake.extensions import db
from intake.models import Expression, Holder, Proof, now

ONE = select(Holder).where(
    Holder.expression_id == bindparam("expression_id"), Holder.address_key == bindparam("address_key")
)
READING = (
    select(Holder)
    .where(
        Holder.expression_id == bindparam("expression_id"),
        Holder.proven_at.is_not(None),
        Holder.removed_at.is_(None),
    )
    .order_by(Holder.id)
)
"""Written once: every step that tells the applicant asks for them."""


def key(address: str) -> str:
    """The address in the spelling in which addresses are compared."""
    return address.strip().lower()


def find(expression_id: int, address: str) -> Holder | None:
    """What is kept of an address of an expression, in whatever case it is written."""
    return db.session.scalar(ONE, {"expression_id": expression_id, "address_key": key(address)})


def found(expression_id: int, address: str) -> Holder:
    """The same, made where nothing is kept yet; two who make it at once make it once."""
    known = find(expression_id, address)
    if known is not None:
        return known
    made = Holder(expression_id=expression_id, address=address, address_key=key(address))
    try:
        with db.session.begin_nested():
            db.session.add(made)
    except IntegrityError:
        return db.session.scalars(ONE, {"expression_id": expression_id, "address_key": key(address)}).one()
    return made


def is_proven(expression_id: int, address: str) -> bool:
    """Whether an address is proven for an expression; an empty one never is."""
    holder = find(expression_id, address) if address else None
    return holder is not None and holder.proven_at is not None and holder.removed_at is None


def prove(holder: Holder, proof: Proof, at: datetime | None = None) -> bool:
    """Note how we know that an address belongs to somebody of the expression; False where it was known already."""
    if holder.proven_at is not None:
        return False
    holder.proven_at, holder.proof = at or now(), proof
    return True


def named(expression: Expression) -> list[str]:
    """The addresses that the answers name, the contact person's first, each mailbox once."""
    contact, second = expression.contact_email, expression.second_email
    return [each for each in (contact, second if key(second) != key(contact) else "") if each]


def vouch(expression: Expression, proof: Proof = Proof.SECRETARIAT) -> None:
    """Take the addresses of the answers as proven: the secretariat brought the expression in."""
    for address in named(expression):
        prove(found(expression.id, address), proof)


def readers(expression: Expression) -> Sequence[Holder]:
    """Who gets letters with content: proven addresses of the answers, then proven colleagues."""
    proven = {each.address_key: each for each in db.session.scalars(READING, {"expression_id": expression.id})}
    of_answers = [proven[key(each)] for each in named(expression) if key(each) in proven]
    return [*of_answers, *(each for each in proven.values() if each.is_colleague and each not in of_answers)]


def beside_the_answers(address: str) -> Select[int]:
    """The ids of expressions whose links an address may hold although their answers need not name it."""
    beside = Holder.is_colleague | Holder.next_contact_at.is_not(None)
    return select(Holder.expression_id).where(Holder.address_key == key(address), Holder.removed_at.is_(None), beside)
