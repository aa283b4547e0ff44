"""Views of the outbox: every letter, and what the secretariat may do with it; delivery alone sends."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from intake.access import staff, staff_actor
from intake.extensions import db
from intake.keyset import read_cursor
from intake.models import Letter, LetterStatus
from intake.notifications import handling, message
from intake.notifications import outbox as letters
from intake.secretariat import forms, queries, words
from intake.secretariat.blueprint import bp, say_why
from intake.secretariat.queries import Wanted
from intake.staff_words import readable
from intake.translations import direction, plain
from workflows.people import Audience, Role
from workflows.workflow import Refused

ONE = "/outbox/<int(max=2147483647):letter_id>"
FORMS: dict[str, type[forms.HandlingForm]] = {
    "hold": forms.HandlingForm,
    "edit": forms.EditForm,
    "release": forms.ReleaseForm,
    "cancel": forms.CancelForm,
    "settle": forms.SettleForm,
}


@bp.get("/outbox")
@staff(Role.SECRETARIAT, Role.ADMINISTRATOR)
def outbox() -> ResponseReturnValue:
    """The letters asked for with their text and their fate."""
    wanted, ignored = _wanted()
    at = request.args.get("from", "")
    cursor = read_cursor(at) if at else None
    ignored += [readable(at, 40)] if at and cursor is None else []
    page = queries.letters(wanted, cursor)
    counts, kept, astray = queries.counts()
    return render_template(
        "secretariat/outbox.html",
        wanted=wanted,
        counts=counts,
        kept=kept,
        astray=astray,
        page=page,
        about=queries.about(page.rows),
        ignored=ignored,
        letter_words=words,
    )


def _wanted() -> tuple[Wanted, list[str]]:
    """What the address asks for, and what in it is not known."""
    status, audience = request.args.get("status", ""), request.args.get("audience", "")
    kept, astray = request.args.get("kept", ""), request.args.get("astray", "")
    wanted = Wanted(
        LetterStatus(status) if status in set(LetterStatus) else None,
        kept == "1",
        astray == "1",
        Audience(audience) if audience in set(Audience) else None,
        readable(request.args.get("q", ""), 254).strip(),
    )
    flags = ((kept, wanted.kept_back or None), (astray, wanted.astray or None))
    read = ((status, wanted.status), (audience, wanted.audience), *flags)
    return wanted, [readable(typed, 40) for typed, known in read if typed and known is None]


@bp.get(ONE)
@staff(Role.SECRETARIAT, Role.ADMINISTRATOR)
def letter(letter_id: int) -> ResponseReturnValue:
    """One letter as it will be read, what was done to it, and what may be."""
    return _letter_page(queries.letter_or_404(letter_id), forms.HandlingForm())


def _letter_page(shown: Letter, form: forms.HandlingForm, template: str = "letter", action: str = "") -> str:
    form.seen.data, form.seen.raw_data = handling.mark(shown), None
    return render_template(
        f"secretariat/{template}.html",
        letter=shown,
        form=form,
        action=action,
        events=handling.events(shown),
        in_front=handling.in_front(shown),
        about=queries.about([shown]).get(shown.id),
        twin=message.html_paragraphs(shown.body),
        direction=direction(shown.language),
        link=handling.carries_link(shown.body),
        letter_words=words,
        undo_until=letters.undo_until(shown),
    )


@bp.get(f"{ONE}/<any(edit, release, cancel, settle):action>")
@staff(Role.SECRETARIAT, Role.ADMINISTRATOR)
def prepare_letter(letter_id: int, action: str) -> ResponseReturnValue:
    """One thing to do with a letter, on a page of its own."""
    shown = queries.letter_or_404(letter_id)
    known = {"subject": plain(shown.subject), "body": plain(shown.body), "when": forms.IN_TIME}
    return _letter_page(shown, FORMS[action](data=known), "handle", action)


@bp.post(f"{ONE}/<any(hold, edit, release, cancel, settle):action>")
@staff(Role.SECRETARIAT, Role.ADMINISTRATOR)
def handle_letter(letter_id: int, action: str) -> ResponseReturnValue:
    """Hold, edit, release, cancel or settle a letter."""
    form = FORMS[action]()
    shown = queries.locked_letter_or_404(letter_id)
    if not form.validate_on_submit():
        return _letter_page(shown, form, "handle", action), 422
    try:
        said = _handle(shown, form)
        db.session.commit()
    except Refused as refused:
        db.session.rollback()
        say_why(form, refused)
        return _letter_page(queries.letter_or_404(letter_id), form, "handle", action), 409
    letters.nudge()
    flash(said, "success")
    return redirect(url_for(".letter", letter_id=letter_id), 303)


def _handle(shown: Letter, form: forms.HandlingForm) -> str:
    """Do what the form asks; the sentence that tells it. Raises `Refused`."""
    by, seen = staff_actor(), form.mark
    match form:
        case forms.EditForm():
            handling.edit(shown, form.subject.data or "", form.body.data or "", by=by, seen=seen)
            return str(_("The letter is changed. What it said before is kept below."))
        case forms.ReleaseForm():
            handling.release(shown, at_once=form.when.data == forms.NOW, by=by, seen=seen)
            return str(_("The letter is released. %(fate)s.", fate=words.fate(shown)))
        case forms.CancelForm():
            handling.cancel(shown, form.reason.data or "", by=by, seen=seen)
            return str(_("The letter to %(recipient)s is cancelled and will not leave.", recipient=shown.recipient))
        case forms.SettleForm():
            handling.settle(shown, form.reason.data or "", by=by, seen=seen)
            return str(_("The letter is settled: nobody is asked to see to it any more."))
        case _:
            handling.hold(shown, by=by, seen=seen)
            return str(_("The letter is kept back until somebody releases it."))


@bp.get(f"{ONE}/copy")
@staff(Role.SECRETARIAT, Role.ADMINISTRATOR)
def prepare_copy(letter_id: int) -> ResponseReturnValue:
    """Ask before a second copy is sent."""
    return _letter_page(
        queries.letter_or_404(letter_id), forms.ResendForm(data={"confirmed": "yes"}), "handle", "resend"
    )


@bp.post(f"{ONE}/resend")
@staff(Role.SECRETARIAT, Role.ADMINISTRATOR)
def resend(letter_id: int) -> ResponseReturnValue:
    """Put a failed letter back into the queue, or a copy of one that was sent."""
    form = forms.ResendForm()
    shown = queries.locked_letter_or_404(letter_id)
    if not form.validate_on_submit():
        abort(400)
    again = handling.resend(shown, as_copy=form.confirmed.data == "yes", by=staff_actor(), seen=form.mark)
    db.session.commit()
    letters.nudge()
    flash(_("The letter to %(recipient)s waits to be sent again.", recipient=again.recipient), "success")
    return redirect(url_for(".letter", letter_id=again.id), 303)
