"""Staff accounts and their roles, in the shape that Flask-Security expects; applicants have none."""

from datetime import date

from flask_security.models import sqla
from sqlalchemy import String, true
from sqlalchemy.orm import Mapped, mapped_column

from intake.models.base import Base, Moment
from workflows.people import Actor
from workflows.people import Role as Capacity

sqla.FsModels.set_db_info(base_model=Base)


class Role(Base, sqla.FsRoleMixin):
    """A staff role; its name is a member of `workflows.people.Role`."""

    __tablename__ = "role"


class User(Base, sqla.FsUserMixin):
    """A member of staff."""

    __tablename__ = "user"
    name: Mapped[str] = mapped_column(String(200), default="")
    organisation: Mapped[str] = mapped_column(String(200), default="", server_default="")
    """Whom this member of staff works for, so that a conflict of interest can be noticed."""
    language: Mapped[str] = mapped_column(String(8), default="en", server_default="en")
    """In which letters to this member of staff are written, and pages where the browser asked for no other."""
    wants_digest: Mapped[bool] = mapped_column(default=True, server_default=true())
    digested_on: Mapped[date | None]
    """The day of the last digest, so that no day brings two."""
    failed_tries: Mapped[int] = mapped_column(default=0, server_default="0")
    """How many passwords and codes in a row were wrong since somebody last came in."""
    paused_until: Mapped[Moment | None]
    """Until when nobody comes in by a password or a code, however right it is."""
    tf_last_counter: Mapped[int | None]
    """The time step of the last code that was accepted, so that none is accepted twice."""

    @property
    def called(self) -> str:
        """What colleagues call this account."""
        return self.name or self.email

    @property
    def actor(self) -> Actor:
        """This account as the table knows it."""
        roles = frozenset(Capacity(role.name) for role in self.roles)
        return Actor(self.called, roles, self.id)


class WebAuthn(Base, sqla.FsWebAuthnMixin):
    """A passkey of a member of staff; Flask-Security asks for a class of this name."""

    __tablename__ = "webauthn"
