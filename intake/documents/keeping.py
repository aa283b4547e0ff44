"""Adds documents to expressions and removes them: bytes first, then the row; files go once the row is gone for good."""

import contextlib
import hashlib
import logging
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import IO

from flask_babel import gettext as _
from sqlalchemy import delete, event, select
from sqlalchemy.orm import Session

from intake import drafting, erasing
from intake.documents import examining, naming, scanning, storing
from intake.documents.examining import NotTaken
from intake.documents.limits import MOST_BYTES, MOST_DOCUMENTS
from intake.extensions import db
from intake.models import Document, Expression, now
from workflows.expression import EDITABLE, State
from workflows.workflow import Refused

GONE = "documents whose rows go with this transaction"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Added:
    """A document as it is kept; `is_new` is false for one that was there already."""

    document: Document
    is_new: bool


def of(expression: Expression) -> Sequence[Document]:
    """The documents of an expression, in the order in which they were added."""
    kept = select(Document).where(Document.expression_id == expression.id, Document.removed_at.is_(None))
    return db.session.scalars(kept.order_by(Document.id)).all()


def ever(expression: Expression) -> Sequence[Document]:
    """The same with those that were removed after sending, of which only the rows are left."""
    every = select(Document).where(Document.expression_id == expression.id)
    return db.session.scalars(every.order_by(Document.id)).all()


def find(expression: Expression, document_id: int) -> Document | None:
    """A document of this expression; those of others and those that were removed are not there."""
    kept = select(Document).where(Document.id == document_id, Document.expression_id == expression.id)
    return db.session.scalar(kept.where(Document.removed_at.is_(None)))


def add(expression: Expression, typed: str, content: IO[bytes], *, by: str) -> Added:
    """Examine, store and scan a file that its owner calls `typed`; commits.

    Raises `NotTaken`, `Refused` or `storing.Away`; then nothing is kept. The same bytes twice are one document.
    """
    _check(expression, of(expression))
    expression_id = expression.id
    db.session.rollback()  # nobody waits for the database while bytes are looked into
    with tempfile.TemporaryFile() as file:
        size, sha256 = _copy(content, file)
        found = examining.examine(file, naming.ending(typed))
        document = Document(
            expression_id=expression_id,
            key=storing.new_key(),
            name=naming.name(typed, found.type),
            type=found.type,
            size=size,
            sha256=sha256,
            flags=list(found.flags),
            added_by=by,
            scan_state=scanning.first_state(),
        )
        with _stored(document.key, file):
            added = _keep(document)
    if added.is_new and scanning.is_set():
        scanning.scan(added.document.id, added.document.key, seconds=scanning.AT_ONCE)
    return added


def _check(expression: Expression, held: Sequence[Document]) -> None:
    if expression.state not in EDITABLE:
        raise Refused([drafting.NOT_EDITABLE])
    if len(held) >= MOST_DOCUMENTS:
        said = _("There are %(most)s documents already, as many as we take. Remove one, then add this one.")
        raise NotTaken(said % {"most": MOST_DOCUMENTS})


def _copy(content: IO[bytes], into: IO[bytes]) -> tuple[int, str]:
    """The size and the hash of what is copied. Raises `NotTaken` for too much."""
    digest, size = hashlib.sha256(), 0
    while piece := content.read(storing.PIECE):
        size += len(piece)
        if size > MOST_BYTES:
            said = _("The file has more than %(most)s MB. Make it smaller, or leave pages out, and add it again.")
            raise NotTaken(said % {"most": MOST_BYTES // 2**20})
        digest.update(piece)
        into.write(piece)
    into.flush()
    return size, digest.hexdigest()


@contextlib.contextmanager
def _stored(key: str, file: IO[bytes]) -> Iterator[None]:
    """Store a file for the block; unless its row is kept there, nothing is left of it."""
    file.seek(0)
    storing.put(key, file)
    try:
        yield
    except BaseException:
        db.session.rollback()
        _delete([key])
        raise


def _keep(document: Document) -> Added:
    """Commit the row under the lock of its expression, where nothing has changed that speaks against it."""
    expression = db.session.get_one(Expression, document.expression_id)
    db.session.refresh(expression, with_for_update=True)
    held = of(expression)
    same = next((each for each in held if each.sha256 == document.sha256), None)
    if same is not None:
        db.session.rollback()
        _delete([document.key])
        return Added(same, is_new=False)
    _check(expression, held)
    db.session.add(document)
    drafting.note_documents(expression)
    db.session.commit()
    return Added(document, is_new=True)


def remove(expression: Expression, document_id: int, *, by: str) -> str | None:
    """Remove a document, and its bytes with the commit; its name, or None when it is gone already. Raises `Refused`.

    Of a draft nothing is left; after sending, its row stays on record.
    """
    db.session.refresh(expression, with_for_update=True)
    document = find(expression, document_id)
    if document is None:
        db.session.rollback()
        return None
    if expression.state not in EDITABLE:
        raise Refused([drafting.NOT_EDITABLE])
    name = document.name
    if expression.state is State.DRAFT:
        db.session.delete(document)
    else:
        document.removed_at, document.removed_by = now(), by
    drafting.note_documents(expression)
    _with_commit([document.key])
    db.session.commit()
    return name


def remove_all(expression: Expression) -> int:
    """Delete every row of an expression's documents; the caller commits, and the files go then. Gives how many."""
    gone = delete(Document).where(Document.expression_id == expression.id).returning(Document.key)
    keys = db.session.scalars(gone).all()
    _with_commit(keys)
    return len(keys)


def _with_commit(keys: Sequence[str]) -> None:
    """Delete files once the transaction has committed; one that was rolled back deletes none."""
    db.session().info.setdefault(GONE, []).extend(keys)


def _committed(session: Session) -> None:
    if not session.in_nested_transaction():
        _delete(session.info.pop(GONE, ()))


def _rolled_back(session: Session) -> None:
    session.info.pop(GONE, None)


event.listen(db.session, "after_commit", _committed)
event.listen(db.session, "after_rollback", _rolled_back)
erasing.ALSO.append(remove_all)


def _delete(keys: Sequence[str]) -> None:
    """Delete files; what cannot be deleted now is deleted by the next sweep."""
    for key in keys:
        try:
            storing.remove(key)
        except storing.Away as error:
            log.warning("%s", error)
