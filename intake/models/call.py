"""A call for expressions, as the database knows it: an anchor and a lock; what it says stands in the programme file."""

from sqlalchemy.orm import Mapped, mapped_column

from intake.models.base import Base, Code, Key, Name


class Call(Base):
    """One row a call. Steps that count seats lock it."""

    __tablename__ = "calls"

    id: Mapped[Key]
    slug: Mapped[Code] = mapped_column(unique=True)
    title: Mapped[Name]
