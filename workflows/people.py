"""Who acts and who is told; it holds names of roles, never accounts or addresses."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """In which capacity somebody acts. An account can hold several staff roles."""

    APPLICANT = "applicant"
    ENQUIRER = "enquirer"
    SCREENER = "screener"
    SECRETARIAT = "secretariat"
    ADMINISTRATOR = "administrator"
    SYSTEM = "system"


class Audience(StrEnum):
    """To whom a step is told; `intake.notifications.recipients` knows the addresses."""

    APPLICANT = "applicant"
    ENQUIRER = "enquirer"
    SCREENER = "screener"
    SECRETARIAT = "secretariat"
    GROUP_LEAD = "group_lead"


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody who makes a step, as the history will name them."""

    name: str
    roles: frozenset[Role]
    user_id: int | None = None

    def role_among(self, allowed: frozenset[Role]) -> Role | None:
        """The role in which this actor may act, or None; the first in the order of `Role`."""
        return next((role for role in Role if role in self.roles and role in allowed), None)


SYSTEM = Actor("P2C Intake", frozenset({Role.SYSTEM}))
