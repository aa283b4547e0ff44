"""A real IMAP server with one account and one folder, as small as its client needs; it does what a test tells it."""

import asyncio
import re
import ssl
import threading
from typing import Self

ACCOUNT, PASSWORD, FOLDER = "intake@example.org", "a password of the mailbox", "Incoming mail"
DROP = "drop the connection"
STALL = "never answer"
LITERAL = re.compile(rb"BODY\.PEEK\[\]<0\.(\d+)>")


class ImapServer:
    """Serves `messages` by their uid until the block ends; `seen` are those that are flagged.

    `scripted` maps a command, such as `STORE`, to `DROP` or `STALL`.
    """

    def __init__(self, context: ssl.SSLContext, *, starttls: bool = False) -> None:
        self.messages: dict[int, bytes] = {}
        self.sizes: dict[int, int] = {}
        """What the server says of the size of a message, where that is not the truth."""
        self.seen: set[int] = set()
        self.asked: list[str] = []
        self.scripted: dict[str, str] = {}
        self._context, self._starttls = context, starttls
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self.port = 0

    def __enter__(self) -> Self:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._start(), self._loop).result(10)
        return self

    async def _start(self) -> None:
        context = None if self._starttls else self._context
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=context, limit=2**20)
        self.port = self._server.sockets[0].getsockname()[1]

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _stop(self) -> None:
        self._server.close()
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            writer.write(b"* OK ready\r\n")
            while line := await reader.readline():
                tag, _, rest = line.decode().strip().partition(" ")
                if not await self._answer(tag, rest, writer):
                    break
        except (ConnectionError, ssl.SSLError, asyncio.CancelledError):
            pass
        finally:
            writer.transport.abort()

    async def _answer(self, tag: str, rest: str, writer: asyncio.StreamWriter) -> bool:
        """Answer one command; false when the connection is to end."""
        words = rest.removeprefix("UID ").split(" ")
        command, arguments = words[0].upper(), words[1:]
        self.asked.append(command)
        if self.scripted.get(command) == STALL:
            await asyncio.sleep(3600)
        if self.scripted.get(command) == DROP:
            return False
        if command == "STARTTLS":
            writer.write(f"{tag} OK begin\r\n".encode())
            await writer.drain()
            await writer.start_tls(self._context)
            return True
        for piece in self._pieces(command, arguments, rest):
            writer.write(piece)
            await writer.drain()
        is_refused = command == "LOGIN" and rest != f'LOGIN "{ACCOUNT}" "{PASSWORD}"'
        writer.write(f"{tag} {'NO' if is_refused else 'OK'} {command} done\r\n".encode())
        await writer.drain()
        return command != "LOGOUT"

    def _pieces(self, command: str, arguments: list[str], rest: str) -> list[bytes]:
        match command:
            case "CAPABILITY":
                return [b"* CAPABILITY IMAP4rev1 STARTTLS\r\n"]
            case "SELECT":
                assert rest == f'SELECT "{FOLDER}"'
                return [f"* {len(self.messages)} EXISTS\r\n".encode()]
            case "SEARCH":
                assert "UNSEEN" in rest
                unseen = sorted(self.messages.keys() - self.seen)
                return [f"* SEARCH {' '.join(map(str, unseen))}\r\n".encode()]
            case "FETCH":
                return [self._fetched(int(uid), rest) for uid in arguments[0].split(",")]
            case "STORE":
                assert rest.endswith(r"+FLAGS (\Seen)")
                self.seen |= {int(uid) for uid in arguments[0].split(",")}
                return [f"* {arguments[0]} FETCH (FLAGS (\\Seen))\r\n".encode()]
            case "LOGOUT":
                return [b"* BYE\r\n"]
        return []

    def _fetched(self, uid: int, rest: str) -> bytes:
        content = self.messages[uid]
        wanted = LITERAL.search(rest.encode())
        if wanted is None:
            size = self.sizes.get(uid, len(content))
            return f"* {uid} FETCH (UID {uid} RFC822.SIZE {size})\r\n".encode()
        some = content[: int(wanted[1])]
        return f"* {uid} FETCH (UID {uid} BODY[]<0> {{{len(some)}}}\r\n".encode() + some + b")\r\n"
