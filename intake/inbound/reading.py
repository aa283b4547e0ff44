"""Reads a mail into a plain description, whatever its bytes are; it never raises, and decides nothing."""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from email.message import Message
from email.utils import getaddresses

from email_validator import EmailNotValidError, validate_email

from intake.inbound import parsing, wording
from intake.inbound.parsing import MOST_BYTES, TooMuch
from intake.translations import LANGUAGES

MOST_TEXTS = 20
"""Parts of text that are read."""
MOST_BYTES_OF_TEXT = 400_000
MOST_IDS = 50
MOST_ATTACHMENTS = 30
MOST_FIELDS = 20
MESSAGE_ID = re.compile(r"<[^<>\s\x00-\x1f]{3,250}>")
SIGNS = ("auto-submitted", "precedence", "x-auto-response-suppress", "x-loop", "x-autoreply", "x-autorespond")
"""Headers by which machines make themselves known; those that begin with List- are kept besides."""
BODY = {"text", "multipart"}
NOT_READ = "It could not be read."


@dataclass(frozen=True, slots=True)
class Attachment:
    """What hangs in a mail: its name and type as they are claimed, and its words where it is plain text."""

    name: str
    kind: str
    words: str = ""


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail as it can be judged. Everything in it is what a stranger claims.

    `identity` tells it from all others. `trouble` says why it could not be read, or is empty. `return_path` is None
    where none is given and empty for a mail to which nothing is to be answered. `answers` are the Message-IDs that it
    refers to, `returned` those that stand in the headers of a letter that it brings back, `report` the groups of a
    delivery-status notification with their names in lower case.
    """

    identity: str
    size: int
    message_id: str = ""
    sender: str = ""
    sender_name: str = ""
    return_path: str | None = None
    subject: str = ""
    words: str = ""
    language: str = "en"
    kind: str = "text/plain"
    signs: Mapping[str, str] | None = None
    answers: tuple[str, ...] = ()
    returned: tuple[str, ...] = ()
    report: tuple[Mapping[str, str], ...] = ()
    attachments: tuple[Attachment, ...] = ()
    trouble: str = ""

    @property
    def is_list(self) -> bool:
        """It came over a mailing list."""
        return any(name.startswith("list-") for name in self.signs or ())

    def sign(self, name: str) -> str:
        """The first word of a header by which machines make themselves known, in lower case; empty for none."""
        return (self.signs or {}).get(name, "").partition(";")[0].strip().lower()


def read(content: bytes, *, size: int | None = None) -> Mail:
    """The mail that these bytes are; `size` is that of the whole where they are only its beginning."""
    whole = len(content) if size is None else size
    if whole > MOST_BYTES or whole > len(content):
        return _headers_of(content, whole, f"It is larger than {MOST_BYTES // 1_000_000} MB.")
    try:
        return _described(parsing.parsed(content), content)
    except TooMuch as error:
        return _headers_of(content, whole, str(error))
    except Exception:  # whatever the standard library trips over is a mail that a person has to look at
        return _headers_of(content, whole, NOT_READ)


def _headers_of(content: bytes, size: int, trouble: str) -> Mail:
    """The headers of a mail that cannot be read as a whole; nothing where not even they can."""
    try:
        message = parsing.head(content)
        return Mail(size=size, trouble=trouble, **_envelope(message, content))  # type: ignore[arg-type]
    except Exception:  # as above
        return Mail(_identity("", content), size, trouble=trouble)


def _described(message: "Message[str, str]", content: bytes) -> Mail:
    parts = [part for part in parsing.parts(message) if not part.is_multipart()]
    texts, attachments = _texts(parts), _attachments(message)
    everything = list(parsing.parts(message, into_mails=True))
    return Mail(
        size=len(content),
        words=texts,
        kind=wording.plain(message.get_content_type()),
        report=tuple(_report(everything)),
        returned=tuple(_returned(everything[1:])),
        attachments=attachments,
        **_envelope(message, content),  # type: ignore[arg-type]
    )


def _envelope(message: "Message[str, str]", content: bytes) -> dict[str, object]:
    """What the headers say."""
    message_id = next(iter(_ids(message, "Message-ID")), "")
    name, address = _sender(message)
    language = str(message.get("Content-Language") or "")[:40].partition(",")[0].partition("-")[0].strip().lower()
    return {
        "identity": _identity(message_id, content),
        "message_id": message_id,
        "sender": address,
        "sender_name": name,
        "return_path": _return_path(message),
        "subject": wording.header(message.get("Subject"), 300),
        "language": language if language in LANGUAGES else "en",
        "signs": _signs(message),
        "answers": tuple(dict.fromkeys([*_ids(message, "In-Reply-To"), *reversed(_ids(message, "References"))])),
    }


def _identity(message_id: str, content: bytes) -> str:
    """The hash of the Message-ID, or of the bytes where there is none."""
    return hashlib.sha256(message_id.encode("utf-8", "replace") or content).hexdigest()


def _ids(message: "Message[str, str]", header: str) -> list[str]:
    found = [each for value in message.get_all(header, [])[:3] for each in MESSAGE_ID.findall(str(value))]
    return [each for each in found if "\ufffd" not in each and each.isprintable()][-MOST_IDS:]


def _sender(message: "Message[str, str]") -> tuple[str, str]:
    """Name and address of whoever claims to have written it; an address that none can be written to is empty."""
    raw = [str(value)[: wording.LONGEST_LINE] for value in message.get_all("From", [])[:1]]
    try:
        found = getaddresses(raw)[:5]
    except (ValueError, IndexError, RecursionError):
        found = []
    for name, address in found:
        known = valid(address)
        if known:
            return wording.header(name, 200), known
    return "", ""


def valid(address: str) -> str:
    """The address in its normal form; empty where it is none."""
    text = wording.header(address, 260)
    try:
        found = validate_email(text, check_deliverability=False)
    except (EmailNotValidError, ValueError):
        return ""
    known = found.ascii_email or found.normalized
    return known if len(known) <= 254 else ""


def _return_path(message: "Message[str, str]") -> str | None:
    raw = message.get("Return-Path")
    return None if raw is None else str(raw)[:300].strip().strip("<>").strip()


def _signs(message: "Message[str, str]") -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in message.items():
        lowered = name.lower()
        if len(found) < MOST_FIELDS and (lowered in SIGNS or lowered.startswith("list-")):
            found[lowered] = wording.header(value, 200)
    return found


def _texts(parts: Iterable["Message[str, str]"]) -> str:
    """What a person has written: the plain texts, or, where they say nothing, the pages."""
    inline = [part for part in parts if part.get_content_disposition() != "attachment"][:MOST_TEXTS]
    plain = (_words(part) for part in inline if part.get_content_type() == "text/plain" and not _file_name(part))
    words = wording.plain("\n\n".join(filter(None, plain)))
    if words:
        return words
    pages = (wording.text_of_html(_words(part)) for part in inline if part.get_content_type() == "text/html")
    return wording.plain("\n\n".join(filter(None, pages)))


def _words(part: "Message[str, str]") -> str:
    charset = part.get_content_charset()
    part.del_param("charset")  # or the standard library would decode with it, whatever it is
    data = part.get_payload(decode=True)
    return wording.text_of(data[:MOST_BYTES_OF_TEXT], charset) if isinstance(data, bytes) else ""


def _file_name(part: "Message[str, str]") -> str:
    try:
        return wording.header(part.get_filename(), 200)
    except (ValueError, LookupError, TypeError):
        return "?"


def _attachments(message: "Message[str, str]") -> tuple[Attachment, ...]:
    found: list[Attachment] = []
    for part in parsing.parts(message):
        kind, name = part.get_content_type(), "" if part.get_content_maintype() == "multipart" else _file_name(part)
        is_attached = part.get_content_disposition() == "attachment" or part.get_content_maintype() not in BODY
        if (name or is_attached) and len(found) < MOST_ATTACHMENTS:
            words = wording.plain(_words(part)) if kind == "text/plain" and not part.is_multipart() else ""
            found.append(Attachment(name, wording.plain(kind), words))
    return tuple(found)


def _report(parts: Iterable["Message[str, str]"]) -> Iterator[Mapping[str, str]]:
    """The groups of delivery-status notifications; the first is about the mail, the others about a recipient each."""
    for part in parts:
        if part.get_content_type() == "message/delivery-status" and part.is_multipart():
            for group in list(part.get_payload())[:MOST_FIELDS]:
                fields = list(group.items())[:MOST_FIELDS] if isinstance(group, Message) else []
                yield {name.lower(): wording.header(value, 500) for name, value in fields}


def _returned(parts: Iterable["Message[str, str]"]) -> Iterator[str]:
    """Message-IDs in the headers of mails that hang in this one, as such or as their headers alone."""
    for part in parts:
        yield from _ids(part, "Message-ID")
        if part.get_content_type() == "text/rfc822-headers" and not part.is_multipart():
            data = part.get_payload(decode=True)
            yield from _ids(parsing.head(data if isinstance(data, bytes) else b""), "Message-ID")
