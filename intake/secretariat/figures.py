"""View of the figures of the call, and the rows of its pictures and tables; the numbers come from `intake.figures`."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_babel import format_decimal, format_percent
from flask_babel import gettext as _

from intake import figures as counting
from intake.access import ANY_STAFF, staff
from intake.current import call_row, programme
from intake.models import now
from intake.programme import INTERNATIONAL
from intake.secretariat.blueprint import bp
from intake.staff_words import category_name, state_name
from intake.wording import day, group_name, place_name, region_name

Cell = str | int
Bar = tuple[str, float, Cell, int | None]
"""Label, number, words at the end of the bar, and a mark on the same scale."""
NEEDS = ("LDC", "LLDC", "SIDS")
NONE = "–"


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture with its table: what the picture draws, and head and rows of the table."""

    id: str
    title: str
    about: str
    drawn: Sequence[Bar]
    head: Sequence[str]
    rows: Sequence[Sequence[Cell]]


@bp.get("/figures")
@staff(*ANY_STAFF)
def figures() -> ResponseReturnValue:
    """How the call goes: how far expressions came, how long they wait, what arrives from where."""
    call = call_row()
    found, stays = counting.groups(call.id), counting.visits(call.id)
    total = sum(group.count for group in found)
    return render_template(
        "secretariat/figures.html",
        as_of=now(),
        total=total,
        forecast=counting.forecast(found, stays),
        process=[_funnel(counting.funnel(found, stays), total), _paces(counting.paces(stays))],
        days=[(day(date), count) for date, count in counting.days_of_call(counting.inflow(call.id))],
        origins=_origins(found, total),
        number=number,
    )


def number(value: float | None) -> str:
    """A median: whole, with its half, or a dash."""
    return NONE if value is None else str(format_decimal(value))


def _share(count: int, total: int) -> str:
    return str(format_percent(count / total if total else 0))


def _funnel(stages: Iterable[counting.Stage], total: int) -> Chart:
    stages = list(stages)
    return Chart(
        "funnel",
        str(_("How far expressions came")),
        str(_("Each stage counts all who reached it, also those who went further or left later.")),
        [(state_name(stage.state), stage.reached, stage.reached, None) for stage in stages],
        [
            _("Stage"),
            _("Reached"),
            _("Share"),
            *(_("%(state)s from here", state=state_name(s)) for s in counting.LEAVERS),
        ],
        [
            [state_name(stage.state), stage.reached, _share(stage.reached, total), *stage.left.values()]
            for stage in stages
        ],
    )


def _paces(paces: Iterable[counting.Pace]) -> Chart:
    about = _(
        "The median of the stays that have ended; a line across a bar marks what was promised. "
        "A step that was undone does not count."
    )
    paces = list(paces)
    return Chart(
        "paces",
        str(_("Working days in each state")),
        str(about),
        [(state_name(pace.state), pace.median or 0, number(pace.median), pace.promised) for pace in paces],
        [_("State"), _("Stays"), _("Median"), _("Longest"), _("Promised"), _("Kept")],
        [_pace_row(pace) for pace in paces],
    )


def _pace_row(pace: counting.Pace) -> list[Cell]:
    kept = NONE if pace.kept is None or not pace.stays else _share(pace.kept, pace.stays)
    promised: Cell = NONE if pace.promised is None else pace.promised
    longest: Cell = pace.longest if pace.stays else NONE
    return [state_name(pace.state), pace.stays, number(pace.median), longest, promised, kept]


def _origins(found: Sequence[counting.Group], total: int) -> list[Chart]:
    needs = counting.by_need(found)
    about_needs = _(
        "LDC: least developed countries; LLDC: landlocked developing countries; "
        "SIDS: small island developing States. A country may belong to several."
    )
    return [
        _counts("categories", _("By category"), "", _categories(counting.by_category(found)), total),
        _counts(
            "regions",
            _("By region"),
            _("Regions of ITU, by the country of the organisation."),
            _regions(counting.by_region(found)),
            total,
        ),
        _counts(
            "needs",
            _("Countries with particular needs"),
            about_needs,
            [(group_name(need), needs[need]) for need in NEEDS],
            total,
        ),
    ]


def _counts(id: str, title: str, about: str, rows: Sequence[tuple[str, int]], total: int) -> Chart:
    drawn: list[Bar] = [(label, count, count, None) for label, count in rows]
    told: list[list[Cell]] = [[label, count, _share(count, total)] for label, count in rows]
    return Chart(id, str(title), str(about), drawn, [_("Group"), _("Expressions"), _("Share")], told)


def _categories(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """In the order of the programme, with those that it no longer knows after them."""
    known = [category.id for category in programme().categories]
    others = sorted(set(counts) - set(known))
    return [(category_name(id) or str(_("Not given")), counts.get(id, 0)) for id in [*known, *others]]


def _regions(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """The largest first."""
    names = {INTERNATIONAL: place_name(INTERNATIONAL), "": str(_("In no region of ITU"))}
    rows = [(names.get(region) or region_name(region), count) for region, count in counts.items()]
    return sorted(rows, key=lambda row: (-row[1], row[0]))
