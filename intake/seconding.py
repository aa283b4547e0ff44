"""What two screeners found about an expression, and which of them is the second; it stores nothing, decides nothing."""

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from intake.current import programme
from intake.extensions import db
from intake.models import Expression, SecondOpinion, Settlement, User, Verdict


class Pair:
    """What the screeners of an expression found so far, by criterion.

    Where the programme asks for one screener alone there are no opinions and no settlements, and nobody is the second.
    """

    def __init__(self, expression: Expression, verdicts: Iterable[Verdict]) -> None:
        self._expression = expression
        self._asked = programme().call.two_screeners
        self.verdicts = {verdict.criterion: verdict for verdict in verdicts}

    @cached_property
    def opinions(self) -> Mapping[str, SecondOpinion]:
        """What the second screener found, with who that is."""
        given = select(SecondOpinion).where(SecondOpinion.expression_id == self._expression.id)
        found = db.session.scalars(given.options(joinedload(SecondOpinion.screener))) if self._asked else ()
        return {opinion.criterion: opinion for opinion in found}

    @cached_property
    def settlements(self) -> Mapping[str, Settlement]:
        """Who settled what both had found."""
        made = select(Settlement).where(Settlement.expression_id == self._expression.id)
        found = db.session.scalars(made.options(joinedload(Settlement.user))) if self.opinions else ()
        return {settlement.criterion: settlement for settlement in found}

    def is_second(self, user: User) -> bool:
        """Whether what this person finds is a second opinion.

        Who has given an opinion stays the second; who has given a verdict, or took the expression, the first. Of the
        others it depends on whether there is a first already.
        """
        first = {verdict.screener_id for verdict in self.verdicts.values()}
        second = {opinion.screener_id for opinion in self.opinions.values()}
        screener = self._expression.screener_id
        if not self._asked or user.id in second:
            return self._asked
        if user.id in first or user.id == screener:
            return False
        return bool(first) or not (screener is None or screener in second)

    def is_judged_by_both(self, criterion: str) -> bool:
        """Whether two people have judged it. Nobody is the second screener of an own verdict."""
        verdict, opinion = self.verdicts.get(criterion), self.opinions.get(criterion)
        if verdict is None or opinion is None:
            return False
        return verdict.screener_id is None or verdict.screener_id != opinion.screener_id

    def is_disputed(self, criterion: str) -> bool:
        """Whether both differ and nobody has settled it."""
        if not self.is_judged_by_both(criterion) or self.verdicts[criterion].settled:
            return False
        return self.verdicts[criterion].outcome is not self.opinions[criterion].outcome

    def is_of(self, criterion: str, user: User) -> bool:
        """Whether this person is one of the two who judged it."""
        both = (self.verdicts.get(criterion), self.opinions.get(criterion))
        return user.id in {each.screener_id for each in both if each is not None}

    def is_closed(self, criterion: str, user: User) -> bool:
        """Whether this person can no longer change it alone: it is settled, or both have judged and one is this person.

        Then it is changed by settling, with a reason.
        """
        if criterion in self.settlements:
            return True
        return self.is_judged_by_both(criterion) and self.is_of(criterion, user)

    def own(self, criterion: str, user: User) -> Verdict | SecondOpinion | None:
        """What stands on this person's sheet: as the second screener, nothing but the own opinion."""
        if not self.is_second(user):
            return self.verdicts.get(criterion)
        opinion = self.opinions.get(criterion)
        return opinion if opinion is not None and opinion.screener_id == user.id else None

    def is_hidden(self, criterion: str, user: User) -> bool:
        """Whether colleagues' findings are kept from this person, who has to judge without knowing them."""
        return self._asked and self.own(criterion, user) is None


def judgements(pair: Pair, criterion: str) -> list[dict[str, Any]]:
    """What both found about a criterion as a revision keeps it."""
    verdict, opinion = pair.verdicts.get(criterion), pair.opinions.get(criterion)
    return [_kept(each) for each in (verdict, opinion) if each is not None]


def _kept(given: Verdict | SecondOpinion) -> dict[str, Any]:
    screener = given.screener
    return {
        "outcome": given.outcome.value,
        "reason": given.reason,
        "name": screener.called if screener else "",
        "user_id": given.screener_id,
        "second": isinstance(given, SecondOpinion),
    }
