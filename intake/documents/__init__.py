"""Documents of an expression: examined in a process of their own, stored under random keys, scanned, and handed out."""

from intake.documents.examining import NotTaken
from intake.documents.keeping import Added, add, find, of, remove, remove_all, removed_from
from intake.documents.storing import Away

__all__ = ["Added", "Away", "NotTaken", "add", "find", "of", "remove", "remove_all", "removed_from"]
