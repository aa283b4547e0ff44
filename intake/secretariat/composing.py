"""Views of the composition of the groups, with the what-if of one step, and of the members of one group."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from intake import composition as groups
from intake import staff_words
from intake.access import ANY_STAFF, staff, staff_actor
from intake.current import call_row, programme
from intake.models import Expression, now
from intake.programme import FocusArea
from intake.secretariat import what_if
from intake.secretariat.blueprint import bp
from intake.wording import labelled, listed
from workflows.expression import EXPRESSION, State

Seat = tuple[str, int, int]
"""Category, members, and what would be added or taken."""
STEPS = {what_if.Act.ASSIGN: "assign", what_if.Act.MOVE: "reassign", what_if.Act.WITHDRAW: "withdraw"}


@dataclass(frozen=True, slots=True)
class Group:
    """A working group as it is drawn and listed; `described` says in words what the picture shows."""

    area: FocusArea
    seats: Sequence[Seat]
    total: int
    members: Sequence[Expression]

    @property
    def described(self) -> str:
        """The picture in words."""
        return listed(labelled(category, number or _("gap")) for category, number, _change in self.seats)


@bp.get("/composition")
@staff(*ANY_STAFF)
def composition() -> ResponseReturnValue:
    """Who sits where, what is missing, who would fill it, who waits, and what one step would change."""
    call = call_row()
    standing, line = groups.standing(call.id), groups.lines(call.id)
    question = what_if.read(request.args, call.id)
    answer = what_if.answer(question, standing.counts)
    return render_template(
        "secretariat/composition.html",
        as_of=now(),
        standing=standing,
        groups=_groups(standing, answer, groups.first_members(call.id)),
        rows=_rows(standing.counts, answer),
        gaps=_gaps(call.id, standing.counts),
        seats=groups.seats(standing.taken, line),
        line=line,
        question=question,
        answer=answer,
        acts=what_if.act_names(),
        step=_step(question),
        assigns=_is_open(State.SCREENED, "assign"),
    )


def _is_open(state: State, trigger: str) -> bool:
    """Whether the table gives a step from a state to this person."""
    row = EXPRESSION.row(state, trigger)
    return row is not None and bool(row.who & staff_actor().roles)


def _step(question: what_if.Question) -> str | None:
    """The step that would do what is asked, where the table gives it to this person now."""
    if question.trouble or question.expression is None or question.act is None:
        return None
    trigger = STEPS[question.act]
    return trigger if _is_open(question.expression.state, trigger) else None


def _gaps(call_id: int, counts: groups.Counts) -> Mapping[groups.Place, groups.Line | None]:
    """Each gap with who would fill it."""
    places = groups.gaps(counts)
    found = groups.candidates(call_id, places)
    return {place: found.get(place) for place in places}


def _groups(
    standing: groups.Standing, answer: what_if.Answer | None, members: Mapping[str | None, Sequence[Expression]]
) -> list[Group]:
    counts = answer.after if answer else standing.counts
    return [
        Group(
            area,
            [
                (each.short_name, counts.get((area.id, each.id), 0), answer.change((area.id, each.id)) if answer else 0)
                for each in programme().categories
            ],
            sum(number for (placed, _category), number in counts.items() if placed == area.id),
            members.get(area.id, []),
        )
        for area in programme().focus_areas
    ]


def _rows(before: groups.Counts, answer: what_if.Answer | None) -> list[tuple[str, list[tuple[str | int, bool, bool]]]]:
    """The rows of the macro `matrix`; where a step would change a number, it is told before and after."""
    if answer is None:
        return [(label, [*cells]) for label, cells in staff_words.composition_rows(before)]
    rows = []
    for area in programme().focus_areas:
        places = [(area.id, category.id) for category in programme().categories]
        rows.append((area.name, [_cell(answer, place) for place in places]))
    return rows


def _cell(answer: what_if.Answer, place: groups.Place) -> tuple[str | int, bool, bool]:
    before, after = answer.before.get(place, 0), answer.after.get(place, 0)
    told: str | int = f"{before} → {after} ({after - before:+d})".replace("-", "−") if before != after else before
    return told, after == 0, before != after


@bp.get("/composition/members")
@staff(*ANY_STAFF)
def members() -> ResponseReturnValue:
    """The members of one group, page by page."""
    known = {area.id: area for area in programme().focus_areas}
    area = known.get(request.args.get("area", ""))
    if area is None:
        abort(404)
    call, at = call_row(), request.args.get("from", "")
    cursor = groups.BY_NAME.read(at) if at else None
    page = groups.members(call.id, area.id, cursor)
    total = groups.standing(call.id).total(area.id)
    ignored = [staff_words.readable(at, 40)] if at and cursor is None else []
    return render_template("secretariat/members.html", area=area, page=page, total=total, ignored=ignored)
