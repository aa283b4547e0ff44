"""What one step would bring, for the page before the click: state, letters, group, seat, undo; it takes no step."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from babel import Locale, UnknownLocaleError
from flask_babel import get_locale
from flask_babel import gettext as _

from intake import composition
from intake.advance import Rehearsal
from intake.circumstances import seats_free
from intake.current import programme
from intake.models import LINK, Expression, Letter, LetterStatus, Mode, now
from intake.staff_words import area_name, audience_name, category_name
from intake.wording import mode_name
from workflows.expression import PLACED, State
from workflows.workflow import Transition

Place = tuple[str, str]
"""A cell of the composition: focus area and category."""


@dataclass(frozen=True, slots=True)
class Change:
    """A number that the step changes, before and after, with what that means in words."""

    name: str
    before: int
    after: int
    meaning: str = ""


@dataclass(frozen=True, slots=True)
class Post:
    """A letter as its recipient will read it; `calendar` is the file that goes with it, as text."""

    subject: str
    recipient: str
    audience: str
    code: str
    language: str
    text: str
    calendar: str

    @property
    def has_link(self) -> bool:
        """Whether the reader's own link will stand in it."""
        return LINK in self.text


@dataclass(frozen=True, slots=True)
class Consequences:
    """All that a step would bring. `stopped` and `revived` are letters of earlier steps."""

    source: State
    target: State
    posts: tuple[Post, ...]
    untold: tuple[str, ...]
    stopped: tuple[Post, ...]
    revived: tuple[Post, ...]
    group: tuple[Change, ...]
    seats: tuple[Change, ...]
    undo_minutes: int
    undo_until: datetime


def consequences(expression: Expression, rehearsal: Rehearsal, row: Transition[Any] | None) -> Consequences:
    """Of a step that was rehearsed; `expression` as it is now, `row` the table's, None for an undo."""
    minutes = programme().call.undo_minutes if row is not None and row.undoable else 0
    told = {letter.audience for letter in rehearsal.letters}
    changed = [(_post(letter), letter.status) for letter in rehearsal.changed]
    return Consequences(
        source=expression.state,
        target=State(rehearsal.target),
        posts=tuple(_post(letter) for letter in rehearsal.letters),
        untold=tuple(audience_name(each) for each in (row.tells if row else ()) if each not in told),
        stopped=tuple(post for post, status in changed if status is not LetterStatus.HELD),
        revived=tuple(post for post, status in changed if status is LetterStatus.HELD),
        group=tuple(_group(expression, rehearsal)),
        seats=tuple(_seats(expression, rehearsal)),
        undo_minutes=minutes,
        undo_until=now() + timedelta(minutes=minutes),
    )


def _post(letter: Letter) -> Post:
    return Post(
        subject=letter.subject,
        recipient=letter.recipient,
        audience=audience_name(letter.audience),
        code=letter.language,
        language=_language(letter.language),
        text=letter.body,
        calendar=letter.calendar,
    )


def _language(code: str) -> str:
    try:
        return Locale.parse(code).get_display_name(get_locale()) or code
    except (ValueError, UnknownLocaleError):
        return code


def _after(expression: Expression, rehearsal: Rehearsal) -> Mapping[str, Any]:
    """The fields that a group and a seat depend on, as the step would leave them."""
    names = ("focus_area", "category", "seat_mode")
    return {name: rehearsal.fields.get(name, getattr(expression, name)) for name in names}


def _group(expression: Expression, rehearsal: Rehearsal) -> Iterator[Change]:
    """The cells of the composition that gain or lose the expression, each with its count."""
    after = _after(expression, rehearsal)
    left = _place(expression.state, expression.focus_area, expression.category)
    entered = _place(rehearsal.target, after["focus_area"], after["category"])
    if left == entered:
        return
    counts = composition.counts(expression.call_id)
    for place, step in ((left, -1), (entered, 1)):
        if place is not None:
            yield _cell(place, counts.get(place, 0), step)


def _place(state: str, area: str | None, category: str) -> Place | None:
    return (area or "", category) if state in PLACED else None


def _cell(place: Place, count: int, step: int) -> Change:
    area, category = place
    closes, opens = step > 0 and count == 0, step < 0 and count == 1
    meaning = _("closes a gap") if closes else _("opens a gap") if opens else ""
    return Change(f"{area_name(area)} · {category_name(category)}", count, count + step, str(meaning))


def _seats(expression: Expression, rehearsal: Rehearsal) -> Iterator[Change]:
    """The free seats of the modes in which the step gives or takes one, or in which the delegate would wait."""
    mode_after = _after(expression, rehearsal)["seat_mode"]
    given_back, taken = _held(expression.state, expression.seat_mode), _held(rehearsal.target, mode_after)
    waits = Mode(mode_after) if rehearsal.target == State.WAITLISTED and mode_after else None
    concerned = {waits} if given_back == taken else {waits, given_back, taken}
    if concerned == {None}:
        return
    free = seats_free(expression.call_id)
    for mode in (mode for mode in Mode if mode in concerned):
        after = free[mode] + (mode == given_back) - (mode == taken)
        yield Change(mode_name(mode).capitalize(), free[mode], after, _of(mode, waits))


def _held(state: str, mode: str | None) -> Mode | None:
    return Mode(mode) if state == State.CONFIRMED and mode else None


def _of(mode: Mode, waits: Mode | None) -> str:
    total = programme().roundtable.seats(mode)
    if mode == waits:
        return str(_("%(total)s seats in all; the delegate waits for one", total=total))
    return str(_("%(total)s seats in all", total=total))
