"""What is stored: one module a noun; columns, relationships and constraints, no verbs."""

from intake.models.account import Role, User, WebAuthn
from intake.models.assignment import Assignment
from intake.models.base import Base, now
from intake.models.bulk import BulkItem, BulkRun, Fate
from intake.models.call import Call
from intake.models.conflict import Conflict, ConflictKind
from intake.models.document import Document, DocumentType, ScanState
from intake.models.enquiry import Enquiry
from intake.models.expression import Expression, Mode, Outcome, Verdict
from intake.models.history import HistoryEntry
from intake.models.holder import Holder, Proof
from intake.models.letter import LINK, Letter, LetterAction, LetterEvent, LetterStatus
from intake.models.letter_text import LetterText
from intake.models.link import AccessLink
from intake.models.look import Look, Shown
from intake.models.note import Mention, Note, Reminder
from intake.models.received import Kind, ReceivedMessage
from intake.models.search_words import SearchWords
from intake.models.sheet import Revision, SecondOpinion, Settlement, SheetDraft
from intake.models.sign_in import SignIn, Way
from intake.models.view import SavedView
from intake.models.visit import Visit

Subject = Expression | Enquiry
"""What a table may be about: it has a reference, a state, a version, a workflow, a history and letters."""

SUBJECTS = (Expression, Enquiry)

__all__ = [
    "LINK",
    "SUBJECTS",
    "AccessLink",
    "Assignment",
    "Base",
    "BulkItem",
    "BulkRun",
    "Call",
    "Conflict",
    "ConflictKind",
    "Document",
    "DocumentType",
    "Enquiry",
    "Expression",
    "Fate",
    "HistoryEntry",
    "Holder",
    "Kind",
    "Letter",
    "LetterAction",
    "LetterEvent",
    "LetterStatus",
    "LetterText",
    "Look",
    "Mention",
    "Mode",
    "Note",
    "Outcome",
    "Proof",
    "ReceivedMessage",
    "Reminder",
    "Revision",
    "Role",
    "SavedView",
    "ScanState",
    "SearchWords",
    "SecondOpinion",
    "Settlement",
    "SheetDraft",
    "Shown",
    "SignIn",
    "Subject",
    "User",
    "Verdict",
    "Visit",
    "Way",
    "WebAuthn",
    "now",
]
