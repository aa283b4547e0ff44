"""Asks for every part of an installation, one after the other; what cannot be looked at is a fault, never a trace."""

from collections.abc import Iterator

from intake import storage
from intake.doctor import around, attached, mail, stored
from intake.doctor.finding import Finding, Look, ill
from intake.extensions import db
from intake.logs import masked
from intake.outside.readiness import Status

WITHOUT_DATABASE: tuple[tuple[str, Look], ...] = (
    ("settings", around.settings),
    ("programme", around.call),
    ("mail server", mail.server),
    ("signature", mail.signature),
    ("inbox", mail.inbox),
    ("broker", around.broker),
    ("limits", around.limits),
    ("scanner", attached.scanner),
    ("database", stored.database),
)
WITH_DATABASE: tuple[tuple[str, Look], ...] = (
    ("clock", stored.clock),
    ("history", stored.histories),
    ("steps", stored.letters_of_steps),
    ("letters", mail.letters),
    ("received mail", mail.quarantine),
    ("room for mail", mail.room),
    ("search", stored.search_words),
    ("documents", attached.documents),
)
NEEDED = frozenset({"database", "migrations"})


def examine(*, thorough: bool = False) -> Iterator[Finding]:
    """Look at every part; at what the database holds only where it can be read. `thorough`: at every single row."""
    unreadable = False
    with storage.reading():
        for part, look in WITHOUT_DATABASE:
            for finding in _looked(part, look, thorough=thorough):
                unreadable |= finding.status is Status.FAULT and finding.part in NEEDED
                yield finding
        for part, look in () if unreadable else WITH_DATABASE:
            yield from _looked(part, look, thorough=thorough)


def _looked(part: str, look: Look, *, thorough: bool) -> list[Finding]:
    try:
        return list(look(thorough))
    except Exception as error:  # whatever a driver or a server does, the other parts are looked at all the same
        return [_unable(part, error)]
    finally:
        db.session.rollback()


def _unable(part: str, error: Exception) -> Finding:
    said = masked(" ".join(str(error).split())) if isinstance(error, OSError) else type(error).__name__
    return ill(part, f"This could not be looked at: {said}.", "Mend what it names and look again.")
