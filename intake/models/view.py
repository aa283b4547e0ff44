"""Views of the queue that a person keeps under a name; what an address of the queue says, nothing more."""

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from intake.models.base import Base, Key, Moment, now


class SavedView(Base):
    """A name for a query string of the queue (without its page), of one person."""

    __tablename__ = "saved_views"
    __table_args__ = (UniqueConstraint("user_id", "name"),)

    id: Mapped[Key]
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(80))
    query: Mapped[str] = mapped_column(String(3000))
    created_at: Mapped[Moment] = mapped_column(default=now)
