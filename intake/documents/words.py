"""Documents in plain words: how large one is, what the scanner said, what in it can act; it decides nothing."""

from dataclasses import dataclass

from flask_babel import format_decimal
from flask_babel import gettext as _

from intake.documents import scanning
from intake.documents.limits import KINDS, MOST_BYTES, MOST_DOCUMENTS
from intake.models import Document, ScanState
from intake.wording import listed

KILOBYTE, MEGABYTE = 2**10, 2**20
TONES = {ScanState.CLEAN: "success", ScanState.INFECTED: "danger", ScanState.UNSCANNABLE: "warning"}


@dataclass(frozen=True, slots=True)
class Said:
    """A document as a page tells of it: `state` in a word or two, `why` in a sentence when it cannot be opened."""

    document: Document
    kind: str
    size: str
    state: str
    tone: str
    why: str
    flags: tuple[str, ...]

    @property
    def acts(self) -> str:
        """What in it can act by itself, in one line."""
        return listed(self.flags)

    @property
    def is_open(self) -> bool:
        """Whether it may be opened."""
        return not self.why


def said(document: Document) -> Said:
    """What there is to say of a document."""
    state = document.scan_state
    if state is ScanState.NOT_SCANNED and scanning.is_set():
        state = ScanState.WAITING
    return Said(
        document,
        KINDS[document.type].name,
        size(document.size),
        state_name(state),
        TONES.get(state, "neutral"),
        "" if scanning.is_open(document) else _why(state),
        flag_names(document.flags),
    )


def size(number: int) -> str:
    """A number of bytes as people say it."""
    if number < MEGABYTE:
        return str(_("%(number)s kB", number=format_decimal(max(1, round(number / KILOBYTE)))))
    return str(_("%(number)s MB", number=format_decimal(round(number / MEGABYTE, 1))))


def state_name(state: ScanState) -> str:
    """What the scanner said, in a word or two."""
    names = {
        ScanState.NOT_SCANNED: _("Not scanned for viruses"),
        ScanState.WAITING: _("Waits for the virus scanner"),
        ScanState.CLEAN: _("No virus found"),
        ScanState.INFECTED: _("Infected"),
        ScanState.UNSCANNABLE: _("Could not be scanned"),
    }
    return str(names[state])


def _why(state: ScanState) -> str:
    reasons = {
        ScanState.INFECTED: _("The virus scanner found something harmful in it, so nobody can open it here."),
        ScanState.UNSCANNABLE: _("The virus scanner could not look into it, so nobody can open it here."),
    }
    return str(reasons.get(state) or _("It can be opened once the virus scanner has found it clean."))


def flag_names(flags: list[str]) -> tuple[str, ...]:
    """What in a document can act by itself, each in a few words."""
    names = {
        "actions": _("actions that run by themselves"),
        "embedded": _("other files inside"),
        "javascript": _("JavaScript"),
        "launch": _("a command that starts programs"),
        "macros": _("macros"),
        "media": _("sound, film or 3D content"),
        "remote": _("content that is fetched from elsewhere"),
        "submits": _("a form that sends what is typed"),
        "xfa": _("an XFA form"),
    }
    return tuple(str(names.get(flag, flag)) for flag in flags)


def limits() -> str:
    """What may be added, in a sentence."""
    said = _("Up to %(number)s documents of up to %(size)s MB each: PDF, Word (DOCX), OpenDocument (ODT), PNG or JPEG.")
    return str(said % {"number": MOST_DOCUMENTS, "size": MOST_BYTES // MEGABYTE})
