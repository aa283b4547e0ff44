"""An SMTP server for this machine that keeps what it receives in a Maildir; it passes nothing on to anybody."""

import asyncio
import logging
import mailbox
import threading
from pathlib import Path
from typing import Any, Self
from weakref import WeakSet

from aiosmtpd.smtp import SMTP, Envelope, Session

LARGEST_LETTER = 1_000_000
START_SECONDS = 10
logging.getLogger("mail.log").setLevel(logging.WARNING)  # aiosmtpd would log whole letters, with the links in them


class SmtpServer:
    """Runs an SMTP server in a thread of its own while the context is open; `port` 0 takes a free one."""

    def __init__(self, handler: Any, host: str = "127.0.0.1", port: int = 0) -> None:
        self.handler = handler
        self.host, self.port = host, port
        self._open: WeakSet[SMTP] = WeakSet()
        self._started = threading.Event()
        self._error: OSError | None = None
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), name="smtp", daemon=True)

    def protocol(self) -> SMTP:
        """Talks to one client."""
        return SMTP(self.handler, data_size_limit=LARGEST_LETTER, enable_SMTPUTF8=True, ident="P2C Intake local sink")

    def __enter__(self) -> Self:
        """Raises `OSError` when the port is taken or the machine does not start the server in time."""
        self._thread.start()
        if not self._started.wait(START_SECONDS):
            raise TimeoutError("The local SMTP server has not started.")
        if self._error is not None:
            raise self._error
        return self

    def __exit__(self, *error: object) -> None:
        self._loop.call_soon_threadsafe(self._ended.set)
        self._thread.join(START_SECONDS)

    async def _serve(self) -> None:
        self._loop, self._ended = asyncio.get_running_loop(), asyncio.Event()
        try:
            server = await self._loop.create_server(self._welcome, self.host, self.port)
            self.port = server.sockets[0].getsockname()[1]
        except OSError as error:
            self._error = error
            return
        finally:
            self._started.set()
        await self._ended.wait()
        server.close()
        await self._hang_up()

    def _welcome(self) -> SMTP:
        client = self.protocol()
        self._open.add(client)
        return client

    async def _hang_up(self) -> None:
        for client in list(self._open):
            if isinstance(client.transport, asyncio.WriteTransport):
                client.transport.abort()
        await asyncio.sleep(0)


class _Keeper:
    """Puts each letter into a Maildir."""

    def __init__(self, folder: Path) -> None:
        self._maildir = mailbox.Maildir(folder, create=True)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's
        """Keep one letter; called by aiosmtpd."""
        try:
            self._maildir.add(envelope.content or b"")
        except OSError as error:
            return f"452 The letter cannot be stored: {error.strerror}"
        return "250 Kept on this machine"


class Sink(SmtpServer):
    """Keeps every letter in the Maildir `folder`, which is made when it is not there."""

    def __init__(self, folder: Path, host: str = "127.0.0.1", port: int = 0) -> None:
        super().__init__(_Keeper(folder), host, port)
