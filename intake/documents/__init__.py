"""Documents of an expression: examined in a process of their own, stored under random keys, scanned, and handed out."""

from intake.documents.examining import NotTaken
from intake.documents.keeping import Added, add, ever, find, of, remove, remove_all
from intake.documents.storing import Away

__all__ = ["Added", "Away", "NotTaken", "add", "ever", "find", "of", "remove", "remove_all"]
