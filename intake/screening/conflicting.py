"""Views of conflicts of interest with one applicant: declaring one's own, and lifting a colleague's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField

from intake import conflicts
from intake.access import ANY_STAFF, staff, staff_actor
from intake.extensions import db
from intake.forms import SHORT_TEXT, IntakeForm, RadiosField, TextField
from intake.models import Conflict, ConflictKind, Expression
from intake.screening import queries
from intake.screening.blueprint import bp, myself
from intake.screening.steps import Offer
from intake.staff_words import criterion_name, outcome_name
from intake.wording import labelled, reason_text
from workflows.people import Role
from workflows.workflow import Reason, Refused

NONE: Mapping[int, "LiftForm"] = {}


def _tie(kind: ConflictKind) -> str:
    """A kind of conflict as it begins a line."""
    name = conflicts.kind_name(kind)
    return name[:1].upper() + name[1:]


class ReasonForm(IntakeForm):
    """A form that asks why, and what else `needed` names."""

    needed: ClassVar[tuple[str, ...]] = ("reason",)

    def validate(self, extra_validators: object = None) -> bool:
        """Every field that is needed is filled in."""
        super().validate(extra_validators)
        for name in self.needed:
            if not self[name].data and not self[name].errors:
                self.blame(name, _("%(label)s: this answer is needed.", label=str(self[name].label.text)))
        return not self.errors


class DeclareForm(ReasonForm):
    """A conflict of one's own; `confirmed` once its consequences were shown."""

    confirmed = HiddenField()
    kind = RadiosField(
        _l("What ties you to the applicant"),
        lambda: {kind.value: _tie(kind) for kind in ConflictKind},
    )
    reason = TextField(_l("In a sentence, what it is"), SHORT_TEXT)
    needed = ("kind", "reason")


class LiftForm(ReasonForm):
    """Why a conflict of a colleague ends."""

    reason = TextField(_l("Why it no longer holds, or never did"), SHORT_TEXT)


def _lift_form(row: Conflict) -> LiftForm:
    """Its fields carry the number of the conflict, because a page may hold several."""
    return LiftForm(prefix=f"conflict-{row.id}")


@dataclass(frozen=True, slots=True)
class Standing:
    """What the page of an expression says: this person's own conflict in words, and how many others declared one."""

    words: str | None
    others: int


def standing(offer: Offer) -> Standing:
    """How the person of an offer stands to the applicant; one statement for the secretariat, else none of its own."""
    user_id = offer.actor.user_id
    words = None if user_id is None else offer.around.conflict_of(user_id)
    lifts = Role.SECRETARIAT in offer.actor.roles
    rows = conflicts.of_expression(offer.expression) if lifts else []
    return Standing(words, sum(row.lifted_at is None and row.user_id != user_id for row in rows))


@bp.get("/expressions/<reference:reference>/conflicts")
@staff(*ANY_STAFF)
def conflict(reference: str) -> ResponseReturnValue:
    """One's own conflict of interest; for the secretariat, everybody's."""
    return _page(queries.expression_or_404(reference), DeclareForm())


def _page(
    expression: Expression,
    form: DeclareForm,
    *,
    lifting: Mapping[int, LiftForm] = NONE,
    asks: bool = False,
    reasons: Sequence[Reason] = (),
) -> str:
    """The page; `lifting` has the form of a conflict that was sent and is not right yet."""
    form.confirmed.data = "yes" if asks else ""
    lifts = Role.SECRETARIAT in staff_actor().roles
    rows = [row for row in conflicts.of_expression(expression) if lifts or row.user_id == myself().id]
    of_others = [row for row in rows if row.lifted_at is None and row.user_id != myself().id]
    return render_template(
        "screening/conflicts.html",
        expression=expression,
        form=form,
        asks=asks,
        words=conflicts.conflict_of(expression, myself()),
        rows=rows,
        lifts={row.id: lifting.get(row.id) or _lift_form(row) for row in of_others},
        tie=_tie,
        found=_found,
        reasons=[reason_text(reason) for reason in reasons],
    )


def _found(findings: Sequence[Mapping[str, str]]) -> list[str]:
    """Findings that were taken back, a line each."""
    return [
        labelled(criterion_name(each["criterion"]), f"{outcome_name(each['outcome'])} – {each['reason']}")
        for each in findings
    ]


def _refused(reference: str, form: DeclareForm, error: Refused) -> ResponseReturnValue:
    db.session.rollback()
    return _page(queries.expression_or_404(reference), form, reasons=error.reasons), 409


@bp.post("/expressions/<reference:reference>/conflicts")
@staff(*ANY_STAFF)
def declare_conflict(reference: str) -> ResponseReturnValue:
    """Declare a conflict of one's own, after its consequences were shown."""
    expression, form = queries.expression_or_404(reference), DeclareForm()
    if not form.validate():
        return _page(expression, form), 422
    if not form.confirmed.data:
        return _page(expression, form, asks=True)
    try:
        dropped = conflicts.declare(
            expression, by=myself(), kind=ConflictKind(form.kind.data), reason=form.reason.data or ""
        )
        db.session.commit()
    except Refused as error:
        return _refused(reference, form, error)
    flash(_("Your conflict of interest is kept. Colleagues decide on this applicant now."), "success")
    if dropped:
        flash(_("You are no longer the screener of this expression; nobody is, until somebody takes it."), "info")
    return redirect(url_for(".show", reference=reference), 303)


@bp.post("/expressions/<reference:reference>/conflicts/<int(max=2147483647):conflict_id>/lift")
@staff(Role.SECRETARIAT)
def lift_conflict(reference: str, conflict_id: int) -> ResponseReturnValue:
    """End a conflict that a colleague declared."""
    expression, row = queries.expression_or_404(reference), db.session.get(Conflict, conflict_id)
    if row is None or row.expression_id != expression.id:
        abort(404)
    form = _lift_form(row)
    if not form.validate():
        return _page(expression, DeclareForm(formdata=None), lifting={row.id: form}), 422
    try:
        conflicts.lift(row, by=myself(), reason=form.reason.data or "")
        db.session.commit()
    except Refused as error:
        return _refused(reference, DeclareForm(formdata=None), error)
    flash(_("The conflict of interest is lifted. It stays on record with your reason."), "success")
    return redirect(url_for(".conflict", reference=reference), 303)
