"""Conflicts of interest of staff with an applicant: declared, or seen from addresses and names.

It finds and stores them and leaves the commit to its caller. What follows from one, the table says.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import bindparam, select
from sqlalchemy.orm import joinedload
from sqlalchemy.orm.attributes import flag_modified

from intake import domains
from intake.extensions import db
from intake.models import (
    Conflict,
    ConflictKind,
    Expression,
    Outcome,
    SecondOpinion,
    Settlement,
    User,
    Verdict,
    now,
)
from intake.organisations import organisation_key
from workflows.expression import EDITABLE
from workflows.expression_guards import conflicted
from workflows.workflow import Reason, Refused

DECLARED_TWICE = Reason("declared_twice", "You have declared a conflict of interest with this applicant already.")
NOT_IN_FORCE = Reason("not_in_force", "This conflict of interest has been lifted already.")
OWN = Reason("own_conflict", "Nobody lifts a conflict of interest of their own. Ask somebody else of the secretariat.")
UNREASONED = Reason("unreasoned", "Give a reason; it is kept with the conflict of interest.")
IN_FORCE = select(Conflict).where(
    Conflict.expression_id.in_(bindparam("expressions", expanding=True)),
    Conflict.user_id.in_(bindparam("people", expanding=True)),
    Conflict.lifted_at.is_(None),
)
"""Written once: every step of staff asks whether the person has one."""


@dataclass(frozen=True, slots=True)
class Found:
    """A conflict of interest of one person with one applicant; `words` say what it is, to follow a colon."""

    words: str
    declared: Conflict | None = None


def conflict_of(expression: Expression, user: User) -> Found | None:
    """The conflict of interest of a member of staff with an applicant, or None; one statement.

    Declared ones come first. One is seen where the user works for an organisation of the same name, or where the
    user's address and one of the applicant's (contact, second, nominee, website) lie at or under one domain; see
    `intake.domains.shared` for what counts.
    """
    return among([expression], [user]).get((expression.id, user.id))


def among(expressions: Iterable[Expression], users: Iterable[User]) -> Mapping[tuple[int, int], Found]:
    """The conflicts of some people with some applicants, by the ids of expression and user; one statement."""
    asked, people = list(expressions), list(users)
    ids = {"expressions": [each.id for each in asked], "people": [each.id for each in people]}
    rows = db.session.scalars(IN_FORCE, ids)
    found = {(row.expression_id, row.user_id): Found(_declared(row), row) for row in rows}
    for user in people:
        for expression in asked:
            words = "" if (expression.id, user.id) in found else _seen(expression, user)
            if words:
                found[expression.id, user.id] = Found(words)
    return found


def kind_name(kind: ConflictKind) -> str:
    """What ties somebody to an applicant."""
    names = {
        ConflictKind.EMPLOYMENT: _("work for the applicant, now, before or soon"),
        ConflictKind.FINANCIAL: _("a financial interest"),
        ConflictKind.ADVICE: _("advice to the applicant, or help with this expression"),
        ConflictKind.PERSONAL: _("family, friendship or dispute with somebody there"),
        ConflictKind.OTHER: _("another tie"),
    }
    return str(names[kind])


def _declared(row: Conflict) -> str:
    return str(_("you declared %(kind)s", kind=kind_name(row.kind)))


def _seen(expression: Expression, user: User) -> str:
    """The conflict that names and addresses show; empty for none."""
    employer = organisation_key(user.organisation)
    if employer and employer == expression.organisation_key:
        return str(_("the account says that you work for %(organisation)s", organisation=user.organisation))
    own = domains.host(user.email)
    common = next(filter(None, (domains.shared(own, domains.host(each)) for each in _addresses(expression))), "")
    return str(_("your address and one of the applicant's are both at %(domain)s", domain=common)) if common else ""


def _addresses(expression: Expression) -> Iterator[str]:
    yield from (expression.contact_email, expression.second_email, expression.website)
    yield from (str(answer.get("nominee_email") or "") for answer in expression.criteria.values())


def refuse(expression: Expression, user: User) -> None:
    """Raises `Refused` with the reason of the table when this person has a conflict of interest here."""
    found = conflict_of(expression, user)
    if found is not None:
        raise Refused([conflicted(found.words)])


def of_expression(expression: Expression) -> list[Conflict]:
    """Everything that was declared about an applicant, newest first, with who declared and who lifted it."""
    rows = select(Conflict).where(Conflict.expression_id == expression.id).order_by(Conflict.id.desc())
    return list(db.session.scalars(rows.options(joinedload(Conflict.user), joinedload(Conflict.lifted_by))))


def declare(expression: Expression, *, by: User, kind: ConflictKind, reason: str) -> bool:
    """Keep that somebody declares a conflict; true when they were the screener, whom it drops. Raises `Refused`.

    As long as colleagues can judge anew, what this person had found no longer counts.
    """
    db.session.refresh(expression, with_for_update=True)
    if not reason.strip():
        raise Refused([UNREASONED])
    found = conflict_of(expression, by)
    if found is not None and found.declared is not None:
        raise Refused([DECLARED_TWICE])
    declared = Conflict(expression_id=expression.id, user_id=by.id, kind=kind, reason=reason)
    declared.taken_back = _take_back(expression, by) if expression.state in EDITABLE else []
    db.session.add(declared)
    was_screener = expression.screener_id == by.id
    if was_screener:
        expression.screener_id = None
    return was_screener


def _take_back(expression: Expression, by: User) -> list[dict[str, str]]:
    """Remove what somebody found, first or second, with what was settled on it; gives what it was."""
    verdicts = db.session.scalars(select(Verdict).where(Verdict.expression_id == expression.id)).all()
    opinions = db.session.scalars(select(SecondOpinion).where(SecondOpinion.expression_id == expression.id)).all()
    given: list[Verdict | SecondOpinion] = [*verdicts, *opinions]
    own = [each for each in given if each.screener_id == by.id]
    for each in own:
        db.session.delete(each)
    left = {verdict.criterion: verdict for verdict in verdicts if verdict not in own}
    _reopen(expression, left, {each.criterion for each in own})
    if own:
        expression.criteria_met = sum(verdict.outcome is Outcome.MET for verdict in left.values())
    return [{"criterion": each.criterion, "outcome": each.outcome.value, "reason": each.reason} for each in own]


def _reopen(expression: Expression, left: Mapping[str, Verdict], criteria: Iterable[str]) -> None:
    """Where one of two findings is gone, what was settled between them is open again."""
    made = select(Settlement).where(Settlement.expression_id == expression.id, Settlement.criterion.in_(criteria))
    for settlement in db.session.scalars(made):
        verdict = left.get(settlement.criterion)
        if verdict is not None:
            verdict.outcome, verdict.settled = settlement.first_outcome, ""
            flag_modified(verdict, "given_at")  # as it was: nobody gave it anew
        db.session.delete(settlement)


def lift(conflict: Conflict, *, by: User, reason: str) -> None:
    """End a declared conflict; never one's own. Raises `Refused`."""
    db.session.refresh(conflict, with_for_update=True)
    if conflict.user_id == by.id:
        raise Refused([OWN])
    if conflict.lifted_at is not None:
        raise Refused([NOT_IN_FORCE])
    if not reason.strip():
        raise Refused([UNREASONED])
    conflict.lifted_at, conflict.lifted_by_id, conflict.lift_reason = now(), by.id, reason
