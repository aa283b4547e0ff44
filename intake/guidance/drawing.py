"""Lays a table out as a chart: a column for each state, an arrow for each step in a line of its own; writes no SVG."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import Any

from workflows.workflow import Transition, Workflow

COLUMN, BOX, BOX_HEIGHT, LINE, MARGIN = 124, 108, 46, 46, 8
"""Pixels: from state to state, the width and height of a state's box, from step to step, around it all."""
LETTERS_IN_BOX, LETTER = 15, 7
"""How many letters a line of a box holds, and how wide one is at most."""


@dataclass(frozen=True, slots=True)
class Box:
    """A state: the middle of its box, its name in lines, and whether it lies on the main line."""

    x: int
    name: tuple[str, ...]
    is_main: bool


@dataclass(frozen=True, slots=True)
class Arrow:
    """A step: a dot at each state it starts from, a line, and a head where it leads; a loop where the state stays.

    A head is the middle of the state's column and the direction of the arrow, 1 forwards or -1 back.
    """

    number: int
    label: str
    y: int
    dots: tuple[int, ...]
    heads: tuple[tuple[int, int], ...]
    stays: bool
    label_x: int
    label_ends: bool

    @property
    def left(self) -> int:
        """Where the line begins."""
        return min(self.dots + tuple(x for x, _ in self.heads))

    @property
    def right(self) -> int:
        """Where the line ends."""
        return max(self.dots + tuple(x for x, _ in self.heads))


@dataclass(frozen=True, slots=True)
class Chart:
    """The whole picture, in pixels."""

    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    width: int
    height: int
    box_width: int = BOX
    box_height: int = BOX_HEIGHT
    top: int = MARGIN


def chart(
    workflow: Workflow[Any],
    main_line: Sequence[Any],
    *,
    state_name: Callable[[str], str],
    button: Callable[[str], str],
) -> Chart:
    """The states of the main line first, from the initial one on, then the others; the steps in the table's order."""
    line = (workflow.initial, *main_line)
    order = [*line, *(state for state in workflow.states if state not in line)]
    middles = {state: MARGIN + BOX // 2 + number * COLUMN for number, state in enumerate(order)}
    width = 2 * MARGIN + BOX + (len(order) - 1) * COLUMN
    boxes = tuple(Box(middles[state], tuple(wrap(state_name(state), LETTERS_IN_BOX)), state in line) for state in order)
    arrows = tuple(
        _arrow(number, row, middles, label=button(row.trigger), width=width)
        for number, row in enumerate(workflow.table, start=1)
    )
    return Chart(boxes, arrows, width, MARGIN + BOX_HEIGHT + LINE * len(arrows) + LINE // 2)


def _arrow(number: int, row: Transition[Any], middles: dict[Any, int], *, label: str, width: int) -> Arrow:
    dots = tuple(sorted(middles[source] for source in row.sources))
    heads = () if row.target is None else tuple(_heads(middles[row.target], dots))
    places = dots + tuple(x for x, _ in heads)
    ends = min(places) + LETTER * (len(label) + 4) > width
    return Arrow(
        number,
        label,
        MARGIN + BOX_HEIGHT + LINE * number,
        dots,
        heads,
        row.target is None,
        max(places) - 8 if ends else min(places) + 8,
        ends,
    )


def _heads(target: int, dots: Iterable[int]) -> Iterable[tuple[int, int]]:
    """A head for each side from which the arrow comes."""
    if any(dot < target for dot in dots):
        yield target, 1
    if any(dot > target for dot in dots):
        yield target, -1
