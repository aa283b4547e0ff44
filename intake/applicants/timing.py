"""The time trap: forms that strangers send carry a signed time, and what comes too fast or too late is asked for again.

It needs neither an account, nor a cookie, nor a script. It refuses nobody for good: the form comes again, filled in.
"""

import time

from flask import current_app
from flask_babel import gettext as _
from itsdangerous import BadSignature, SignatureExpired, TimestampSigner

SALT = "when a form was shown"
LONGEST_SECONDS = 86_400
"""How old a form may be that is sent."""


def _signer() -> TimestampSigner:
    return TimestampSigner(current_app.secret_key or "", salt=SALT)


def shown_now() -> str:
    """The present moment, signed, as a form carries it."""
    return _signer().sign("").decode()


def objection(carried: str | None) -> str:
    """Why a form is not taken yet, in a sentence; empty when it is. `carried` is what `shown_now` gave it."""
    least = current_app.config["FORM_SECONDS"]
    if not least:
        return ""
    try:
        _empty, shown = _signer().unsign(carried or "", max_age=LONGEST_SECONDS, return_timestamp=True)
    except SignatureExpired:
        return str(_("This page was open for more than a day. What you typed is still here: send it once more."))
    except BadSignature:
        return str(_("We cannot tell when this page was opened. What you typed is still here: send it once more."))
    if time.time() - shown.timestamp() < least:
        return str(_("That was faster than people are. Wait a moment, then send it once more."))
    return ""
