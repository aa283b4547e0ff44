"""Views of the texts of letters: how each stands, its words, its versions, and how it reads about something real."""

from collections.abc import Iterator
from dataclasses import dataclass

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from intake.access import staff, staff_actor
from intake.extensions import db
from intake.models import Enquiry, Subject
from intake.notifications import compose, texts
from intake.notifications.compose import LetterError, Text
from intake.notifications.placeholders import Occasion, Purpose, known_for
from intake.notifications.recipients import Recipient, recipients
from intake.notifications.texts import Standing
from intake.secretariat import forms, queries, words
from intake.secretariat.blueprint import bp, say_why
from intake.secretariat.queries import About, about_enquiry, about_expression
from intake.staff_words import readable
from intake.translations import LANGUAGES, direction
from workflows.people import Role
from workflows.workflow import Refused


@dataclass(frozen=True, slots=True)
class Preview:
    """How a text reads about something real, or why it cannot be shown; `had_step`: what the step brings is real."""

    about: About | None = None
    text: Text | None = None
    recipient: str = ""
    had_step: bool = False
    problems: tuple[str, ...] = ()


@bp.get("/letter-texts")
@staff(Role.SECRETARIAT, Role.ADMINISTRATOR)
def letter_texts() -> ResponseReturnValue:
    """Every text by kind, audience and language."""
    return render_template("secretariat/texts.html", rows=texts.standings(), languages=LANGUAGES, text_words=words)


@bp.get("/letter-texts/<text_id>")
@staff(Role.SECRETARIAT, Role.ADMINISTRATOR)
def letter_text(text_id: str) -> ResponseReturnValue:
    """One text with its versions and its preview."""
    standing = _standing_or_404(text_id)
    asked = readable(request.args.get("reference", ""), 40).strip()
    form = forms.TextForm(formdata=None, data={"text": standing.text, "reference": asked})
    return _page(standing, form, _preview(standing, standing.text, asked))


@bp.post("/letter-texts/<text_id>")
@staff(Role.SECRETARIAT, Role.ADMINISTRATOR)
def save_letter_text(text_id: str) -> ResponseReturnValue:
    """Keep a text, or only show how it would read."""
    standing, form = _standing_or_404(text_id), forms.TextForm()
    fine, typed = form.validate_on_submit(), texts.tidied(form.text.data or "")
    if not fine or not typed:
        if fine:
            form.blame("text", _("Write a text, or use the shipped one again below."))
        return _page(standing, form, Preview()), 422
    try:
        texts.check(standing.purpose, typed)
        if request.form.get("go") == "preview":
            return _page(standing, form, _preview(standing, typed, form.reference.data or ""))
        texts.save(standing.purpose, standing.language, typed, by=staff_actor(), seen=form.number)
    except Refused as refused:
        return _refused(text_id, form, refused), 409
    db.session.commit()
    flash(_("The text is saved. Letters that are written from now on will use it."), "success")
    return redirect(url_for(".letter_text", text_id=text_id), 303)


@bp.post("/letter-texts/<text_id>/shipped")
@staff(Role.SECRETARIAT, Role.ADMINISTRATOR)
def use_shipped_text(text_id: str) -> ResponseReturnValue:
    """Let the shipped text hold again; what staff had written stays among the versions."""
    standing, form = _standing_or_404(text_id), forms.ShippedForm()
    shown = forms.TextForm(formdata=None, data={"text": standing.text})
    if not form.validate_on_submit() or not form.confirmed.data:
        shown.form_errors = [_("Tick the box beside the shipped text to confirm that you want it again.")]
        return _page(standing, shown, Preview()), 422
    try:
        texts.save(standing.purpose, standing.language, "", by=staff_actor(), seen=form.number)
    except Refused as refused:
        return _refused(text_id, shown, refused), 409
    db.session.commit()
    flash(_("The shipped text holds again."), "success")
    return redirect(url_for(".letter_text", text_id=text_id), 303)


def _refused(text_id: str, form: forms.TextForm, refused: Refused) -> str:
    """The page with the words kept, beside the text as it now is."""
    db.session.rollback()
    say_why(form, refused)
    return _page(_standing_or_404(text_id), form, Preview())


def _standing_or_404(text_id: str) -> Standing:
    kind, _dot, rest = text_id.partition(".")
    audience, _dot, language = rest.partition(".")
    found = next((each for each in texts.purposes() if (each.kind, each.audience) == (kind, audience)), None)
    if found is None or language not in LANGUAGES:
        abort(404)
    return texts.standing(found, language)


def _page(standing: Standing, form: forms.TextForm, preview: Preview) -> str:
    form.version.data, form.version.raw_data = standing.number + 1, None
    return render_template(
        "secretariat/text.html",
        standing=standing,
        form=form,
        shipped_form=forms.ShippedForm(formdata=None, data={"version": standing.number + 1}),
        preview=preview,
        versions=texts.versions(standing.purpose, standing.language),
        placeholders=list(_placeholders(standing.purpose)),
        languages=LANGUAGES,
        direction=direction(standing.language),
        text_words=words,
    )


def _placeholders(purpose: Purpose) -> Iterator[tuple[str, str, bool]]:
    """What may stand in a text: how it is written, what it means, whether no text may leave it out."""
    needed = texts.needed(purpose)
    for name, placeholder in known_for(purpose).items():
        yield f"{{{{ {name} }}}}", str(_(placeholder.meaning)), name in needed


def _preview(standing: Standing, text: str, reference: str) -> Preview:
    """How a text reads about what was asked for, or about the newest that has had the step."""
    about, entry = queries.example(standing.purpose, reference)
    if about is None:
        return Preview(problems=(_nothing_there(standing.purpose, reference),))
    audience = standing.purpose.audience
    reader = next(iter(recipients(audience, about)), Recipient(""))
    facts, before = (entry.facts, entry.before) if entry else ({}, {})
    occasion = Occasion(reader, facts, about, before)
    page = _page_of(about)
    try:
        made = compose.rendered(text, standing.purpose, occasion, language=standing.language)
    except LetterError as error:
        return Preview(page, problems=(str(error),), had_step=entry is not None)
    return Preview(page, made, reader.address, entry is not None)


def _page_of(subject: Subject) -> About:
    if isinstance(subject, Enquiry):
        return about_enquiry(subject.reference, subject.subject)
    return about_expression(subject.reference, subject.organisation_name)


def _nothing_there(purpose: Purpose, reference: str) -> str:
    if purpose.folder == Enquiry.workflow.name:
        return str(_("No enquiry has this number.") if reference else _("There is no enquiry to show it with yet."))
    return str(
        _("No expression has this reference.") if reference else _("There is no expression to show it with yet.")
    )
