"""Reads what somebody asks about the groups before it is done, and answers with the counts before and after."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import load_only

from intake import composition
from intake.composition import Counts, Place
from intake.current import programme
from intake.extensions import db
from intake.forms import tidy
from intake.models import Expression
from intake.staff_words import area_name, readable, state_name
from workflows.expression import ACTIVE, PLACED, State

LONGEST = 40


class Act(StrEnum):
    """What could be done with an expression."""

    ASSIGN = "assign"
    MOVE = "move"
    WITHDRAW = "withdraw"


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked, as it stands in the form; `trouble` says why there is no answer."""

    reference: str = ""
    act: Act | None = None
    area: str = ""
    expression: Expression | None = None
    trouble: str = ""

    @property
    def is_asked(self) -> bool:
        """Whether there is anything to answer."""
        return bool(self.reference or self.trouble)

    @property
    def out_of(self) -> str | None:
        """The group that would be left."""
        assert self.expression is not None  # noqa: S101 - a question without trouble has one
        return self.expression.focus_area if self.expression.state in PLACED else None

    @property
    def into(self) -> str | None:
        """The group that would be entered."""
        return None if self.act is Act.WITHDRAW else self.area


@dataclass(frozen=True, slots=True)
class Answer:
    """What would change: the counts afterwards, and which gaps would close and open."""

    question: Question
    before: Counts
    after: Counts

    def change(self, place: Place) -> int:
        """What one place would gain or lose."""
        return self.after.get(place, 0) - self.before.get(place, 0)

    @property
    def closes(self) -> list[Place]:
        """The gaps that somebody would fill."""
        return [place for place in composition.gaps(self.before) if self.after.get(place)]

    @property
    def opens(self) -> list[Place]:
        """The gaps that would be left."""
        return [place for place in composition.gaps(self.after) if self.before.get(place)]


def act_names() -> Mapping[Act, str]:
    """What could be done, in words."""
    return {
        Act.ASSIGN: _("assigned to"),
        Act.MOVE: _("moved to"),
        Act.WITHDRAW: _("withdrawn"),
    }


def read(args: Mapping[str, str], call_id: int) -> Question:
    """The question that stands in an address; one statement when a reference is given."""
    reference = readable(tidy(args.get("reference", "")), LONGEST).upper()
    asked, area = args.get("act", ""), args.get("area", "")
    act = Act(asked) if asked in set(Act) else None
    known = {each.id for each in programme().focus_areas}
    question = Question(reference, act, area if area in known else "")
    if not reference:
        return replace(question, trouble=str(_("Give the reference of an expression."))) if asked or area else question
    expression = _expression(reference, call_id)
    if expression is None:
        said = _("There is no expression with the reference “%(reference)s” in this call.", reference=reference)
        return replace(question, trouble=str(said))
    question = replace(question, expression=expression)
    if not area:
        question = replace(question, area=_proposed(expression))
    return replace(question, trouble=_trouble(question, asked))


def _expression(reference: str, call_id: int) -> Expression | None:
    shown = (
        Expression.reference,
        Expression.organisation_name,
        Expression.category,
        Expression.state,
        Expression.focus_area,
        Expression.preferences,
    )
    found = select(Expression).where(Expression.reference == reference, Expression.call_id == call_id)
    return db.session.scalar(found.where(Expression.state != State.DRAFT).options(load_only(*shown, raiseload=True)))


def _proposed(expression: Expression) -> str:
    """The first preference that is not the group it is in."""
    known = {area.id for area in programme().focus_areas}
    return next((area for area in expression.preferences if area in known - {expression.focus_area}), "")


def _trouble(question: Question, asked: str) -> str:
    """Why the question has no answer, and how to mend it; empty when it has one."""
    expression = question.expression
    assert expression is not None  # noqa: S101 - asked of one that was found
    is_placed = expression.state in PLACED
    state = state_name(expression.state).lower()
    if question.act is None:
        return str(_("“%(act)s” is not known here. Choose what would be done.", act=readable(asked, LONGEST)))
    if expression.state not in ACTIVE:
        return str(_("It has left the call (%(state)s), so nothing would change in the groups.", state=state))
    if question.act is Act.WITHDRAW:
        return "" if is_placed else str(_("It is in no group yet, so its withdrawal would change none."))
    if not question.area:
        return str(_("Choose a focus area."))
    if question.act is Act.ASSIGN and is_placed:
        said = _("It is in %(area)s already: ask what a move would do.", area=area_name(expression.focus_area))
        return str(said)
    if question.act is Act.MOVE and not is_placed:
        return str(_("It is in no group yet: ask what an assignment would do."))
    if question.area == expression.focus_area and is_placed:
        return str(_("It is in this focus area already. Choose another one."))
    return ""


def answer(question: Question, before: Counts) -> Answer | None:
    """What would change; None when nothing was asked or the question is in trouble."""
    if question.trouble or question.expression is None:
        return None
    category = question.expression.category
    after = composition.moved(before, category, out_of=question.out_of, into=question.into)
    return Answer(question, before, after)
