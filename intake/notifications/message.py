"""Makes an outbox row the bytes that leave, as text with an HTML twin; it stores nothing and opens no connection."""

import binascii
import html
import re
import unicodedata
from base64 import b64encode, encodebytes
from dataclasses import dataclass, field, replace
from email.charset import QP, Charset
from email.header import Header
from email.utils import format_datetime
from functools import cache, lru_cache

from email_validator import EmailNotValidError, validate_email
from flask import current_app
from flask_mail import Message
from markupsafe import Markup, escape

from intake.current import programme
from intake.models import LINK, now
from intake.notifications.invitation import CALENDAR_TYPE, FILE_NAME
from intake.notifications.leases import Leased
from intake.notifications.signing import Signer
from intake.references import ENQUIRY_PATTERN, PATTERN
from intake.translations import direction

DIGEST = "digest"
STYLE = "body{font:16px/1.5 sans-serif;max-width:40em;margin:0 auto;padding:16px}a{color:#0b4f9e}"
NOT_IN_ADDRESSES = re.compile(r"""[\s<>()\[\]\\,;:"\x00-\x1f\x7f]""")
QUOTED_PRINTABLE = Charset("utf-8")
QUOTED_PRINTABLE.body_encoding = QP
"""UTF-8 in short ASCII lines, so that no server may refuse or break a long paragraph."""
SEAM = b"here-the-words-stand"
SEAMS = re.compile(SEAM + b"|" + re.escape(b64encode(SEAM)))
LINKED = Markup('<a href="%s">%s</a>')
STAFF_PAGE = rf"/staff/(?:expressions/{PATTERN}|enquiries/{ENQUIRY_PATTERN})"


class Unsendable(Exception):
    """This letter can never leave as it is; the sentence says why."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """What is said to an SMTP server. `international`: the server must take addresses beyond ASCII (SMTPUTF8)."""

    sender: str
    recipient: str
    content: bytes = field(repr=False)
    international: bool = False


def envelope(letter: Leased, signer: Signer | None = None) -> Envelope:
    """The letter with the recipient's link in its place, signed. Raises `Unsendable`, whatever is wrong with it."""
    try:
        address = ascii_domain(letter.recipient)
        made = _envelope(letter, address)
        return replace(made, content=signer.signed(made.content, made.sender)) if signer else made
    except Unsendable:
        raise
    except Exception as error:  # one poisonous letter must not stop the others, whatever it does to the libraries
        raise Unsendable(f"The letter cannot be put into the form of an e-mail ({type(error).__name__}).") from error


def _envelope(letter: Leased, address: str) -> Envelope:
    secretariat = programme().secretariat
    sender, answers_to = ascii_domain(secretariat.sender), ascii_domain(secretariat.reply_to)
    text = text_with_link(letter)
    headers = {
        "From": _mailbox(clean(secretariat.name), sender, header="From"),
        "To": _mailbox(clean(letter.recipient_name), address, header="To"),
        "Subject": _subject(clean(letter.subject)),
        "Date": format_datetime(now()),
        "Message-ID": letter.message_id,
        "Reply-To": answers_to,
        "Auto-Submitted": "auto-generated",
        **_way_out(letter),
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    international = not (address + sender + answers_to).isascii()
    return Envelope(sender, address, lines.encode() + _composed(letter, text), international=international)


def _composed(letter: Leased, text: str) -> bytes:
    """The words and the calendar file in their form, from the header that tells its structure on."""
    words = [_quoted(text), _quoted(html_twin(text, link=letter.link, language=letter.language))]
    if letter.calendar:
        words.append(encodebytes(letter.calendar.encode()).rstrip().replace(b"\n", b"\r\n"))
    first, *others = _form(calendar=bool(letter.calendar))
    return first + b"".join(part + form for part, form in zip(words, others, strict=True))


@cache
def _form(*, calendar: bool) -> tuple[bytes, ...]:
    """What Flask-Mail composes, parted where the words stand; the form of letters is made once, for that takes long.

    Its boundaries hold `==`, which neither encoding writes, so no words can end their part. Its headers of names and
    addresses are left out: they are folded by Python's newer policies, which drop spaces from long names and take
    quotes off them, so that a name with a comma and a colon becomes further recipients.
    """
    mark = SEAM.decode()
    message = Message(sender="nobody", body=mark, html=mark, charset=QUOTED_PRINTABLE)  # type: ignore[arg-type]
    if calendar:
        message.attach(FILE_NAME, CALENDAR_TYPE, SEAM)
    head, blank, body = message.as_bytes().partition(b"\r\n\r\n")
    fields = re.split(rb"\r\n(?![ \t])", head)
    structure = [each for each in fields if each.startswith((b"Content-Type:", b"MIME-Version:"))]
    return tuple(SEAMS.split(b"\r\n".join(structure) + blank + body))


def _quoted(words: str) -> bytes:
    """Quoted-printable, as the form says; each kind of line break is one."""
    lines = words.replace("\r\n", "\n").replace("\r", "\n")
    return binascii.b2a_qp(lines.encode()).replace(b"\n", b"\r\n")


def _way_out(letter: Leased) -> dict[str, str]:
    """The page on which somebody ends a letter that comes again and again; no other kind has one."""
    if letter.kind != DIGEST:
        return {}
    return {"List-Unsubscribe": f"<{current_app.config['BASE_URL']}/staff/preferences>"}


def _subject(words: str) -> str:
    encoding = "us-ascii" if words.isascii() and "=?" not in words else "utf-8"
    return Header(words, encoding, header_name="Subject").encode(linesep="\r\n")


@lru_cache(maxsize=1000)
def _mailbox(name: str, address: str, *, header: str) -> str:
    """A name, always encoded, and an address. Beyond ASCII the address stands alone, for a server with SMTPUTF8."""
    if not address.isascii():
        return address
    made = Header(header_name=header)
    if name:
        made.append(name, "utf-8")
    made.append(f"<{address}>", "us-ascii")
    return made.encode(linesep="\r\n")


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
    if spaced.isprintable():
        return spaced
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


def html_paragraphs(text: str, *, link: str = "") -> Markup:
    """What stands in the body of the HTML twin."""
    words = linked(text.strip("\n"), _our_addresses(current_app.config["BASE_URL"]), link)
    paragraphs = (each.replace("\n", "<br>\n") for each in re.split(r"\n\s*\n", words) if each.strip())
    return Markup("\n".join(f"<p>{each}</p>" for each in paragraphs))  # noqa: S704 - `linked` has escaped them


@lru_cache(maxsize=4)
def _our_addresses(base_url: str) -> re.Pattern[str]:
    """What may be a link of ours; of those with a token, only the recipient's own is."""
    base = re.escape(base_url)
    ours = f"{base}{STAFF_PAGE}|{base}/link(?P<token>/[\\w-]+)?"
    return re.compile(rf"(?<![^\s(<])(?:{ours})(?=[.,;:)>]*(?:\s|$))")


def linked(text: str, addresses: re.Pattern[str], own: str = "") -> Markup:
    """The text as HTML, escaped, in which what the pattern matches is a link, if it has no `token` or is our own."""
    made, end = [], 0
    for match in addresses.finditer(text):
        if match.groupdict().get("token") and match[0] != own:
            continue
        made += [escape(text[end : match.start()]), LINKED % (match[0], match[0])]
        end = match.end()
    return Markup().join([*made, escape(text[end:])])
