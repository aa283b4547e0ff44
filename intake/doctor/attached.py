"""A look at documents: the scanner, the storage, and whether rows and files belong together. It changes none."""

from collections.abc import Iterator

from flask import current_app
from sqlalchemy import func, select

from intake.doctor.finding import Finding, ill, warned, well
from intake.documents import scanning, storing, sweeping
from intake.extensions import db
from intake.models import Document, ScanState, now

SAMPLE = 200
"""How many of the newest documents are looked for when not all are."""
STATES = (ScanState.WAITING, ScanState.INFECTED, ScanState.UNSCANNABLE)


def scanner(thorough: bool) -> Iterator[Finding]:
    """Whether documents are scanned, and the scanner answers."""
    if not scanning.is_set():
        mend = "Set INTAKE_CLAMAV to clamd, unless somebody else scans what staff open."
        yield warned("scanner", "Documents are not scanned for viruses.", mend)
        return
    try:
        scanning.ping()
    except scanning.Silent as error:
        yield ill("scanner", str(error), "Start clamd, or mend INTAKE_CLAMAV; documents wait in the quarantine.")
    else:
        yield well("scanner", f"{current_app.config['CLAMAV']} answers.")


def documents(thorough: bool) -> Iterator[Finding]:
    """Whether each row has its file and each file its row, and what lies in the quarantine."""
    rows = db.session.scalar(select(func.count()).where(Document.removed_at.is_(None))) or 0
    try:
        missing, left = _missing(thorough), len(sweeping.orphans())
    except storing.Away as error:
        yield ill("documents", str(error), "Mend INTAKE_DOCUMENTS, or start that storage.")
        return
    if missing:
        text = f"{len(missing)} documents have no file, or another one than they had (id {missing[0]} first)."
        yield ill("documents", text, "Restore their files from a backup, or ask for them again.")
    else:
        looked = "" if thorough else ", the newest looked at"
        yield well("documents", f"{rows} are kept in {storing.place()}{looked}.")
    if left:
        text = f"{left} files belong to no document."
        yield warned("documents", text, "Nothing: a sweep deletes them when they are an hour old.")
    yield from _quarantine()


def _missing(thorough: bool) -> list[int]:
    """The ids of documents whose file is not there, or is not as large as it was."""
    kept = select(Document.id, Document.key, Document.size).where(Document.removed_at.is_(None))
    newest = kept.order_by(Document.id.desc()).limit(None if thorough else SAMPLE)
    return sorted(row.id for row in db.session.execute(newest).all() if storing.size(row.key) != row.size)


def _quarantine() -> Iterator[Finding]:
    numbers = select(Document.scan_state, func.count()).where(
        Document.removed_at.is_(None), Document.scan_state.in_(STATES)
    )
    rows = db.session.execute(numbers.group_by(Document.scan_state))
    found = {state: number for state, number in rows}  # noqa: C416 - dict() loses the types
    if infected := found.get(ScanState.INFECTED):
        text = f"{infected} are infected and lie in the quarantine."
        yield warned("documents", text, "Nobody can open them; ask those applicants to remove them.")
    if failed := found.get(ScanState.UNSCANNABLE):
        text = f"{failed} could not be scanned."
        yield warned("documents", text, "See clamd's log; they are tried again every hour.")
    waiting = select(func.count()).where(scanning.unscanned(now()), Document.scan_state == ScanState.WAITING)
    if number := db.session.scalar(waiting):
        text = f"{number} wait to be scanned."
        mend = "Start clamd; a sweep scans them then." if scanning.is_set() else "Set INTAKE_CLAMAV again."
        yield warned("documents", text, mend)
