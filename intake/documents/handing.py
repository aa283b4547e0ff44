"""Hands a document out: as a file to be kept, from behind a policy under which a browser may do nothing with it."""

from flask import Response, send_file

from intake.documents import storing
from intake.documents.limits import KINDS
from intake.models import Document

HARMLESS = {"default-src": "'none'", "sandbox": ""}
"""What a browser may do with the bytes of a stranger, should it show them after all: nothing."""


def attachment(document: Document) -> Response:
    """The bytes under the name of the document; the caller has seen that it may be opened. Raises `storing.Away`."""
    answer = send_file(
        storing.open_to_read(document.key),
        mimetype=KINDS[document.type].media_type,
        as_attachment=True,
        download_name=document.name,
        conditional=False,
        etag=False,
        max_age=0,
    )
    answer.content_length = document.size
    answer.headers["Cache-Control"] = "private, no-store"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer
