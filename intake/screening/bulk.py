"""Views of a step on many expressions: the list, the dry run, the confirmation, the run as it goes on, its report."""

from collections.abc import Iterable, Mapping
from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from intake import bulk, exports
from intake.access import ANY_STAFF, staff, staff_actor
from intake.current import programme
from intake.screening import bulk_forms, bulk_plans, bulk_queries
from intake.screening.blueprint import bp, myself
from intake.staff_words import button, state_name
from intake.wording import moment
from workflows.expression import ACTIVE, EXPRESSION

RUN = "/bulk/runs/<int(max=2147483647):run_id>"


@bp.get("/bulk")
@staff(*ANY_STAFF)
def bulk_home() -> ResponseReturnValue:
    """The list to begin with, filled with the references in the address, and the latest runs."""
    return _home(bulk_forms.for_list(staff_actor(), lines=request.args.getlist("reference")[: bulk.MOST]))


@bp.post("/bulk")
@staff(*ANY_STAFF)
def choose_bulk_step() -> ResponseReturnValue:
    """The facts of the chosen step, or its dry run at once when it asks for none."""
    form = bulk_forms.for_list(staff_actor(), formdata=request.form)
    if not form.validate():
        return _home(form), 422
    trigger = form["step"].data
    if not trigger:
        form.blame("step", _("Choose the step to take."))
        return _home(form), 422
    facts = bulk_forms.for_step(trigger, lines=form["references"].lines)
    if facts.asked:
        return _facts_page(trigger, facts)
    return _dry_run_page(trigger, facts, form.expressions)


def _home(form: bulk_forms.ListForm) -> str:
    steps = bulk.open_to(staff_actor().roles)
    return render_template("screening/bulk.html", form=form, steps=steps, runs=bulk_queries.latest())


@bp.post("/bulk/steps/<trigger:trigger>")
@staff(*ANY_STAFF)
def check_bulk(trigger: str) -> ResponseReturnValue:
    """The dry run: who would move, who would not and why, how many letters."""
    bulk.check(trigger, staff_actor())
    form = bulk_forms.for_step(trigger, formdata=request.form)
    if not form.validate():
        return _facts_page(trigger, form), 422
    return _dry_run_page(trigger, form, form.expressions)


def _facts_page(trigger: str, form: bulk_forms.ListForm) -> str:
    return render_template("screening/bulk_step.html", trigger=trigger, form=form)


def _dry_run_page(trigger: str, form: bulk_forms.ListForm, expressions: list[Any]) -> str:
    actor, facts, user_id = staff_actor(), form.facts(), myself().id
    seen = bulk.dry_run(expressions, trigger, facts, actor=actor)
    plan = bulk_forms.PlanForm(formdata=None, plan=bulk_plans.sealed(trigger, facts, seen, user_id=user_id))
    rows = [row for row in EXPRESSION.table if row.trigger == trigger]
    return render_template(
        "screening/bulk_dry_run.html",
        trigger=trigger,
        form=form,
        seen=seen,
        why=why,
        plan=plan,
        asked=bulk_forms.said(facts, trigger),
        minutes=programme().call.undo_minutes if all(row.undoable for row in rows) else 0,
        ends=any(row.target is not None and row.target not in ACTIVE for row in rows),
    )


@bp.post("/bulk/runs")
@staff(*ANY_STAFF)
def start_bulk() -> ResponseReturnValue:
    """Store the run that was confirmed, once, and take its first slice."""
    actor, user_id = staff_actor(), myself().id
    plan = bulk_plans.opened(request.form.get("plan", ""), user_id=user_id)
    bulk.check(plan.trigger, actor)
    run_id = bulk.start(plan, user_id=user_id)
    bulk.go_on(run_id, actor=actor)
    return _to_run(run_id)


@bp.get(RUN)
@staff(*ANY_STAFF)
def bulk_run(run_id: int) -> ResponseReturnValue:
    """How far a run is, and what became of each expression."""
    run = bulk_queries.run_or_404(run_id)
    return render_template(
        "screening/bulk_run.html",
        run=run,
        lines=bulk_queries.lines(run_id),
        why=why,
        fate_name=fate_name,
        asked=bulk_forms.said(run.facts, run.trigger),
        may=run.trigger in bulk.open_to(staff_actor().roles),
    )


@bp.post(RUN)
@staff(*ANY_STAFF)
def go_on_with_bulk(run_id: int) -> ResponseReturnValue:
    """Take the next slice of a run, whoever began it."""
    actor = staff_actor()
    bulk.check(bulk_queries.run_or_404(run_id).trigger, actor)
    bulk.go_on(run_id, actor=actor)
    return _to_run(run_id)


def _to_run(run_id: int) -> ResponseReturnValue:
    run = bulk_queries.run_or_404(run_id)
    if run.finished_at:
        flash(_("“%(step)s” is done for all that could take it.", step=button(run.trigger)), "success")
    return redirect(url_for(".bulk_run", run_id=run_id), 303)


@bp.get(f"{RUN}/report.csv")
@staff(*ANY_STAFF)
def bulk_report(run_id: int) -> ResponseReturnValue:
    """What became of each expression, as a file."""
    run = bulk_queries.run_or_404(run_id)
    head = [_("Reference"), _("Organisation"), _("Outcome"), _("Why not"), _("State now"), _("Letters"), _("When")]
    rows = [_cells(line) for line in bulk_queries.lines(run_id)]
    disposition = {"Content-Disposition": f'attachment; filename="{run.trigger}-{run_id}.csv"'}
    return Response(b"".join(exports.as_csv(head, rows)), mimetype=exports.MIMETYPES["csv"], headers=disposition)


def _cells(line: bulk_queries.Line) -> list[str]:
    reasons, when = " ".join(why(line.reasons)), moment(line.done_at)
    named = [line.reference, line.name, fate_name(line.fate), reasons]
    return [*named, state_name(line.state), str(line.letters), when]


def why(reasons: Iterable[Mapping[str, Any]]) -> list[str]:
    """Reasons as an item keeps them, in the language of the page."""
    return [str(_(reason["message"], **reason["params"])) for reason in reasons]


def fate_name(fate: str) -> str:
    """What became of an expression, in a word or two."""
    names = {
        "waiting": _("Waiting"),
        "moved": _("Moved"),
        "refused": _("Not moved"),
        "stale": _("Changed meanwhile"),
    }
    return str(names[fate])
