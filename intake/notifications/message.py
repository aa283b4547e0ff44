"""Makes an outbox row the bytes that leave, as text with an HTML twin; it stores nothing and opens no connection."""

import html
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.charset import QP, Charset
from email.header import Header

from email_validator import EmailNotValidError, validate_email
from flask import current_app
from flask_mail import Message
from markupsafe import Markup

from intake.current import programme
from intake.models import LINK
from intake.notifications.invitation import CALENDAR_TYPE, FILE_NAME
from intake.notifications.leases import Leased
from intake.references import PATTERN

RIGHT_TO_LEFT = {"ar", "fa", "he", "ur"}
STYLE = "body{font:16px/1.5 sans-serif;max-width:40em;margin:0 auto;padding:16px}a{color:#0b4f9e}"
NOT_IN_ADDRESSES = re.compile(r"""[\s<>()\[\]\\,;:"\x00-\x1f\x7f]""")
STAFF_PAGE = rf"/staff/expressions/{PATTERN}"


class Unsendable(Exception):
    """This letter can never leave as it is; the sentence says why."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """What is said to an SMTP server. `international`: the server must take addresses beyond ASCII (SMTPUTF8)."""

    sender: str
    recipient: str
    content: bytes = field(repr=False)
    international: bool = False


def envelope(letter: Leased) -> Envelope:
    """The letter with the recipient's link in its place. Raises `Unsendable`, whatever is wrong with it."""
    try:
        address = ascii_domain(letter.recipient)
        return _envelope(letter, address)
    except Unsendable:
        raise
    except Exception as error:  # one poisonous letter must not stop the others, whatever it does to the libraries
        raise Unsendable(f"The letter cannot be put into the form of an e-mail ({type(error).__name__}).") from error


def _envelope(letter: Leased, address: str) -> Envelope:
    secretariat = programme().secretariat
    sender = ascii_domain(secretariat.sender)
    text = text_with_link(letter)
    message = Message(
        recipients=[sender],
        sender=sender,
        body=text,
        html=html_twin(text, link=letter.link, language=letter.language),
        reply_to=secretariat.reply_to,
        charset=_quoted_printable(),  # type: ignore[arg-type]
        extra_headers={"Auto-Submitted": "auto-generated"},
    )
    message.msgId = letter.message_id
    if letter.calendar:
        message.attach(FILE_NAME, CALENDAR_TYPE, letter.calendar.encode())
    headers = {
        "Subject": _subject(clean(letter.subject)),
        "From": _mailbox(clean(secretariat.name), sender, header="From"),
        "To": _mailbox(clean(letter.recipient_name), address, header="To"),
    }
    return Envelope(sender, address, _with(headers, message.as_bytes()), international=not address.isascii())


def _quoted_printable() -> Charset:
    """UTF-8 in short ASCII lines, so that no server may refuse or break a long paragraph."""
    charset = Charset("utf-8")
    charset.body_encoding = QP
    return charset


def _subject(words: str) -> Header:
    encoding = "us-ascii" if words.isascii() and "=?" not in words else "utf-8"
    return Header(words, encoding, header_name="Subject")


def _mailbox(name: str, address: str, *, header: str) -> Header | str:
    """A name, always encoded, and an address. Beyond ASCII the address stands alone, for a server with SMTPUTF8."""
    if not address.isascii():
        return address
    made = Header(header_name=header)
    if name:
        made.append(name, "utf-8")
    made.append(f"<{address}>", "us-ascii")
    return made


def _with(headers: Mapping[str, Header | str], content: bytes) -> bytes:
    """The message with these headers instead of Flask-Mail's.

    It leaves folding to Python's newer policies, which drop spaces from long names and take quotes off them, so that
    a name with a comma and a colon becomes further recipients.
    """
    message = message_from_bytes(content)
    plain = b""
    for header, value in headers.items():
        del message[header]
        if isinstance(value, Header):
            message[header] = value  # type: ignore[assignment]
        else:
            plain += f"{header}: {value}\r\n".encode()
    return plain + message.as_bytes(policy=policy.compat32.clone(linesep="\r\n"))


def ascii_domain(address: str) -> str:
    """The address as it stands in an envelope: its domain in ASCII (IDNA 2008). Raises `Unsendable`."""
    local, at, domain = address.rpartition("@")
    if not (local and at and domain) or NOT_IN_ADDRESSES.search(address):
        raise Unsendable("The recipient's address is not an e-mail address.")
    if domain.isascii():
        return address
    try:
        known = validate_email(f"x@{domain}", check_deliverability=False)
    except EmailNotValidError as error:
        raise Unsendable(f"The domain of the recipient's address cannot be used: {error}") from error
    return f"{local}@{known.ascii_domain}"


def clean(text: str) -> str:
    """One line without control characters, fit for a header."""
    spaced = " ".join(text.split())
    return "".join(each for each in spaced if unicodedata.category(each) not in {"Cc", "Cs"})


def text_with_link(letter: Leased) -> str:
    """The text that leaves. Only a line that is `LINK` and nothing else becomes the link."""
    lines = letter.body.split("\n")
    return "\n".join(letter.link if letter.link and line.strip() == LINK else line for line in lines)


def html_twin(text: str, *, link: str, language: str) -> str:
    """The same words for readers of HTML mail; no address is a link but ours: this one, the staff page, the way back.

    What applicants wrote stays text, their addresses too.
    """
    return (
        f'<!DOCTYPE html>\n<html lang="{html.escape(language)}" dir="{direction(language)}">\n'
        f'<head>\n<meta charset="utf-8">\n<title>{html.escape(programme().name)}</title>\n<style>{STYLE}</style>\n'
        f"</head>\n<body>\n{html_paragraphs(text, link=link)}\n</body>\n</html>\n"
    )


def direction(language: str) -> str:
    """The way in which a language is written, as HTML names it."""
    return "rtl" if language.partition("-")[0] in RIGHT_TO_LEFT else "ltr"


def html_paragraphs(text: str, *, link: str = "") -> Markup:
    """What stands in the body of the HTML twin."""
    ours = _our_addresses(link)
    paragraphs = [each for each in re.split(r"\n\s*\n", text.strip("\n")) if each.strip()]
    blocks = [Markup("<br>\n").join(linked(line, ours) for line in each.split("\n")) for each in paragraphs]
    return Markup("\n").join(Markup("<p>{}</p>").format(block) for block in blocks)


def _our_addresses(link: str) -> re.Pattern[str]:
    base = re.escape(current_app.config["BASE_URL"])
    alone = [*([re.escape(link)] if link else []), base + STAFF_PAGE, base + "/link"]
    return re.compile(rf"(?<![^\s(<])(?:{'|'.join(alone)})(?=[.,;:)>]*(?:\s|$))")


def linked(text: str, addresses: re.Pattern[str]) -> Markup:
    """The text as HTML, escaped, in which what the pattern matches is a link."""
    made, end = Markup(), 0
    for match in addresses.finditer(text):
        made += Markup('{}<a href="{}">{}</a>').format(text[end : match.start()], match[0], match[0])
        end = match.end()
    return made + Markup.escape(text[end:])
