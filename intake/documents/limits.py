"""What may be added to an expression: how many documents, how large, of which types; it looks at no bytes."""

from collections.abc import Mapping
from dataclasses import dataclass

from intake.models import DocumentType

MOST_DOCUMENTS = 5
MOST_BYTES = 10 * 2**20
MOST_REQUEST = MOST_BYTES + 100_000
"""The bytes of a request with the largest document, which also carries the fields of its form."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A type of document: its name for people, the endings of its files (the first one is given), its media type."""

    name: str
    endings: tuple[str, ...]
    media_type: str


KINDS: Mapping[DocumentType, Kind] = {
    DocumentType.PDF: Kind("PDF", ("pdf",), "application/pdf"),
    DocumentType.DOCX: Kind(
        "Word (DOCX)", ("docx",), "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    ),
    DocumentType.ODT: Kind("OpenDocument (ODT)", ("odt",), "application/vnd.oasis.opendocument.text"),
    DocumentType.PNG: Kind("PNG", ("png",), "image/png"),
    DocumentType.JPEG: Kind("JPEG", ("jpg", "jpeg", "jpe", "jfif"), "image/jpeg"),
}
ENDINGS: Mapping[str, DocumentType] = {ending: type for type, kind in KINDS.items() for ending in kind.endings}
"""The ending of a file, in small letters, to the type that it names."""
ACCEPTED = ",".join(f".{ending}" for ending in ENDINGS)
"""What a browser offers to choose from."""
