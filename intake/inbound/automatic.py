"""Tells mail of machines from that of people (RFC 3834): what is automatic is kept and never answered."""

import re
from collections.abc import Collection

from flask_babel import gettext as _

from intake.inbound.reading import Mail

MACHINES = re.compile(
    r"mailer-?daemon|postmaster|(?:do[-_.]?)?not?[-_.]?reply.*|bounces?(?:[+=-].*)?|owner-.*|.*-(?:owner|bounces?)"
    r"|listserv|majordomo"
)
"""Names of mailboxes in which nobody reads, or behind which there are many."""
MASS = {"bulk", "list", "junk", "auto_reply"}
ABSENCES = re.compile(
    r"(?:auto(?:matic)?[- ]?(?:reply|response)|out of (?:the )?office|réponse automatique"
    r"|respuesta automática|автоматический ответ|автоответ|自动回复|رد تلقائي)\b",
    re.IGNORECASE,
)
NO_ANSWERS = re.compile(r"\b(?:all|oof|autoreply)\b")


def why(mail: Mail, own: Collection[str]) -> str:
    """Why nobody is to be answered, in a sentence for staff; empty where a person wrote. `own`: our addresses."""
    submitted = mail.sign("auto-submitted")
    if submitted and submitted != "no":
        return str(_("It says that a machine wrote it (Auto-Submitted: %(value)s).", value=submitted))
    if mail.sign("precedence") in MASS or mail.is_list:
        return str(_("It was sent to many, over a list."))
    if mail.return_path == "":
        return str(_("It wants no answer: its return path is empty."))
    if mail.sign("x-autoreply") or mail.sign("x-autorespond") or ABSENCES.match(mail.subject):
        return str(_("It is an automatic reply, such as during an absence."))
    if mail.kind == "multipart/report":
        return str(_("It is a report of a mail system."))
    return _by_sender(mail, own)


def _by_sender(mail: Mail, own: Collection[str]) -> str:
    if mail.sign("x-loop") or mail.sender.lower() in own:
        return str(_("It comes from one of our own addresses, or has been here before."))
    if is_machine(mail.sender):
        return str(_("Nobody reads the mailbox from which it comes."))
    return ""


def is_machine(address: str) -> bool:
    """Whether the name of a mailbox is one behind which no single person reads."""
    return MACHINES.fullmatch(address.rpartition("@")[0].lower()) is not None


def wants_no_answer(mail: Mail) -> bool:
    """A person may have written it, but it asks that no machine answers."""
    return NO_ANSWERS.search(mail.sign("x-auto-response-suppress")) is not None
