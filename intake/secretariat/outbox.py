"""Views of the outbox: every letter, and what the secretariat may do with it."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from intake import staff_words
from intake.access import staff
from intake.extensions import db
from intake.keyset import read_cursor
from intake.models import LetterStatus
from intake.notifications import outbox as letters
from intake.secretariat import queries
from intake.secretariat.blueprint import bp
from workflows.people import Role
from workflows.workflow import Reason, Refused

NOT_FAILED = Reason("not_failed", "Only a letter that has failed is sent again; this one has not, or no longer.")


@bp.get("/outbox")
@staff(Role.SECRETARIAT, Role.ADMINISTRATOR)
def outbox() -> ResponseReturnValue:
    """Every letter with its text and its fate."""
    asked, at = request.args.get("status", ""), request.args.get("from", "")
    status = LetterStatus(asked) if asked in set(LetterStatus) else None
    cursor = read_cursor(at) if at else None
    counts, page = queries.letters(status, cursor)
    ignored = [
        staff_words.readable(value, 40) for value, read in ((asked, status), (at, cursor)) if value and read is None
    ]
    about = queries.references(page)
    return render_template(
        "secretariat/outbox.html", status=status, counts=counts, page=page, about=about, ignored=ignored
    )


@bp.post("/outbox/<int(max=2147483647):letter_id>/resend")
@staff(Role.SECRETARIAT, Role.ADMINISTRATOR)
def resend(letter_id: int) -> ResponseReturnValue:
    """Put a failed letter back into the queue."""
    letter = queries.letter_or_404(letter_id)
    if letter.status is not LetterStatus.FAILED:
        raise Refused([NOT_FAILED])
    letters.resend(letter)
    db.session.commit()
    flash(_("The letter to %(recipient)s waits to be sent again.", recipient=letter.recipient), "success")
    return redirect(url_for(".outbox", status=LetterStatus.FAILED.value), 303)
