"""What an applicant is told about an expression: where it stands, what happened, what is next; no internal word."""

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy import bindparam, select

from intake.applicants import moves
from intake.current import programme
from intake.extensions import db
from intake.extensions import gettext as _
from intake.models import Expression, HistoryEntry, Letter, LetterStatus
from intake.wording import day, listed, local_day, moment, today, zone_name
from workflows import working_days
from workflows.expression import DELEGATE_NAMEABLE, MAIN_LINE, PLACED, State
from workflows.expression_guards import may_ask_from
from workflows.expression_words import STATES, STEPS
from workflows.people import Audience
from workflows.workflow import UNDO

BESIDE = {State.RETURNED: State.SUBMITTED, State.WAITLISTED: State.CONFIRMED}
"""States beside the main line, with the one at which they wait."""
PAGES = {"submit": ".check", "resubmit": ".points", "withdraw": ".withdraw"}
"""The page on which an applicant takes a step; those on personal data have a page of their own."""
LABELS = {"resubmit": _l("Answer our points")}
"""Where the way to the page of a step has other words than the button that takes it."""
NUDGE = "nudge"
"""The step by which an applicant asks where it stands; a button takes it."""
URGENT = frozenset({"resubmit"})
"""Steps that wait for the applicant alone."""
TOLD = {
    "decline": ("reason", "change"),
    "reassign": ("reason",),
    "release": ("reason",),
    "reopen": ("reason",),
    "withdraw": ("reason",),
}
"""The facts of a step that its letter tells the applicant too."""
INTRODUCTIONS = {"reason": _l("The reason:"), "change": _l("What would change it:")}
FATES = {
    LetterStatus.QUEUED: _l("On its way"),
    LetterStatus.SENDING: _l("On its way"),
    LetterStatus.SENT: _l("Sent"),
    LetterStatus.FAILED: _l("Could not be delivered"),
    LetterStatus.BOUNCED: _l("Could not be delivered"),
}
"""What became of a letter; one that is held, kept back, cancelled or superseded is not shown."""
MOST_QUOTED = 200
"""So many signs of a mail server's answer are shown."""
TONES = {LetterStatus.SENT: "success", LetterStatus.FAILED: "danger", LetterStatus.BOUNCED: "danger"}

_ENTRY, _LETTER = HistoryEntry.__table__.c, Letter.__table__.c
HISTORY = (
    select(_ENTRY.id, _ENTRY.trigger, _ENTRY.source, _ENTRY.at, _ENTRY.facts)
    .where(_ENTRY.expression_id == bindparam("key"))
    .order_by(_ENTRY.number)
)
LETTERS = (
    select(
        *(_LETTER.step_id, _LETTER.status, _LETTER.kept_back, _LETTER.subject, _LETTER.recipient),
        *(_LETTER.created_at, _LETTER.due_at, _LETTER.sent_at, _LETTER.attempts, _LETTER.answer),
    )
    .where(_LETTER.expression_id == bindparam("key"), _LETTER.audience == Audience.APPLICANT)
    .order_by(_LETTER.id.desc())
)
"""Both are written once, of the tables themselves, with the columns that the page shows."""


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the history."""

    when: str
    iso: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Post:
    """A letter that left, or is leaving, to the applicant."""

    subject: str
    recipient: str
    when: str
    fate: str
    tone: str
    said: str
    """The same as a sentence."""


@dataclass(frozen=True, slots=True)
class Action:
    """A step or an entry that is open to the applicant."""

    label: str
    endpoint: str
    is_urgent: bool = False


@dataclass(frozen=True, slots=True)
class Status:
    """All that the page says."""

    now: str
    tone: str
    progress: list[tuple[str, str, str | None]]
    done: str
    next: str
    by_when: str
    to_do: str
    events: list[Event]
    posts: list[Post]
    actions: list[Action]
    may_ask: bool
    """Whether the applicant may ask now where it stands."""


def of(expression: Expression) -> Status:
    """The status of an expression that was sent, read in two statements."""
    history, letters = _history(expression), _letters(expression)
    events = _events(history, {letter.step_id for letter in letters if _is_held(letter)})
    words = STATES[expression.state]
    asking, may_ask = _asking(expression, history)
    actions, promises = _actions(expression), _promises(expression)
    return Status(
        now=_(words.applicant),
        tone=words.tone,
        progress=_progress(expression, history),
        done=f"{events[0].title} {events[0].when}" if events else "",
        next=_(words.after, **promises),
        by_when=_by_when(expression, words.after, promises),
        to_do=listed(action.label for action in actions if action.is_urgent) or asking,
        events=events,
        posts=[_post(letter) for letter in letters if letter.status in FATES and not _is_held(letter)],
        actions=actions,
        may_ask=may_ask,
    )


def _history(expression: Expression) -> Sequence[Any]:
    return db.session.execute(HISTORY, {"key": expression.id}).all()


def _letters(expression: Expression) -> Sequence[Any]:
    return db.session.execute(LETTERS, {"key": expression.id}).all()


def lasting(history: Sequence[Any]) -> list[Any]:
    """The history without the steps that were undone; the undoing itself stays."""
    found: list[Any] = []
    for entry in history:
        if entry.trigger == UNDO and found:
            found.pop()
        found.append(entry)
    return found


def _events(history: Sequence[Any], held: set[int | None]) -> list[Event]:
    """Newest first. What a held letter will say is not said before it leaves."""
    return [
        Event(
            when=moment(entry.at),
            iso=entry.at.isoformat(),
            title=_(STEPS[entry.trigger].applicant),
            text="" if entry.id in held else _told(entry),
        )
        for entry in reversed(lasting(history))
    ]


def _told(entry: Any) -> str:
    questions = [str(point.get("question", "")) for point in entry.facts.get("points") or []]
    facts = {name: entry.facts.get(name) for name in TOLD.get(entry.trigger, ())}
    told = [f"{INTRODUCTIONS[name]} {words}" for name, words in facts.items() if words]
    return "\n".join((*(question for question in questions if question), *told))


def _progress(expression: Expression, history: Sequence[Any]) -> list[tuple[str, str, str | None]]:
    """The main line with what is done, now and next; an expression that left it shows how far it came."""
    here = BESIDE.get(expression.state, expression.state)
    if here in MAIN_LINE:
        place, rest = MAIN_LINE.index(here), "next"
        note = _(STATES[expression.state].applicant) if expression.state in BESIDE else None
    else:
        place, rest, note = _furthest(history), "off", None
    marks = [("done" if at < place else "now" if at == place and rest == "next" else rest) for at in range(4)]
    if rest == "off" and place >= 0:
        marks[: place + 1] = ["done"] * (place + 1)
    return [
        (_(STATES[state].staff), mark, note if mark == "now" else None)
        for state, mark in zip(MAIN_LINE, marks, strict=True)
    ]


def _furthest(history: Sequence[Any]) -> int:
    """The place on the main line from which the expression left; -1 when the history does not tell."""
    source = State(history[-1].source) if history else State.DRAFT
    source = BESIDE.get(source, source)
    return MAIN_LINE.index(source) if source in MAIN_LINE else -1


def deadline(due_on: date | None) -> str:
    """A day until whose end something is due, with the zone."""
    if due_on is None:
        return str(_("the date in our letter"))
    return str(_("%(day)s, end of day (%(zone)s)", day=day(due_on), zone=zone_name()))


def _promises(expression: Expression) -> dict[str, str]:
    """What the words of a state may name."""
    roundtable = programme().roundtable
    days = _("%(first)s to %(last)s", first=day(roundtable.starts), last=day(roundtable.ends))
    decision_by = day(expression.decision_due_on) or _("the date in our letter")
    return {"decision_by": decision_by, "answer_by": deadline(expression.answer_due_on), "roundtable": days}


def _by_when(expression: Expression, after: str, promises: Mapping[str, str]) -> str:
    """The date that the state's words name, with how far the clock has run."""
    if "%(decision_by)s" in after:
        return _decision_clock(expression)
    if "%(answer_by)s" in after:
        return promises["answer_by"]
    return _("The Roundtable: %(days)s", days=promises["roundtable"]) if "%(roundtable)s" in after else ""


def _decision_clock(expression: Expression) -> str:
    """The promised day of a decision, and honestly where we are."""
    promised = programme().call.decision_working_days
    passed = working_days.between(local_day(expression.state_since), today())
    due_on = expression.decision_due_on
    if due_on is not None and due_on < today():
        return _late(due_on)
    said = _("%(day)s at the latest; usually within %(days)s working days.", day=day(due_on), days=promised)
    return f"{said} {_('Today is working day %(day)s.', day=passed)}" if passed else str(said)


def _late(due_on: date) -> str:
    """How late we are, in working days; on the weekend after a Friday there is none yet."""
    passed = working_days.between(due_on, today())
    if not passed:
        return str(_("It was promised by %(day)s. That day has passed, and we are sorry.", day=day(due_on)))
    return str(
        ngettext(
            "It was promised by %(day)s: we are %(num)s working day late, and we are sorry.",
            "It was promised by %(day)s: we are %(num)s working days late, and we are sorry.",
            passed,
            day=day(due_on),
        )
    )


def _asking(expression: Expression, history: Sequence[Any]) -> tuple[str, bool]:
    """What an applicant who must do nothing can do about a late decision, and whether it is open now."""
    due_on = expression.decision_due_on
    if not moves.is_open(expression, NUDGE) or due_on is None or due_on >= today():
        return str(_("Nothing at the moment.")), False
    asked_on = max((local_day(entry.at) for entry in history if entry.trigger == NUDGE), default=None)
    if asked_on is None or may_ask_from(asked_on) <= today():
        return str(_("Nothing. If you wish, ask where it stands: the secretariat is told at once.")), True
    message = _(
        "Nothing. You asked where it stands on %(asked)s, and the secretariat knows. You can ask again from %(day)s.",
        asked=day(asked_on),
        day=day(may_ask_from(asked_on)),
    )
    return str(message), False


def _actions(expression: Expression) -> list[Action]:
    """What the table opens to the applicant, and who may be named."""
    found = [
        Action(_label(row.trigger), PAGES[row.trigger], row.trigger in URGENT)
        for row in moves.open_steps(expression)
        if row.trigger in PAGES
    ]
    if expression.state in DELEGATE_NAMEABLE:
        is_named = bool(expression.delegate_name)
        label = _("Change the delegate") if is_named else _("Name your delegate")
        found.insert(0, Action(label, ".delegate", is_urgent=expression.state in PLACED and not is_named))
    return sorted(found, key=lambda action: not action.is_urgent)


def _label(trigger: str) -> str:
    return str(LABELS[trigger]) if trigger in LABELS else str(_(STEPS[trigger].button))


def _post(letter: Any) -> Post:
    return Post(
        subject=letter.subject,
        recipient=letter.recipient,
        when=moment(letter.sent_at or letter.created_at),
        fate=str(FATES[letter.status]),
        tone=TONES.get(letter.status, "neutral"),
        said=_said(letter),
    )


def _is_held(letter: Any) -> bool:
    """Whether it has not left, and nobody may know that it is written: it can be undone, or staff keep it back."""
    return letter.status is LetterStatus.HELD or (letter.status is LetterStatus.QUEUED and letter.kept_back)


def _said(letter: Any) -> str:
    """What became of a letter, and what to do about it."""
    host = letter.recipient.rpartition("@")[2]
    match letter.status:
        case LetterStatus.SENT:
            when = moment(letter.sent_at or letter.created_at)
            said = _(
                "Handed over for the mail server of %(host)s on %(moment)s; it has not come back.",
                host=host,
                moment=when,
            )
        case LetterStatus.BOUNCED if letter.answer:
            words = textwrap.shorten(letter.answer, MOST_QUOTED, placeholder=" …")
            said = _("It came back: “%(words)s”. Check the address.", words=words)
        case LetterStatus.BOUNCED:
            said = _("It came back. Check the address.")
        case LetterStatus.FAILED:
            said = _("Not sent: no mail server took it for %(host)s. Check the address, or write to us.", host=host)
        case LetterStatus.QUEUED if letter.attempts:
            when = moment(letter.due_at)
            said = _("On its way: the mail server has not taken it yet. We try again on %(moment)s.", moment=when)
        case _:
            said = _("On its way to the mail server of %(host)s.", host=host)
    return str(said)
