"""What a coalition is: its call, Roundtable, focus areas, categories and criteria. It reads no file."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal, Protocol, TypeVar
from zoneinfo import ZoneInfo

Facts = Literal["commitment", "pledge", "participation", "engagement", "none"]
FACTS: tuple[Facts, ...] = ("commitment", "pledge", "participation", "engagement", "none")

ACCESS_LOG_DAYS = 365
"""For how long the record of looks and of sign-ins is kept where the programme does not say."""
IN_PERSON = "in_person"
REMOTE = "remote"
MODES: tuple[str, ...] = (IN_PERSON, REMOTE)


class _Identified(Protocol):
    @property
    def id(self) -> str: ...


_Item = TypeVar("_Item", bound=_Identified)


@dataclass(frozen=True, slots=True)
class Call:
    """A call for expressions of interest. `opens` and `closes` are in UTC; show them in `zone`.

    `answer_working_days` are those of applicants; `enquiry_working_days` are ours, for answers to enquiries.
    `two_screeners`: a second screener must judge each criterion, too, before a screening can be completed.
    `lapse_after_days`: how many days after the answers were due an expression lapses by itself; None: never.
    """

    slug: str
    title: str
    opens: datetime
    closes: datetime
    zone: ZoneInfo
    decision_working_days: int
    answer_working_days: int
    enquiry_working_days: int
    undo_minutes: int
    link_days: int
    two_screeners: bool
    lapse_after_days: int | None = None

    def is_open(self, now: datetime) -> bool:
        """Both ends belong to the call; `now` must be aware."""
        if now.tzinfo is None:
            raise ValueError("The moment has no time zone: give an aware one, such as datetime.now(UTC).")
        return self.opens <= now <= self.closes


@dataclass(frozen=True, slots=True)
class Roundtable:
    name: str
    place: str
    starts: date
    ends: date
    seats_in_person: int
    seats_remote: int

    def seats(self, mode: str) -> int:
        """The seats in one mode of participation; KeyError with the known modes for another."""
        if mode not in MODES:
            raise KeyError(f"There is no mode of participation “{mode}”. Known: {', '.join(MODES)}.")
        return self.seats_in_person if mode == IN_PERSON else self.seats_remote


@dataclass(frozen=True, slots=True)
class FocusArea:
    """`number` is the place in the programme's file, from 1."""

    id: str
    number: int
    name: str
    tagline: str
    summary: str
    lead_email: str | None


@dataclass(frozen=True, slots=True)
class SubType:
    """`id` is unique within its category alone."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Category:
    id: str
    name: str
    short_name: str
    sub_types: tuple[SubType, ...]

    def sub_type(self, id: str) -> SubType:
        return _find(self.sub_types, id, noun="sub-type")


@dataclass(frozen=True, slots=True)
class Criterion:
    """`facts` says which facts the form asks for beside the statement; `met` and `not_met` guide whoever judges."""

    id: str
    name: str
    text: str
    facts: Facts
    met: tuple[str, ...]
    not_met: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Secretariat:
    name: str
    addresses: tuple[str, ...]
    sender: str
    reply_to: str
    enquiry_subject: str


@dataclass(frozen=True, slots=True)
class Notice:
    """The notice on personal data. A new wording needs a new `version`, so that a consent names what was read."""

    version: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Retention:
    """For how long what names a person is kept.

    Drafts: days after the last change; what was declined, withdrawn or lapsed: months after that; all else that was
    sent: years after the Roundtable; enquiries: months after the last step; mail and letters that belong to neither:
    months after they came or were written. `erasure_days`: by when a request for erasure is met. `access_log_days`: who
    looked at which expression, and who tried to sign in.
    """

    draft_days: int
    ended_months: int
    roundtable_years: int
    enquiry_months: int
    mail_months: int
    erasure_days: int
    access_log_days: int = ACCESS_LOG_DAYS


@dataclass(frozen=True, slots=True, eq=False)
class Programme:
    """One programme; two are never compared, so that it can be looked up by itself."""

    slug: str
    name: str
    call: Call
    roundtable: Roundtable
    focus_areas: tuple[FocusArea, ...]
    categories: tuple[Category, ...]
    criteria: tuple[Criterion, ...]
    secretariat: Secretariat
    notice: Notice
    retention: Retention

    def in_words(self, say: Callable[[str], str]) -> "Programme":
        """The programme with each text that a page or a letter shows put through `say`, such as into a language."""

        def sub_type(each: SubType) -> SubType:
            return replace(each, name=say(each.name))

        def category(each: Category) -> Category:
            kinds = tuple(map(sub_type, each.sub_types))
            return replace(each, name=say(each.name), short_name=say(each.short_name), sub_types=kinds)

        def area(each: FocusArea) -> FocusArea:
            return replace(each, name=say(each.name), tagline=say(each.tagline), summary=say(each.summary))

        def criterion(each: Criterion) -> Criterion:
            met, not_met = tuple(map(say, each.met)), tuple(map(say, each.not_met))
            return replace(each, name=say(each.name), text=say(each.text), met=met, not_met=not_met)

        return replace(
            self,
            name=say(self.name),
            call=replace(self.call, title=say(self.call.title)),
            roundtable=replace(self.roundtable, name=say(self.roundtable.name), place=say(self.roundtable.place)),
            focus_areas=tuple(map(area, self.focus_areas)),
            categories=tuple(map(category, self.categories)),
            criteria=tuple(map(criterion, self.criteria)),
            secretariat=replace(self.secretariat, name=say(self.secretariat.name)),
            notice=replace(self.notice, paragraphs=tuple(map(say, self.notice.paragraphs))),
        )

    def focus_area(self, id: str) -> FocusArea:
        return _find(self.focus_areas, id, noun="focus area")

    def category(self, id: str) -> Category:
        return _find(self.categories, id, noun="category")

    def criterion(self, id: str) -> Criterion:
        return _find(self.criteria, id, noun="criterion")


def _find(items: Iterable[_Item], id: str, *, noun: str) -> _Item:
    known = {item.id: item for item in items}
    if id not in known:
        raise KeyError(f"There is no {noun} “{id}”. Known: {', '.join(known)}.")
    return known[id]
