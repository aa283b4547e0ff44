"""The screening sheet as one person sees it: what was found about each criterion, by whom, and what is theirs to do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from flask_babel import gettext as _

from intake import judging
from intake.current import programme
from intake.models import Expression, Outcome, SecondOpinion, Settlement, User, Verdict
from intake.programme import Criterion
from intake.screening import drafts
from intake.screening.changes import Change, Changes
from intake.screening.elsewhere import Elsewhere, elsewhere
from intake.screening.steps import Step
from intake.screening.verdict_forms import SettleForm, VerdictsForm, Words, for_settling
from intake.seconding import Pair
from workflows.expression import EDITABLE


@dataclass(frozen=True, slots=True)
class Part:
    """One criterion of a sheet.

    `is_open`: this person may judge it. `is_hidden`: what others found is kept from them until they have. `void` are
    the judgements that a change took away, as far as they may be seen; the first of them can be taken over.
    """

    number: int
    criterion: Criterion
    own: Verdict | SecondOpinion | None
    first: Verdict | None
    second: SecondOpinion | None
    settlement: Settlement | None
    is_open: bool
    is_hidden: bool
    is_disputed: bool
    agrees: bool
    may_settle: bool
    change: Change | None
    void: Sequence[Mapping[str, Any]]
    elsewhere: Sequence[tuple[Elsewhere, Outcome, str]]

    @property
    def seen(self) -> Verdict | SecondOpinion | None:
        """What this person may know to be found: what holds, or as long as that is hidden, their own."""
        return self.own if self.is_hidden else self.first or self.own

    @property
    def is_changed_since(self) -> bool:
        """Whether the applicant changed the answer after what stands here was found, or nothing stands here."""
        return self.change is not None and (self.own is None or self.own.given_at < self.change.at)


class Sheet:
    """The sheet of an expression for one person; `screens`: they may screen it as far as the state allows."""

    def __init__(self, expression: Expression, user: User, *, screens: bool) -> None:
        self._expression = expression
        self._user = user
        self._screens = screens
        self._pair = Pair(expression, expression.verdicts)
        self.judges = screens and judging.is_open(expression)
        self.is_second = screens and self._pair.is_second(user)
        self.is_shared = programme().call.two_screeners
        self.draft = drafts.of(expression, user) if screens else None
        self.changes = Changes(expression)
        self.elsewhere = elsewhere(expression)

    @cached_property
    def parts(self) -> list[Part]:
        """Every criterion of the programme."""
        return [self._part(number, each) for number, each in enumerate(programme().criteria, start=1)]

    def _part(self, number: int, criterion: Criterion) -> Part:
        id, pair = criterion.id, self._pair
        change = self.changes.of_criterion(id)
        both = pair.is_judged_by_both(id)
        hidden = self._screens and self._expression.state in EDITABLE and pair.is_hidden(id, self._user)
        return Part(
            number,
            criterion,
            own=pair.own(id, self._user),
            first=None if hidden else pair.verdicts.get(id),
            second=None if hidden else pair.opinions.get(id),
            settlement=None if hidden else pair.settlements.get(id),
            is_open=self.judges and not pair.is_closed(id, self._user),
            is_hidden=hidden and bool(pair.verdicts.get(id) or pair.opinions.get(id)),
            is_disputed=not hidden and pair.is_disputed(id),
            agrees=not hidden and both and not pair.is_disputed(id),
            may_settle=self.judges and both and pair.is_of(id, self._user),
            change=change,
            void=self._void(change, hidden=hidden),
            elsewhere=[(each, *each.verdicts[id]) for each in self.elsewhere if id in each.verdicts],
        )

    def _void(self, change: Change | None, *, hidden: bool) -> list[Mapping[str, Any]]:
        """Void judgements, this person's own first; those of a colleague are as hidden as what holds."""
        void = sorted(change.void if change else (), key=lambda each: each["user_id"] != self._user.id)
        return [each for each in void if not hidden or each["user_id"] == self._user.id]

    def _stored(self, criterion: str) -> Words:
        own = self._pair.own(criterion, self._user)
        return {"outcome": own.outcome.value, "reason": own.reason} if own else {}

    def words(self) -> dict[str, Words]:
        """What the fields hold when the page is opened: the draft where there is one, else what is stored."""
        typed = self.draft.typed if self.draft else {}
        return {each.id: typed.get(each.id, self._stored(each.id)) for each in programme().criteria}

    def typed(self, form: VerdictsForm) -> dict[str, Words]:
        """What a form holds beside what is stored."""
        written = {part.criterion.id: form.words.get(part.criterion.id, {}) for part in self.parts if part.is_open}
        return {id: words for id, words in written.items() if words != self._stored(id)}

    def without_place(self, form: VerdictsForm) -> list[tuple[str, str]]:
        """Reasons in a form that no longer have a field on the page, with the names of their criteria."""
        closed = [part.criterion for part in self.parts if not part.is_open]
        written = ((each, form[each.id].form.reason.data) for each in closed)
        return [(each.name, text) for each, text in written if text and text != self._stored(each.id).get("reason")]

    def settling(self, written: Mapping[str, SettleForm]) -> dict[str, SettleForm]:
        """A form for each criterion that this person may settle: with what was written, or empty."""
        may = [part.criterion.id for part in self.parts if part.may_settle]
        return {id: written.get(id) or for_settling(id) for id in may}

    def veiled(self, steps: Sequence[Step]) -> list[Step]:
        """The steps without what their refusals would give away of a colleague's verdicts."""
        if not any(part.is_hidden for part in self.parts):
            return list(steps)
        wait = str(_("Judge every criterion first."))
        return [replace(step, refusals=(wait,)) if step.refusals else step for step in steps]
