"""Addresses to which links of an expression go, and whether somebody has opened one that was mailed there."""

from enum import StrEnum

from sqlalchemy import ForeignKey, Index, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from intake.models.base import Address, Base, Key, Moment, Name, short_enum


class Proof(StrEnum):
    """How we know that an address belongs to somebody of this expression."""

    LINK = "link"
    """A link that was mailed to it was opened."""
    SECRETARIAT = "secretariat"
    """The secretariat vouches for it: it brought the expression in."""
    EARLIER = "earlier"
    """Our letters had reached it before anybody was asked to confirm an address."""


class Holder(Base):
    """One address that may hold links to one expression; whether the answers name it is read there.

    `invited_at`: when a letter with a link was last written to it. `next_contact_at`: since when it is asked for as
    that of the contact person. Who was removed stays as a row, so that links that are on their way open nothing.
    """

    __tablename__ = "holders"
    __table_args__ = (
        UniqueConstraint("expression_id", "address_key"),
        Index("ix_holders_address_key", "address_key"),
    )

    id: Mapped[Key]
    expression_id: Mapped[int] = mapped_column(ForeignKey("expressions.id", ondelete="CASCADE"))
    address: Mapped[Address]
    address_key: Mapped[Address]
    """The address in small letters: `Ann@example.org` and `ann@example.org` are one mailbox."""
    name: Mapped[Name] = mapped_column(default="", server_default="")
    is_colleague: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Added by hand, beside those whom the answers name."""
    invited_at: Mapped[Moment | None]
    proven_at: Mapped[Moment | None]
    proof: Mapped[Proof | None] = mapped_column(short_enum(Proof))
    next_contact_at: Mapped[Moment | None]
    removed_at: Mapped[Moment | None]
