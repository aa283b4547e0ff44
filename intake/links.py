"""Applicants' links: minting, claiming, revoking, and which expression this browser may open; it sends nothing."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from flask import session
from sqlalchemy import ColumnElement, bindparam, delete, insert, select, update

from intake import holders
from intake.current import programme
from intake.extensions import db
from intake.models import AccessLink, Expression, Holder, Proof, now

TOKEN_BYTES = 32
MOST_LINKS = 20
"""How many links one browser remembers; the oldest goes first."""


OPENED = (
    select(Expression)
    .join(AccessLink, AccessLink.expression_id == Expression.id)
    .where(
        Expression.reference == bindparam("reference"),
        AccessLink.id.in_(bindparam("held", expanding=True)),
        AccessLink.revoked_at.is_(None),
        AccessLink.expires_at > bindparam("now"),
    )
    .limit(1)
)
"""Written once: every page of an applicant asks it, and to write it costs as much as to ask it."""
OPENED_TO_CHANGE = OPENED.with_for_update(of=Expression).execution_options(populate_existing=True)
"""The same for a request that may change the expression: it is read once, under the lock that the change needs."""
MINTED = insert(AccessLink.__table__)  # type: ignore[arg-type]
UNUSED = delete(AccessLink).where(AccessLink.token_hash == bindparam("of"), AccessLink.claimed_at.is_(None))
"""Ends a link, by the hash of its token, that nobody can have; it stays when somebody has it all the same."""


class Carrier(NamedTuple):
    """A letter that brings a link."""

    letter_id: int
    expression_id: int
    email: str


class Minted(NamedTuple):
    """A new link. `token` is stored nowhere."""

    token: str
    token_hash: str


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def mint(expression_id: int, email: str) -> tuple[AccessLink, str]:
    """A new link and its token, which is stored nowhere else; the caller commits."""
    token, token_hash = _minted()
    link = AccessLink(expression_id=expression_id, token_hash=token_hash, email=email, expires_at=_expires_at())
    db.session.add(link)
    return link, token


def mint_for_letters(letters: Sequence[Carrier]) -> list[Minted]:
    """A new link for each letter, all written in one statement; the caller commits."""
    minted, end = [_minted() for _ in letters], _expires_at()
    rows = [
        {**letter._asdict(), "token_hash": link.token_hash, "expires_at": end}
        for letter, link in zip(letters, minted, strict=True)
    ]
    if rows:
        db.session.execute(MINTED, rows)
    return minted


def _minted() -> Minted:
    token = secrets.token_urlsafe(TOKEN_BYTES)
    return Minted(token, _hash(token))


def _expires_at() -> datetime:
    return now() + timedelta(days=programme().call.link_days)


def find(token: str) -> AccessLink | None:
    """The live link of a token; None alike for an unknown, expired or revoked one, and for that of who was removed."""
    link = db.session.scalar(select(AccessLink).where(AccessLink.token_hash == _hash(token), *_live()))
    holder = holders.find(link.expression_id, link.email) if link is not None and link.email else None
    return None if holder is not None and holder.removed_at is not None else link


def _live() -> tuple[ColumnElement[bool], ...]:
    return AccessLink.revoked_at.is_(None), AccessLink.expires_at > now()


def remember(link: AccessLink) -> None:
    """Let this browser use the link from now on, also when it was closed meanwhile; the link must have its id."""
    session.permanent = True
    held = [held for held in session.get("links", []) if held != link.id]
    session["links"] = [*held, link.id][-MOST_LINKS:]


def claim(link: AccessLink) -> Holder | None:
    """Note that a person used the link, and let this browser use it; the caller commits.

    With that the address to which it was mailed is proven; it is given, None for the link of a browser.
    """
    link.claimed_at = link.claimed_at or now()
    remember(link)
    if not link.email:
        return None
    holder = holders.found(link.expression_id, link.email)
    holders.prove(holder, Proof.LINK)
    return holder


def opened(reference: str, *, to_change: bool = False) -> Expression | None:
    """The expression with this reference when this browser holds a live link to it, under a lock if asked."""
    held = session.get("links", [])
    if not held:
        return None
    asked = OPENED_TO_CHANGE if to_change else OPENED
    return db.session.scalars(asked, {"reference": reference, "held": held, "now": now()}).first()


def mine() -> list[Expression]:
    """Every expression that this browser holds a live link to, newest first."""
    held = session.get("links", [])
    if not held:
        return []
    ids = select(AccessLink.expression_id).where(AccessLink.id.in_(held), *_live())
    return list(db.session.scalars(select(Expression).where(Expression.id.in_(ids)).order_by(Expression.id.desc())))


def revoke(expression: Expression, address: str, *, but_here: bool = False) -> None:
    """End the links that were mailed to an address, those of open browsers too; the caller commits.

    `but_here`: this browser keeps those that it holds.
    """
    live = select(AccessLink.id, AccessLink.email).where(
        AccessLink.expression_id == expression.id, AccessLink.revoked_at.is_(None)
    )
    ended = [id for id, email in db.session.execute(live) if holders.key(email) == holders.key(address)]
    kept = session.get("links", []) if but_here else []
    gone = [id for id in ended if id not in kept]
    db.session.execute(update(AccessLink).where(AccessLink.id.in_(gone)).values(revoked_at=now()))


def revoke_all(expression: Expression) -> None:
    """End every link to an expression, those of open browsers too; the caller commits."""
    live = update(AccessLink).where(AccessLink.expression_id == expression.id, AccessLink.revoked_at.is_(None))
    db.session.execute(live.values(revoked_at=now()))
