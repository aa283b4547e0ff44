"""What a person may do to an expression now, what speaks against it and what it would bring; it does nothing itself."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property
from math import ceil
from typing import Any

from flask_babel import gettext as _

from intake import composition
from intake.circumstances import ExpressionCircumstances
from intake.current import programme
from intake.models import Expression, HistoryEntry, LetterStatus, now
from intake.notifications.recipients import recipients
from intake.screening import forms
from intake.staff_words import audience_name, button, category_name, state_name, step_name
from intake.wording import listed, reason_text
from workflows.expression import ACTIVE, EXPRESSION
from workflows.people import Actor, Audience
from workflows.workflow import UNDO, Guard, Move, Transition

LEFT = (LetterStatus.QUEUED, LetterStatus.SENDING, LetterStatus.SENT, LetterStatus.FAILED, LetterStatus.BOUNCED)
SHOWN_WHEN_OPEN = frozenset({"request_erasure", "erase"})
"""Steps that few expressions see, so that a page names them only where they can be taken."""
OVER_IS_SAID = timedelta(hours=1)
"""How long after the letters of a step have left its page says that it can no longer be undone."""


class Watched(dict[str, Any]):
    """Facts that nobody has given yet, noticing whether a guard asks for one."""

    asked = False

    def get(self, key: str, default: Any = None) -> Any:
        """Nothing, and it was asked for."""
        self.asked = True
        return default


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a step would bring: the state after it, who is told at which addresses, whether it can be undone."""

    state: str | None
    letters: tuple[tuple[str, str], ...]
    undo_minutes: int


@dataclass(frozen=True, slots=True)
class Step:
    """A step on a page: its form, what speaks against it now, and notes beside the choices it offers."""

    trigger: str
    button: str
    form: forms.StepForm
    outlook: Outlook
    refusals: tuple[str, ...] = ()
    notes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    counts: composition.Counts | None = None
    leaves: bool = False
    undoes: str = ""
    undo_until: datetime | None = None
    is_over: bool = False

    @property
    def seconds_left(self) -> int:
        """Seconds until the letters leave; 0 when they are due."""
        return max(0, ceil((self.undo_until - now()).total_seconds())) if self.undo_until else 0

    @property
    def minutes_left(self) -> int:
        """The same in minutes, begun ones counted."""
        return ceil(self.seconds_left / 60)


class Offer:
    """What is open to one actor on one expression at this moment."""

    def __init__(self, expression: Expression, actor: Actor) -> None:
        self.expression = expression
        self.actor = actor
        self.around = ExpressionCircumstances(expression, now())

    def move(self) -> Move:
        """An attempt without facts."""
        return Move(self.expression, self.actor, Watched(), self.around)

    def check(self, trigger: str) -> None:
        """Raises `NotPermitted` when the table gives this step to nobody or to somebody else now."""
        EXPRESSION.permitted_role(self.move(), trigger)

    def is_open(self, trigger: str) -> bool:
        """Whether the table gives this step to the actor now."""
        row = self.row(trigger)
        return row is not None and bool(row.who & self.actor.roles)

    def row(self, trigger: str) -> Transition[Any] | None:
        """The table's row; of undo, the row of the step that it takes back."""
        return EXPRESSION.row_for(self.move(), trigger)

    def steps(self) -> list[Step]:
        """Every step that is open, undo first."""
        rows = [row.trigger for row in EXPRESSION.open_to(self.expression.state, self.actor.roles)]
        if self.expression.erased_at is not None:
            return []
        shown = (trigger for trigger in rows if trigger not in SHOWN_WHEN_OPEN or not self._refusals(trigger))
        return [*self._undo(), *(self.step(trigger, forms.for_step(self.expression, trigger)) for trigger in shown)]

    def _undo(self) -> Iterator[Step]:
        """The undo of the last step, as long as its letters are held, and for an hour that it is over."""
        last = self.around.last_entry
        letters = self._letters(last)
        held = any(letter.status is LetterStatus.HELD for letter in letters)
        just_left = any(letter.status in LEFT and letter.due_at > now() - OVER_IS_SAID for letter in letters)
        if (held or just_left) and self.is_open(UNDO):
            undo = self.step(UNDO, forms.for_step(self.expression, UNDO))
            yield undo if held else replace(undo, is_over=True, undo_until=None)

    def _letters(self, entry: HistoryEntry | None) -> list[Any]:
        return [letter for letter in self.expression.letters if entry is not None and letter.step_id == entry.id]

    def step(self, trigger: str, form: forms.StepForm) -> Step:
        """One step with its form."""
        last = self.around.last_entry if trigger == UNDO else None
        return Step(
            trigger,
            button(trigger),
            form,
            self._outlook(trigger),
            refusals=self._refusals(trigger),
            notes=self._notes(form),
            counts=self._counts if "focus_area" in form.asked else None,
            leaves=self.leaves(trigger),
            undoes=step_name(last.trigger) if last else "",
            undo_until=min((letter.due_at for letter in self._letters(last)), default=None),
        )

    def leaves(self, trigger: str) -> bool:
        """Whether the step cannot be undone or ends the way of the expression, so that it asks before it is taken."""
        row = self.row(trigger)
        if trigger == UNDO or row is None:
            return False
        return not row.undoable or row.to(self.expression.state) not in ACTIVE

    def _refusals(self, trigger: str) -> tuple[str, ...]:
        """Why the step would be refused whatever is filled in; what the form's own facts may mend is left out."""
        guards = EXPRESSION.guards(self.expression.state, trigger)
        return tuple(filter(None, (self._refusal(guard) for guard in guards)))

    def _refusal(self, guard: Guard) -> str | None:
        facts = Watched()
        reason = guard(Move(self.expression, self.actor, facts, self.around))
        return None if reason is None or facts.asked else reason_text(reason)

    def _outlook(self, trigger: str) -> Outlook:
        row = self.row(trigger)
        if row is None:
            return Outlook(None, (), 0)
        if trigger == UNDO:
            last = self.around.last_entry
            return Outlook(state_name(last.source) if last else None, (), 0)
        letters = tuple((audience_name(audience), self._addresses(audience)) for audience in row.tells)
        minutes = programme().call.undo_minutes if row.undoable else 0
        return Outlook(state_name(row.to(self.expression.state)), letters, minutes)

    def _addresses(self, audience: Audience) -> str:
        if audience is Audience.GROUP_LEAD:
            return str(_("of the focus area you choose, if an address is known"))
        if audience not in self._read:
            self._read[audience] = [recipient.address for recipient in recipients(audience, self.expression)]
        return listed(self._read[audience]) or str(_("nobody: no address is known"))

    @cached_property
    def _read(self) -> dict[Audience, list[str]]:
        """Addresses that have been looked up, the same for each step of the page."""
        return {}

    @cached_property
    def _counts(self) -> composition.Counts:
        return composition.counts(self.expression.call_id)

    def _notes(self, form: forms.StepForm) -> Mapping[str, Mapping[str, str]]:
        notes: dict[str, Mapping[str, str]] = {}
        if "focus_area" in form.asked:
            notes["focus_area"] = {area.id: self._area_note(area.id) for area in programme().focus_areas}
        if "seat_mode" in form.asked:
            notes["seat_mode"] = {mode: self._seat_note(mode, free) for mode, free in self.around.seats_free.items()}
        return notes

    def _seat_note(self, mode: str, free: int) -> str:
        total = programme().roundtable.seats(mode)
        return str(_("%(free)s of %(total)s seats are free.", free=max(free, 0), total=total))

    def _area_note(self, area: str) -> str:
        """The applicant's rank of a focus area and what the expression would add to its group."""
        if area == self.expression.focus_area:
            return str(_("It is in this group now."))
        ranks = self.expression.preferences
        rank = _("Preference %(number)s.", number=ranks.index(area) + 1) if area in ranks else _("Not ranked.")
        category = category_name(self.expression.category)
        here = self._counts.get((area, self.expression.category), 0)
        total = sum(number for (placed, _category), number in self._counts.items() if placed == area)
        gap = _("Closes a gap: no %(category)s in this group yet.", category=category)
        more = _("%(category)s in this group already: %(count)s.", category=category, count=here)
        return f"{rank} {more if here else gap} {_('Members so far: %(count)s.', count=total)}"
