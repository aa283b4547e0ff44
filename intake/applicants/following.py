"""Views of an expression after it was sent: its status, its answers, points, the delegate, withdrawing."""

from collections.abc import Mapping
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from intake import drafting
from intake.access import applicant, opened_expression
from intake.applicants import attaching, filling, forms, moves, status, steps, summary
from intake.applicants.blueprint import bp
from intake.extensions import db
from intake.models import Expression
from intake.wording import reason_text
from workflows.expression import DELEGATE_NAMEABLE, EDITABLE
from workflows.workflow import Refused


def _home(expression: Expression) -> ResponseReturnValue:
    return redirect(url_for(".show", reference=expression.reference), 303)


@bp.get("/expressions/<reference:reference>")
@applicant
def show(reference: str) -> ResponseReturnValue:
    """The one address of an expression: the list of steps of a draft, the status of what was sent."""
    expression = opened_expression()
    if expression.submitted_at is None:
        return filling.task_list(expression)
    said, listed = status.of(expression), attaching.listed(expression)
    editable = expression.state in EDITABLE
    return render_template(
        "applicants/status.html",
        expression=expression,
        status=said,
        documents=listed,
        editable=editable,
        plain=forms.PlainForm(formdata=None),
    )


@bp.post("/expressions/<reference:reference>/nudge")
@applicant
def nudge(reference: str) -> ResponseReturnValue:
    """Ask where it stands, once the promised day has passed; too early or twice, it says until when to wait."""
    expression = opened_expression()
    try:
        taken = moves.take(expression, status.NUDGE, version=expression.version)
    except Refused as refused:
        flash(" ".join(reason_text(reason) for reason in refused.reasons), "info")
        return _home(expression)
    said = _("The secretariat is told that you ask where it stands.")
    flash(said if taken else _("It is no longer open; here is how things stand."), "success" if taken else "info")
    return _home(expression)


@bp.get("/expressions/<reference:reference>/answers")
@applicant
def answers(reference: str) -> ResponseReturnValue:
    """Everything that was answered, to read and print."""
    expression = opened_expression()
    parts, editable = summary.parts(expression), expression.state in EDITABLE
    listed = attaching.listed(expression)
    return render_template(
        "applicants/answers.html", expression=expression, parts=parts, documents=listed, editable=editable
    )


def _points_page(expression: Expression, form: forms.PointsForm, theirs: list[Any] | None = None) -> str:
    form.seen.data = steps.digest(expression.points)
    due = status.deadline(expression.answer_due_on)
    return render_template("applicants/points.html", expression=expression, form=form, due=due, theirs=theirs)


@bp.get("/expressions/<reference:reference>/points")
@applicant
def points(reference: str) -> ResponseReturnValue:
    """The points that wait for an answer."""
    expression = opened_expression()
    moves.require(expression, "resubmit")
    return _points_page(expression, forms.for_points(expression.points))


@bp.post("/expressions/<reference:reference>/points")
@applicant
def answer_points(reference: str) -> ResponseReturnValue:
    """Keep the answers, and send them when asked to."""
    expression = opened_expression()
    if not moves.is_open(expression, "resubmit"):
        flash(_("The answers had already been received; here is how things stand."), "info")
        return _home(expression)
    return _try_answers(expression, forms.for_points(expression.points))


def _try_answers(expression: Expression, form: forms.PointsForm) -> ResponseReturnValue:
    """Show the form again with what is wrong, if anything is."""
    if not form.validate():
        return _points_page(expression, form), 422
    try:
        return _answered(expression, form)
    except steps.Differs as differs:
        return _points_page(expression, form, theirs=list(differs.stored["points"])), 409
    except Refused as refused:
        moves.explain(form, refused)
        return _points_page(expression, form), 409


def _answered(expression: Expression, form: forms.PointsForm) -> ResponseReturnValue:
    _keep_answers(expression, form)
    if request.form.get("go") != "send":
        flash(_("Saved. Send the answers when they are complete."), "success")
        return redirect(url_for(".points", reference=expression.reference), 303)
    sent_now = moves.take(expression, "resubmit", version=expression.version)
    flash(_("We have received your answers.") if sent_now else _("We had already received your answers."), "success")
    return _home(expression)


def _keep_answers(expression: Expression, form: forms.PointsForm) -> None:
    """Commit the answers. Raises `Differs` when somebody changed points or answers since the page was shown."""
    replies = [field.data for field in form.replies]
    if replies != [point["answer"] for point in expression.points]:
        if form.seen.data != steps.digest(expression.points):
            kept: Mapping[str, Any] = {"points": expression.points}
            db.session.rollback()
            raise steps.Differs(kept)
        drafting.answer_points(expression, replies)
    db.session.commit()


@bp.get("/expressions/<reference:reference>/delegate")
@applicant
def delegate(reference: str) -> ResponseReturnValue:
    """Who speaks for the organisation at the Roundtable."""
    expression = opened_expression()
    if expression.state not in DELEGATE_NAMEABLE:
        raise Refused([drafting.NOT_NAMEABLE])
    named = {"delegate_name": expression.delegate_name, "delegate_title": expression.delegate_title}
    return _delegate_page(expression, forms.DelegateForm(formdata=None, data=named))


def _delegate_page(expression: Expression, form: forms.DelegateForm) -> str:
    return render_template("applicants/delegate.html", expression=expression, form=form)


@bp.post("/expressions/<reference:reference>/delegate")
@applicant
def name_delegate(reference: str) -> ResponseReturnValue:
    """Keep the delegate's name and title; both are needed."""
    expression, form = opened_expression(), forms.DelegateForm()
    form.validate()
    for field in (form.delegate_name, form.delegate_title):
        if not field.data and not field.errors:
            form.blame(field.name, _("%(label)s: write it; a seat is given to a person.", label=str(field.label.text)))
    if form.errors:
        return _delegate_page(expression, form), 422
    drafting.name_delegate(expression, name=form.delegate_name.data or "", title=form.delegate_title.data or "")
    db.session.commit()
    flash(_("The delegate is named."), "success")
    return _home(expression)


def _withdraw_page(expression: Expression, form: forms.WithdrawForm) -> str:
    form.version.data = expression.version
    return render_template("applicants/withdraw.html", expression=expression, form=form)


@bp.get("/expressions/<reference:reference>/withdraw")
@applicant
def withdraw(reference: str) -> ResponseReturnValue:
    """What withdrawing means, and the reason for it."""
    expression = opened_expression()
    moves.require(expression, "withdraw")
    return _withdraw_page(expression, forms.WithdrawForm(formdata=None))


@bp.post("/expressions/<reference:reference>/withdraw")
@applicant
def withdraw_now(reference: str) -> ResponseReturnValue:
    """Withdraw for good; only the secretariat can open it again."""
    expression, form = opened_expression(), forms.WithdrawForm()
    if not form.validate():
        return _withdraw_page(expression, form), 422
    try:
        taken = moves.take(expression, "withdraw", version=form.version.data or 0, reason=form.reason.data)
    except Refused as refused:
        moves.explain(form, refused)
        return _withdraw_page(expression, form), 409
    said = _("Your expression of interest is withdrawn.")
    flash(said if taken else _("It is no longer open; here is how things stand."), "success" if taken else "info")
    return _home(expression)
