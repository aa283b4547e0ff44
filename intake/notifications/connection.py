"""One conversation with an SMTP server, by Flask-Mail's settings; it knows no outbox and never retries by itself."""

import contextlib
import ipaddress
import smtplib
import ssl
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urlsplit

from intake.notifications.message import Envelope, Unsendable

MOST_CONNECTIONS = 4
"""How often one batch connects: a server that hangs up again and again is away."""
GOODBYE_SECONDS = 5
CLOSING = 421
REASONS = (OSError, smtplib.SMTPException, ValueError, OverflowError)
"""What smtplib and the sockets below raise when a server, a name, a port or a certificate is not as it should be."""


class Away(Exception):
    """There is no server to talk to; the sentence says why. `for_good`: it has told us not to come again (5xx)."""

    def __init__(self, words: str, *, for_good: bool = False) -> None:
        self.for_good = for_good
        super().__init__(words)


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one letter. `code` 0: the connection was lost; `in_doubt`: after the whole letter had left."""

    code: int
    words: str
    in_doubt: bool = False

    @property
    def accepted(self) -> bool:
        """The server has the letter."""
        return 200 <= self.code < 300

    @property
    def refused(self) -> bool:
        """The server will never take it."""
        return 500 <= self.code < 600

    def __str__(self) -> str:
        return f"{self.code} {self.words}" if self.code else self.words


def nothing() -> None:
    """Wait for the server and do nothing else."""


class _Busy(smtplib.SMTP):
    """Does work of ours while the server prepares an answer: the first before the next reply is read, and so on."""

    def __init__(self, *args: Any, **options: Any) -> None:
        self.work: deque[Callable[[], None]] = deque()
        super().__init__(*args, **options)

    def getreply(self) -> tuple[int, bytes]:
        """Called by smtplib once for each answer of the server."""
        if self.work:
            self.work.popleft()()
        return super().getreply()


class _BusySecure(_Busy, smtplib.SMTP_SSL):
    """The same, with TLS from the first byte."""


class Line:
    """A connection that opens when the first letter is sent, and again when the server has hung up."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._settings = settings
        self._smtp: _Busy | None = None
        self._opened = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        """Say goodbye; what has been sent is sent, however the server takes it."""
        smtp, self._smtp = self._smtp, None
        if smtp is None:
            return
        with contextlib.suppress(*REASONS):
            if smtp.sock:
                smtp.sock.settimeout(min(GOODBYE_SECONDS, self._settings["MAIL_TIMEOUT"] or 1))
            smtp.quit()
        smtp.close()

    def send(
        self, envelope: Envelope, *, first: Callable[[], None] = nothing, then: Callable[[], None] = nothing
    ) -> Answer:
        """Offer one letter. Raises `Away` when no server listens, `Unsendable` when this server cannot take it.

        `first` is done before any of the letter leaves, while the server looks at the sender, and `then` while it
        takes the letter; neither is done when it does not come so far.
        """
        smtp = self._open()
        if envelope.international and not smtp.has_extn("smtputf8"):
            raise Unsendable("The mail server does not take addresses with such characters before the @ (SMTPUTF8).")
        answer = _offer(smtp, envelope, first, then)
        if answer.code in {0, CLOSING}:
            self._drop()
        elif not answer.accepted:
            self._reset(smtp)
        return answer

    def _open(self) -> _Busy:
        if self._smtp is None:
            if self._opened == MOST_CONNECTIONS:
                raise Away(f"The mail server hung up {self._opened} times.")
            self._opened += 1
            self._smtp = _connect(self._settings)
        return self._smtp

    def _reset(self, smtp: smtplib.SMTP) -> None:
        try:
            code, _ = smtp.rset()
        except REASONS:
            code = 0
        if code != 250:
            self._drop()

    def _drop(self) -> None:
        if self._smtp is not None:
            self._smtp.close()
            self._smtp = None


def knock(settings: Mapping[str, Any]) -> None:
    """Open a connection as for letters, say goodbye and send nothing. Raises `Away`."""
    smtp = _connect(settings)
    with contextlib.suppress(*REASONS):
        smtp.quit()
    smtp.close()


def _offer(smtp: _Busy, envelope: Envelope, first: Callable[[], None], then: Callable[[], None]) -> Answer:
    whole_letter = False
    try:
        smtp.work.append(first)
        code, words = smtp.mail(envelope.sender, _options(smtp, envelope))
        if code == 250:
            code, words = smtp.rcpt(envelope.recipient)
        if code in {250, 251}:
            whole_letter = True
            smtp.work.extend((nothing, then))
            code, words = smtp.data(envelope.content)
    except smtplib.SMTPResponseException as error:
        code, words = error.smtp_code, _as_bytes(error.smtp_error)
    except (OSError, smtplib.SMTPException) as error:
        return Answer(0, f"The connection to the mail server was lost: {error}", in_doubt=whole_letter)
    except ValueError as error:
        raise Unsendable("The recipient's address cannot be said to a mail server.") from error
    finally:
        smtp.work.clear()
    if code < 200:
        return Answer(0, f"The mail server gave an answer that is none: {_plain(words)}", in_doubt=whole_letter)
    return Answer(code, _plain(words))


def _options(smtp: _Busy, envelope: Envelope) -> list[str]:
    options = [f"size={len(envelope.content)}"] if smtp.has_extn("size") else []
    return [*options, "SMTPUTF8", "BODY=8BITMIME"] if envelope.international else options


def _connect(settings: Mapping[str, Any]) -> _Busy:
    place = f"{settings['MAIL_SERVER']}:{settings['MAIL_PORT']}"
    try:
        return _greeted(settings)
    except (smtplib.SMTPConnectError, smtplib.SMTPHeloError) as error:
        words = f"{error.smtp_code} {_plain(_as_bytes(error.smtp_error))}"
        raise Away(f"The mail server {place} lets nobody in: {words}", for_good=500 <= error.smtp_code < 600) from error
    except smtplib.SMTPAuthenticationError as error:
        words = f"{error.smtp_code} {_plain(_as_bytes(error.smtp_error))}"
        raise Away(f"The mail server {place} refuses our account (INTAKE_MAIL_USERNAME): {words}") from error
    except ssl.SSLCertVerificationError as error:
        raise Away(
            f"The certificate of the mail server {place} is not to be trusted: {error.verify_message}"
        ) from error
    except REASONS as error:
        raise Away(f"The mail server {place} cannot be reached: {error}") from error


def _greeted(settings: Mapping[str, Any]) -> _Busy:
    """A connection over which letters may be sent."""
    smtp = _called(settings)
    try:
        smtp.ehlo_or_helo_if_needed()
        if settings["MAIL_USE_TLS"] and not settings["MAIL_USE_SSL"]:
            smtp.starttls(context=ssl.create_default_context())
            smtp.ehlo_or_helo_if_needed()
        if settings["MAIL_USERNAME"]:
            smtp.login(settings["MAIL_USERNAME"], settings["MAIL_PASSWORD"])
    except BaseException:
        smtp.close()
        raise
    return smtp


def _called(settings: Mapping[str, Any]) -> _Busy:
    host, port = settings["MAIL_SERVER"], settings["MAIL_PORT"]
    ourselves, timeout = _own_name(settings["BASE_URL"]), settings["MAIL_TIMEOUT"] or 1
    if settings["MAIL_USE_SSL"]:
        context = ssl.create_default_context()
        return _BusySecure(host, port, local_hostname=ourselves, timeout=timeout, context=context)
    return _Busy(host, port, local_hostname=ourselves, timeout=timeout)


def _own_name(base_url: str) -> str:
    """How we introduce ourselves; smtplib would ask the name servers, for as long as they like."""
    host = urlsplit(base_url).hostname or "localhost"
    try:
        number = ipaddress.ip_address(host)
    except ValueError:
        return host if host.isascii() else "localhost"
    return f"[IPv6:{number}]" if number.version == 6 else f"[{number}]"


def _as_bytes(words: bytes | str) -> bytes:
    return words.encode() if isinstance(words, str) else words


def _plain(words: bytes) -> str:
    return " ".join(words.decode("utf-8", "replace").split())
