"""Where mail waits: an IMAP folder, a Maildir, or a stream of bytes; it keeps nothing and judges nothing.

What waits is marked as taken only when its taker says so, which is after the commit; until then it waits on.
"""

import contextlib
import imaplib
import os
import ssl
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import unquote, urlsplit

from imap_tools import MailBox, MailBoxUnencrypted, MailMessageFlags
from imap_tools.errors import ImapToolsError, MailboxLoginError
from imap_tools.mailbox import BaseMailBox

from intake.inbound.parsing import HEAD_BYTES, MOST_BYTES

BATCH = 20
"""How many messages are asked for at a time."""
STARTTLS = "imap+starttls"
PORTS = {"imaps": 993, STARTTLS: 143}
REASONS = (OSError, imaplib.IMAP4.error, ImapToolsError)


class Away(Exception):
    """No mail can be taken from there now; the sentence names the setting and says why."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """One message. `size` is that of the whole where `content` is only its beginning; `taken` marks it as taken."""

    content: bytes = field(repr=False)
    size: int
    taken: Callable[[], object] = field(repr=False)


def from_stream(stream: BinaryIO) -> tuple[bytes, int]:
    """The message that is piped in, and its size; of one that is too large, only the beginning is kept."""
    content = stream.read(MOST_BYTES + 1)
    size = len(content)
    while piece := stream.read(HEAD_BYTES):
        size += len(piece)
    return (content if size <= MOST_BYTES else content[:HEAD_BYTES]), size


def waiting(settings: Mapping[str, Any]) -> Generator[Waiting, None, None]:
    """Each message that waits at `INBOX`, once. Raises `Away`."""
    address = urlsplit(settings["INBOX"])
    with reaching():
        if address.scheme == "maildir":
            yield from _of_maildir(Path(unquote(address.path)))
        else:
            yield from _of_imap(settings)


@contextlib.contextmanager
def reaching() -> Iterator[None]:
    """Inside, whatever goes wrong between us and the mail becomes `Away` with its sentence."""
    try:
        yield
    except MailboxLoginError as error:
        raise Away("The IMAP server refuses our account (INTAKE_INBOX, INTAKE_INBOX_PASSWORD).") from error
    except ssl.SSLCertVerificationError as error:
        raise Away(f"The certificate of the IMAP server is not to be trusted: {error.verify_message}") from error
    except REASONS as error:
        raise Away(f"The mail that comes in cannot be read (INTAKE_INBOX): {_said(error)}") from error


def _said(error: Exception) -> str:
    """What went wrong, without the words of a server, which may repeat an address."""
    return (error.strerror or type(error).__name__) if isinstance(error, OSError) else type(error).__name__


def _of_maildir(folder: Path) -> Iterator[Waiting]:
    """Messages in new/, by name; one that is taken moves to cur/ as seen."""
    names = sorted(entry.name for entry in os.scandir(folder / "new") if not entry.name.startswith("."))
    for name in names:
        with contextlib.suppress(FileNotFoundError):  # another process has taken it
            content, size = _file(folder / "new" / name)
            yield Waiting(content, size, partial(_move, folder, name))


def _file(path: Path) -> tuple[bytes, int]:
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        return file.read(MOST_BYTES if size <= MOST_BYTES else HEAD_BYTES), size


def _move(folder: Path, name: str) -> None:
    with contextlib.suppress(FileNotFoundError):
        os.replace(folder / "new" / name, folder / "cur" / f"{name.partition(':')[0]}:2,S")


def _of_imap(settings: Mapping[str, Any]) -> Iterator[Waiting]:
    """Unseen messages of a folder, the oldest first; one that is taken is flagged as seen."""
    address = urlsplit(settings["INBOX"])
    folder = unquote(address.path.strip("/")) or "INBOX"
    with contextlib.closing(_connected(settings)) as connection:
        if address.scheme == STARTTLS:
            connection.mailbox.client.starttls(ssl.create_default_context())
        connection.mailbox.login(unquote(address.username or ""), settings["INBOX_PASSWORD"], folder)
        unseen = connection.mailbox.uids("UNSEEN")
        for start in range(0, len(unseen), BATCH):
            batch = unseen[start : start + BATCH]
            for uid, size in connection.sizes(batch).items():
                taken = partial(connection.mailbox.flag, uid, MailMessageFlags.SEEN, True)
                yield Waiting(connection.content(uid, size), size, taken)


@dataclass(frozen=True, slots=True)
class _Connection:
    """A mailbox that gives messages as the bytes they are, unlike the library's own, which takes them apart at once."""

    mailbox: BaseMailBox

    def sizes(self, uids: list[str]) -> Mapping[str, int]:
        """The size of each of these messages that is still there."""
        found = {}
        for line in self._fetched(",".join(uids), "(UID RFC822.SIZE)"):
            words = (line[0] if isinstance(line, tuple) else line).decode("ascii", "replace").strip("() ").split()
            numbers = {words[at].strip("(").upper(): words[at + 1].strip(")") for at in range(len(words) - 1)}
            if numbers.get("UID", "").isdigit() and numbers.get("RFC822.SIZE", "").isdigit():
                found[numbers["UID"]] = int(numbers["RFC822.SIZE"])
        return {uid: found[uid] for uid in uids if uid in found}

    def content(self, uid: str, size: int) -> bytes:
        """The message, or its beginning where it is too large; never more than that, whatever the server says."""
        most = MOST_BYTES if size <= MOST_BYTES else HEAD_BYTES
        for line in self._fetched(uid, f"(UID BODY.PEEK[]<0.{most}>)"):
            if isinstance(line, tuple):
                return bytes(line[1][:most])
        return b""

    def _fetched(self, uids: str, items: str) -> list[Any]:
        status, lines = self.mailbox.client.uid("FETCH", uids, items)
        if status != "OK":
            raise imaplib.IMAP4.error("FETCH was refused")
        return [line for line in lines if line]

    def close(self) -> None:
        """Say goodbye to a server that still listens, and hang up on one that does not."""
        with contextlib.suppress(*REASONS):
            self.mailbox.client.logout()
        with contextlib.suppress(*REASONS):
            self.mailbox.client.shutdown()


def _connected(settings: Mapping[str, Any]) -> _Connection:
    address = urlsplit(settings["INBOX"])
    host, timeout = address.hostname or "", settings["MAIL_TIMEOUT"] or 1
    port = address.port or PORTS[address.scheme]
    if address.scheme == STARTTLS:
        return _Connection(MailBoxUnencrypted(host, port=port, timeout=timeout))
    return _Connection(MailBox(host, port=port, timeout=timeout, ssl_context=ssl.create_default_context()))
