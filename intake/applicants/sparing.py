"""Spares mailboxes and the secretariat what machines send; what a person typed is kept, and can be sent again."""

from flask_babel import gettext as _
from limits import parse

from intake.applicants.forms import SendForm
from intake.extensions import limiter
from intake.models import Expression

PER_MAILBOX = parse("20 per hour")
"""How many expressions may be sent in the name of one mailbox, which gets a letter of each."""


def objection(expression: Expression, form: SendForm) -> str:
    """Why an expression is not taken now, in a sentence; empty when it is. Asking counts."""
    if form.fax.data:
        said = _(
            "A field that people do not see was filled in, perhaps by your browser. Read your answers, send again."
        )
        return str(said)
    mailbox = expression.contact_email.lower()
    if not limiter.enabled or limiter.limiter.hit(PER_MAILBOX, "send", mailbox):
        return ""
    said = _(
        "So many expressions were sent for %(address)s that we pause. Nothing is lost: send again in an hour.",
        address=mailbox,
    )
    return str(said)
