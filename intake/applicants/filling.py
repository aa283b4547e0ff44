"""Views of the form: its steps, each saved as it is sent, and the check before it is sent to the secretariat."""

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from intake import contacts, documents, drafting
from intake.access import applicant, opened_expression
from intake.applicants import attaching, forms, moves, places, sparing, steps, summary
from intake.applicants.blueprint import bp
from intake.applicants.people import asked_in_words
from intake.circumstances import duplicates_of
from intake.current import programme
from intake.extensions import db
from intake.models import Expression, now
from intake.wording import today
from workflows.expression import EDITABLE
from workflows.expression_words import STEPS
from workflows.workflow import Refused


def _step_or_404(step_id: str) -> steps.Step:
    return next((step for step in steps.steps() if step.id == step_id), None) or abort(404)


def home(expression: Expression) -> str:
    """Where somebody goes who has finished a step: the list of a draft, the answers of what was sent."""
    endpoint = ".answers" if expression.submitted_at else ".show"
    return url_for(endpoint, reference=expression.reference)


def _goes_home(expression: Expression) -> bool:
    return bool(expression.submitted_at) or request.form.get("go") == "list"


def _after(expression: Expression, step: steps.Step) -> str:
    """Home if asked for; else the next step of a draft, and after the last one the check."""
    if _goes_home(expression):
        return home(expression)
    order = [each.id for each in steps.steps()]
    rest = order[order.index(step.id) + 1 :]
    if not rest:
        return url_for(".check", reference=expression.reference)
    return url_for(".step", reference=expression.reference, step_id=rest[0])


def _step_page(
    expression: Expression, step: steps.Step, form: forms.StepForm, *, theirs: list[summary.Row] | None = None
) -> str:
    order = steps.steps()
    place = order.index(step)
    return render_template(
        "applicants/step.html",
        expression=expression,
        step=step,
        form=form,
        place=place + 1,
        steps=order,
        previous=order[place - 1] if place else None,
        home=home(expression),
        theirs=theirs,
        regions=places.by_region,
        today=today(),
        unconfirmed=places.unconfirmed_exits,
        editable=expression.state in EDITABLE,
    )


@bp.get("/expressions/<reference:reference>/answers/<step_id>")
@applicant
def step(reference: str, step_id: str) -> ResponseReturnValue:
    """One step of the form, as it is kept."""
    expression, found = opened_expression(), _step_or_404(step_id)
    if expression.state not in EDITABLE:
        raise Refused([drafting.NOT_EDITABLE])
    stored = found.stored(expression)
    form = found.form(formdata=None, data={**found.form.shown(stored), "seen": steps.digest(stored)})
    return _step_page(expression, found, form)


@bp.post("/expressions/<reference:reference>/answers/<step_id>")
@applicant
def save_step(reference: str, step_id: str) -> ResponseReturnValue:
    """Keep what is valid; show again what is not, and what is still needed."""
    expression, found = opened_expression(), _step_or_404(step_id)
    goes_home, onwards = _goes_home(expression), _after(expression, found)
    form = found.form(data=found.form.shown(found.stored(expression)))
    form.validate()
    try:
        missing = steps.save(expression, found, form)
    except (steps.Differs, Refused) as error:
        return _not_saved(expression, found, form, error)
    _blame_missing(found, form, missing)
    if form.errors:
        form.seen.data = steps.digest(found.stored(expression))
        return _step_page(expression, found, form), 422
    if goes_home:
        flash(_("Saved: %(step)s", step=found.title), "success")
    if found.id == "contact" and (asked := contacts.next_contact(expression)):
        flash(asked_in_words(expression, asked.address), "info")
    return redirect(onwards, 303)


def _not_saved(
    expression: Expression, step: steps.Step, form: forms.StepForm, error: steps.Differs | Refused
) -> ResponseReturnValue:
    """Show again what was typed, with why it was not kept; a change by somebody else beside it."""
    stored = step.stored(expression)
    form.seen.data = steps.digest(stored)
    if isinstance(error, Refused):
        moves.explain(form, error)
        return _step_page(expression, step, form), 409
    return _step_page(expression, step, form, theirs=summary.rows(step, stored)), 409


def _blame_missing(step: steps.Step, form: forms.StepForm, missing: list[str]) -> None:
    """Say which answers are still needed, unless the person goes back to the list to give them later."""
    if request.form.get("go") == "list":
        return
    for name in missing:
        field = form[step.form.shown_at.get(name, name)]
        if not field.errors:
            said = _("%(label)s: this answer is needed before you can send.", label=str(field.label.text))
            form.blame(field.name, said)


def task_list(expression: Expression) -> ResponseReturnValue:
    """The steps of a draft with their status."""
    missing = steps.missing_by_step(expression)
    done = [(each, each.status(expression, missing)) for each in steps.steps()]
    plain, held = forms.PlainForm(formdata=None), documents.of(expression)
    return render_template(
        "applicants/tasks.html",
        expression=expression,
        done=done,
        missing=missing,
        form=plain,
        documents=held,
        contact=contacts.standing(expression),
    )


def _check_page(expression: Expression, form: forms.SendForm) -> str:
    form.version.data = expression.version
    return render_template(
        "applicants/check.html",
        expression=expression,
        form=form,
        parts=summary.parts(expression),
        documents=attaching.listed(expression),
        missing=steps.missing_by_step(expression),
        contact=contacts.standing(expression),
        plain=forms.PlainForm(formdata=None),
        duplicate=bool(duplicates_of(expression)),
        button=_(STEPS["submit"].button),
    )


@bp.get("/expressions/<reference:reference>/check")
@applicant
def check(reference: str) -> ResponseReturnValue:
    """All answers before they are sent."""
    expression = opened_expression()
    if not moves.is_open(expression, "submit"):
        return redirect(url_for(".show", reference=reference), 303)
    return _check_page(expression, forms.SendForm(formdata=None))


@bp.post("/expressions/<reference:reference>/check")
@applicant
def send(reference: str) -> ResponseReturnValue:
    """Send the expression; sent twice, it is received once."""
    expression, form = opened_expression(), forms.SendForm()
    form.validate()
    if moves.is_open(expression, "submit") and (said := sparing.objection(expression, form)):
        form.form_errors = [*form.form_errors, said]
        return _check_page(expression, form), 422
    try:
        sent_now = _send(expression, form)
    except Refused as refused:
        moves.explain(form, refused)
        return _check_page(expression, form), 409
    if sent_now and contacts.invite_unproven(expression):
        db.session.commit()
    said = _("We have received your expression of interest. A letter confirms it.")
    flash(said if sent_now else _("We had already received this expression of interest."), "success")
    return redirect(url_for(".show", reference=reference), 303)


def _send(expression: Expression, form: forms.SendForm) -> bool:
    """Note the consent and take the step in one transaction, if nothing changed since the page was shown."""
    version: Any = form.version.data
    if moves.is_open(expression, "submit") and version == expression.version:
        expression.consented_at = now() if form.consent.data else None
        expression.notice_version = programme().notice.version if form.consent.data else ""
        expression.duplicate_acknowledged = bool(form.acknowledged.data)
        db.session.flush()
        version = expression.version
    return moves.take(expression, "submit", version=version)
