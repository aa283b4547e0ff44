"""What is stored: one module a noun; columns, relationships and constraints, no verbs."""

from intake.models.account import Role, User
from intake.models.assignment import Assignment
from intake.models.base import Base, now
from intake.models.bulk import BulkItem, BulkRun, Fate
from intake.models.call import Call
from intake.models.conflict import Conflict, ConflictKind
from intake.models.expression import Expression, Mode, Outcome, Verdict
from intake.models.history import HistoryEntry
from intake.models.letter import LINK, Letter, LetterAction, LetterEvent, LetterStatus
from intake.models.letter_text import LetterText
from intake.models.link import AccessLink
from intake.models.note import Mention, Note, Reminder
from intake.models.search_words import SearchWords
from intake.models.sheet import Revision, SecondOpinion, Settlement, SheetDraft
from intake.models.view import SavedView
from intake.models.visit import Visit

__all__ = [
    "LINK",
    "AccessLink",
    "Assignment",
    "Base",
    "BulkItem",
    "BulkRun",
    "Call",
    "Conflict",
    "ConflictKind",
    "Expression",
    "Fate",
    "HistoryEntry",
    "Letter",
    "LetterAction",
    "LetterEvent",
    "LetterStatus",
    "LetterText",
    "Mention",
    "Mode",
    "Note",
    "Outcome",
    "Reminder",
    "Revision",
    "Role",
    "SavedView",
    "SearchWords",
    "SecondOpinion",
    "Settlement",
    "SheetDraft",
    "User",
    "Verdict",
    "Visit",
    "now",
]
