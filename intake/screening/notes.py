"""Views of notes on an expression and of reminders, with what waits for a person because of them."""

from collections.abc import Iterable
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from intake import notes as talking
from intake.access import ANY_STAFF, staff
from intake.extensions import db
from intake.models import Expression, User
from intake.notes import MOST_WAITING, Told, Waiting
from intake.screening import queries, talk
from intake.screening.blueprint import bp, myself
from intake.wording import listed, today


def waiting_for(user: User) -> dict[str, list[Waiting]]:
    """What the first page of staff shows: unread mentions, and reminders whose day has come."""
    return {"mentions": talking.mentions_of(user), "reminders": talking.reminders_due(user, today())}


@bp.get("/expressions/<reference:reference>/notes")
@staff(*ANY_STAFF)
def notes(reference: str) -> ResponseReturnValue:
    """The notes on an expression on a page of their own."""
    return page(queries.expression_or_404(reference))


def page(expression: Expression, **sent: Any) -> str:
    """The page of notes; `sent` holds forms that were refused, by the names of `Talk`."""
    shown = talk.about(expression, myself(), **sent)
    return render_template(
        "screening/talk.html", expression=expression, talk=shown, form=next(iter(sent.values()), None)
    )


@bp.post("/expressions/<reference:reference>/notes")
@staff(*ANY_STAFF)
def add_note(reference: str) -> ResponseReturnValue:
    """Store a note and tell whom it reaches."""
    expression = queries.expression_or_404(reference)
    around = talking.company(expression, myself())
    form = talk.for_note(around.free, formdata=request.form)
    if around.mine is None and not form.validate():
        return page(expression, note_form=form), 422
    told = talking.add(expression, text=form.text.data or "", author=myself(), ticked=form["mentions"].data or ())
    db.session.commit()
    _say(told)
    return redirect(url_for(".show", reference=reference, _anchor="notes"), 303)


def _say(told: Told) -> None:
    reached = _names(told.mentioned)
    flash(
        _("The note is kept. It is shown to: %(names)s.", names=reached) if reached else _("The note is kept."),
        "success",
    )
    if told.barred:
        message = _("Not told, because of a conflict of interest: %(names)s.", names=_names(told.barred))
        flash(message, "warning")
    for name in told.unclear:
        flash(
            _("“@%(name)s” fits several colleagues, so it told none of them. Tick whom you mean.", name=name), "warning"
        )


def _names(people: Iterable[User]) -> str:
    return listed(user.called for user in people)


@bp.post("/expressions/<reference:reference>/reminders")
@staff(*ANY_STAFF)
def remind(reference: str) -> ResponseReturnValue:
    """Store a reminder of one's own."""
    expression = queries.expression_or_404(reference)
    form = talk.for_reminder(formdata=request.form)
    if not form.validate():
        return page(expression, reminder_form=form), 422
    talking.remind(expression, user=myself(), on=form.day, text=form.text.data or "")
    db.session.commit()
    flash(_("You will be reminded on the first page and in your daily letter."), "success")
    return redirect(url_for(".show", reference=reference, _anchor="reminders"), 303)


@bp.post("/mentions/read")
@staff(*ANY_STAFF)
def read_mentions() -> ResponseReturnValue:
    """Mark mentions of one's own as read."""
    talking.mark_read(myself(), _chosen())
    db.session.commit()
    flash(_("Marked as read."), "success")
    return redirect(url_for(".home"), 303)


@bp.post("/reminders/done")
@staff(*ANY_STAFF)
def finish_reminders() -> ResponseReturnValue:
    """Mark reminders of one's own as done."""
    talking.finish(myself(), _chosen())
    db.session.commit()
    flash(_("Done, and off your list."), "success")
    return redirect(url_for(".home"), 303)


def _chosen() -> list[int]:
    """The ids that a form of the first page has sent; what is none of them is passed over."""
    sent = request.form.getlist("id")[:MOST_WAITING]
    return [int(each) for each in sent if each.isascii() and each.isdigit() and len(each) < 10]
