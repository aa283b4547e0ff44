"""A real SMTP server that does what a test tells it: answers of its own, silence, a lost connection."""
# ruff: noqa: N802 - aiosmtpd finds commands and hooks by such names

import asyncio
import ssl
from asyncio.sslproto import SSLProtocol
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session, syntax

from intake.sink import SmtpServer

DROP = "drop the connection"
STALL = "never answer"
USUAL = "as usual"
VERBS = ("CONNECT", "EHLO", "STARTTLS", "AUTH", "MAIL", "RCPT", "DATA", "DOT", "RSET", "QUIT")


@dataclass(frozen=True)
class Received:
    """One letter that the server has taken, and what was said to it."""

    sender: str
    recipient: str
    options: list[str]
    content: bytes

    @property
    def message(self) -> EmailMessage:
        found = message_from_bytes(self.content, policy=policy.default)
        assert isinstance(found, EmailMessage)
        return found

    @property
    def text(self) -> str:
        return _part(self.message, "plain")

    @property
    def html(self) -> str:
        return _part(self.message, "html")


def _part(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


class SmtpSink(SmtpServer):
    """Takes every letter, but for what a test scripts: an answer such as "451 later", DROP, STALL or USUAL.

    A scripted "DOT" is the answer to a whole letter; with DROP the server has taken it all the same.
    """

    def __init__(
        self,
        *,
        tls: ssl.SSLContext | None = None,
        implicit: ssl.SSLContext | None = None,
        utf8: bool = True,
        password: str = "",
        port: int = 0,
    ) -> None:
        super().__init__(self, port=port)
        self.implicit = implicit
        self.under_tls: list[bool] = []
        """Of each letter, whether it came under TLS."""
        self.tls, self.utf8, self.password = tls, utf8, password
        self.messages: list[Received] = []
        self.connections = 0
        self.refused: dict[str, str] = {}
        """Recipient to the answer that its RCPT gets."""
        self.on_letter: Callable[[], None] = lambda: None
        self._once: dict[str, deque[str]] = defaultdict(deque)
        self._always: dict[str, str] = {}

    def answer(self, verb: str, *answers: str) -> None:
        """What to do at the next uses of a command."""
        assert verb in VERBS
        self._once[verb].extend(answers)

    def answer_always(self, verb: str, answer: str | None) -> None:
        """What to do at every use of a command; None: behave again."""
        assert verb in VERBS
        self._always.pop(verb, None)
        if answer is not None:
            self._always[verb] = answer

    def scripted(self, verb: str) -> str | None:
        waiting = self._once[verb]
        answer = waiting.popleft() if waiting else self._always.get(verb)
        return None if answer == USUAL else answer

    @property
    def recipients(self) -> list[str]:
        return [received.recipient for received in self.messages]

    def _welcome(self) -> Any:
        client = super()._welcome()
        if self.implicit is None:
            return client
        return SSLProtocol(self._loop, client, self.implicit, None, server_side=True)

    def protocol(self) -> SMTP:
        options: dict[str, Any] = {"enable_SMTPUTF8": self.utf8}
        if self.tls is not None:
            options["tls_context"] = self.tls
        if self.password:
            options.update(authenticator=self._authenticate, auth_require_tls=False)
        return _Scripted(self, **options)

    def _authenticate(self, *args: Any) -> AuthResult:
        return AuthResult(success=args[-1].password.decode() == self.password, handled=False)

    async def handle_DATA(self, server: "_Scripted", session: Session, envelope: Envelope) -> str:
        self.on_letter()
        self.under_tls.append(server.transport.get_extra_info("cipher") is not None)
        scripted = self.scripted("DOT")
        if scripted is None or scripted == DROP or scripted.startswith("2"):
            content = envelope.content
            assert isinstance(content, bytes)
            sender, options = envelope.mail_from or "", envelope.mail_options
            self.messages += [Received(sender, each, options, content) for each in envelope.rcpt_tos]
        return scripted or "250 taken"


class _Scripted(SMTP):
    """Asks the script before each command."""

    def __init__(self, sink: SmtpSink, **options: Any) -> None:
        super().__init__(sink, **options)
        self._sink = sink
        self._greeted = False

    async def push(self, status: Any) -> None:
        if not self._greeted:
            self._greeted = True
            self._sink.connections += 1
            status = self._sink.scripted("CONNECT") or status
        if status == STALL:
            await asyncio.sleep(3600)
        if self.transport is None:
            return
        if status == DROP:
            self.transport.abort()
            return
        await super().push(status)
        if isinstance(status, str) and status.startswith(("421", "554 go away")):
            self.transport.close()

    async def _unless_scripted(self, verb: str, usual: Any, arg: str | None) -> None:
        scripted = self._sink.scripted(verb)
        if scripted is None:
            await usual(arg)
        else:
            await self.push(scripted)

    async def smtp_EHLO(self, arg: str) -> None:
        await self._unless_scripted("EHLO", super().smtp_EHLO, arg)

    @syntax("STARTTLS", when="tls_context")
    async def smtp_STARTTLS(self, arg: str) -> None:
        await self._unless_scripted("STARTTLS", super().smtp_STARTTLS, arg)

    @syntax("AUTH <mechanism>")
    async def smtp_AUTH(self, arg: str) -> None:
        await self._unless_scripted("AUTH", super().smtp_AUTH, arg)

    async def smtp_MAIL(self, arg: str | None) -> None:
        await self._unless_scripted("MAIL", super().smtp_MAIL, arg)

    async def smtp_RCPT(self, arg: str | None) -> None:
        for address, answer in self._sink.refused.items():
            if address in (arg or ""):
                await self.push(answer)
                return
        await self._unless_scripted("RCPT", super().smtp_RCPT, arg)

    async def smtp_DATA(self, arg: str) -> None:
        await self._unless_scripted("DATA", super().smtp_DATA, arg)

    async def smtp_RSET(self, arg: str) -> None:
        await self._unless_scripted("RSET", super().smtp_RSET, arg)

    async def smtp_QUIT(self, arg: str) -> None:
        await self._unless_scripted("QUIT", super().smtp_QUIT, arg)
