"""Names of documents as people may read and keep them: nothing of a path, nothing unseen; it opens no file."""

import re
import unicodedata

from intake.documents.limits import KINDS
from intake.models import DocumentType

LONGEST_STEM = 100
UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Kinds of characters that steer or hide what stands beside them."""
FORBIDDEN = re.compile(r'[<>:"/\\|?*%;]')
ENDING = re.compile(r"\.([A-Za-z0-9]{1,12})")
DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)", re.IGNORECASE)
"""What Windows takes for a device, whatever its ending."""


def base(typed: str) -> str:
    """The last part of what a browser calls a file, in visible characters."""
    last = re.split(r"[/\\]", typed)[-1]
    seen = "".join(each for each in unicodedata.normalize("NFC", last) if unicodedata.category(each) not in UNSEEN)
    return " ".join(FORBIDDEN.sub("_", seen).split()).strip(". ")


def ending(typed: str) -> str:
    """The ending of a name in small letters; empty for none."""
    _stem, dot, last = base(typed).rpartition(".")
    found = ENDING.fullmatch(f".{last}") if dot else None
    return found[1].lower() if found else ""


def name(typed: str, type: DocumentType) -> str:
    """The name under which a document is kept; it ends as its type does, and only there."""
    found, suffix = base(typed), ending(typed)
    stem = found[: -len(suffix) - 1] if suffix else found
    stem = stem.replace(".", "_").strip("_ ")[:LONGEST_STEM].strip() or "document"
    if DEVICES.fullmatch(stem):
        stem = f"{stem}_"
    right = KINDS[type].endings
    return f"{stem}.{suffix if suffix in right else right[0]}"
