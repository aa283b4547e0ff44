"""What is stored: one module a noun; columns, relationships and constraints, no verbs."""

from intake.models.account import Role, User
from intake.models.base import Base, now
from intake.models.call import Call
from intake.models.expression import Expression, Mode, Outcome, Verdict
from intake.models.history import HistoryEntry
from intake.models.letter import LINK, Letter, LetterStatus
from intake.models.link import AccessLink

__all__ = [
    "LINK",
    "AccessLink",
    "Base",
    "Call",
    "Expression",
    "HistoryEntry",
    "Letter",
    "LetterStatus",
    "Mode",
    "Outcome",
    "Role",
    "User",
    "Verdict",
    "now",
]
