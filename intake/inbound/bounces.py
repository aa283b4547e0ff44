"""Finds what a mail system says about a letter of ours that it could not deliver (RFC 3464); it marks nothing.

Only who knows the Message-ID of a letter, which is random, and its recipient can say anything about it.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import select

from intake.extensions import db
from intake.inbound import automatic
from intake.inbound.reading import MESSAGE_ID, Mail
from intake.models import Letter
from intake.notifications.message import Unsendable, ascii_domain

FAILED, UNCLEAR = "failed", "unclear"
CODE = re.compile(r"(?<![\d.])(?:5\.\d{1,3}\.\d{1,3}|5[0-5]\d)(?![\d.]*\d)")
FINAL = re.compile(
    r"permanent|undeliver|not be delivered|not be sent|fatal|giving up|does(?: not|n't) exist", re.IGNORECASE
)
NOT_YET = re.compile(
    r"delayed|will (?:be )?(?:retr|keep trying|continue)|warning message only|still being", re.IGNORECASE
)
LONGEST = 500


@dataclass(frozen=True, slots=True)
class Bounce:
    """What became of a letter. `action` is that of RFC 3464, or `UNCLEAR`; `words` hold the code and the diagnosis."""

    letter: Letter
    action: str
    words: str

    @property
    def is_final(self) -> bool:
        """Nobody will try again."""
        return self.action == FAILED


def seems(mail: Mail) -> bool:
    """Whether a mail system wrote it about another mail, whatever about."""
    is_notice = bool(mail.report) or mail.kind == "multipart/report"
    return is_notice or mail.return_path == "" or automatic.is_machine(mail.sender)


def found(mail: Mail) -> Bounce | None:
    """What it says about a letter of ours; None where it is no such report, or about none of ours."""
    if not seems(mail):
        return None
    quoted = MESSAGE_ID.findall(mail.words)
    for letter in letters([*mail.returned, *mail.answers, *quoted]):
        said = _of_report(mail.report, letter) if mail.report else _of_words(mail.words, letter)
        if said is not None:
            return said
    return None


def letters(message_ids: Iterable[str]) -> list[Letter]:
    """Our letters with these Message-IDs, in their order."""
    asked = list(dict.fromkeys(message_ids))[:100]
    known = db.session.scalars(select(Letter).where(Letter.message_id.in_(asked))).all() if asked else []
    return sorted(known, key=lambda letter: asked.index(letter.message_id))


def _of_report(groups: Iterable[Mapping[str, str]], letter: Letter) -> Bounce | None:
    for group in groups:
        named = (group.get("original-recipient", ""), group.get("final-recipient", ""))
        if _spellings(letter.recipient) & {_address(each) for each in named}:
            words = " ".join(filter(None, (group.get("status"), _text(group.get("diagnostic-code", "")))))
            return Bounce(letter, group.get("action", UNCLEAR).lower().strip(), words[:LONGEST])
    return None


def _address(field: str) -> str:
    """The address of a field such as `rfc822; name@example.org`."""
    return _text(field).strip("<> ").lower()


def _text(field: str) -> str:
    kind, parted, rest = field.partition(";")
    return rest.strip() if parted and " " not in kind.strip() else field.strip()


def _spellings(address: str) -> set[str]:
    try:
        return {address.lower(), ascii_domain(address).lower()}
    except Unsendable:
        return {address.lower()}


def _of_words(words: str, letter: Letter) -> Bounce | None:
    """What stands in a notice of no common form, if it names the recipient."""
    lowered = words.lower()
    if not any(each in lowered for each in _spellings(letter.recipient)):
        return None
    lines = [" ".join(line.split()) for line in words.splitlines()]
    coded = [line for line in lines if CODE.search(line)]
    is_final = (coded or FINAL.search(words)) and not NOT_YET.search(words)
    named = [line for line in lines if line][:1]
    return Bounce(letter, FAILED if is_final else UNCLEAR, " ".join((coded or named)[:2])[:LONGEST])
