"""An SMTP server in a process of its own that keeps one line a letter it took, so that the count outlives everybody."""

import json
import signal
from email import message_from_bytes
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

from intake.sink import SmtpServer


class _Counter:
    """Writes down each letter before it answers."""

    def __init__(self, file: Path) -> None:
        self._file = file.open("a", encoding="utf-8")

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's
        """Take one letter; called by aiosmtpd."""
        message = message_from_bytes(envelope.original_content or b"")
        for recipient in envelope.rcpt_tos:
            print(json.dumps([message["Message-ID"], recipient]), file=self._file, flush=True)
        return "250 taken"


def run(port: int, file: str) -> None:
    """Take letters until the process is ended."""
    with SmtpServer(_Counter(Path(file)), port=port):
        signal.pause()


def taken(file: Path) -> list[tuple[str, str]]:
    """Message-ID and recipient of every letter that was taken, in their order."""
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    return [(message_id, recipient) for message_id, recipient in map(json.loads, lines)]
