"""Names for the pages of enquiries: of states and steps, of what happened, and of what is said after a step."""

from collections.abc import Iterable, Sequence
from math import ceil
from typing import Any

from flask_babel import gettext as _

from intake.models import Enquiry, HistoryEntry, Letter, now
from intake.notifications.promises import answer_due_on
from intake.staff_words import fate, fate_tone, role_name
from intake.wording import moment, today
from workflows.enquiry import WAITING, State, standing
from workflows.enquiry_words import STATES, STEPS
from workflows.workflow import UNDO

SAID = ("question", "answer", "reason", "expression")
"""The facts of steps, each of which is a person's words."""


def state_name(state: str) -> str:
    """What staff call a state."""
    return str(_(STATES[State(state)].staff))


def state_tone(state: str) -> str:
    """The tone of a state's tag."""
    return STATES[State(state)].tone


def step_name(trigger: str) -> str:
    """What the history calls a step."""
    return str(_(STEPS[trigger].staff))


def button(trigger: str) -> str:
    """What stands on the button of a step."""
    return str(_(STEPS[trigger].button))


def waits(enquiry: Enquiry) -> bool:
    """Whether somebody waits for an answer."""
    return enquiry.state in WAITING


def is_late(enquiry: Enquiry) -> bool:
    """Whether the promised day has passed without an answer."""
    return waits(enquiry) and answer_due_on(enquiry) < today()


def conversation(history: Sequence[HistoryEntry]) -> list[dict[str, str]]:
    """Arguments of the macro `timeline`, oldest first: what was asked and answered, word for word."""
    kept = {entry.id for entry in standing(history)}
    return [_event(entry, is_kept=entry.id in kept or entry.trigger == UNDO) for entry in history]


def happened(entries: Iterable[HistoryEntry]) -> list[dict[str, str]]:
    """The same for a part of a history, in which nobody can tell what was taken back."""
    return [_event(entry, is_kept=True) for entry in entries]


def _event(entry: HistoryEntry, *, is_kept: bool) -> dict[str, str]:
    name = step_name(entry.trigger)
    return {
        "when": moment(entry.at),
        "iso": entry.at.isoformat(),
        "title": name if is_kept else str(_("%(step)s (taken back)", step=name)),
        "text": next((entry.facts[fact] for fact in SAID if entry.facts.get(fact)), _without_words(entry)),
        "who": str(_("%(name)s (%(role)s)", name=entry.actor_name or _("name erased"), role=role_name(entry.role))),
    }


def _without_words(entry: HistoryEntry) -> str:
    return str(_("It is about no expression any more.")) if entry.trigger == "relate" else ""


def letters(written: Iterable[Letter]) -> list[dict[str, str]]:
    """Arguments of the macro `letter`, newest first."""
    newest_first = sorted(written, key=lambda letter: letter.id, reverse=True)
    return [
        {"subject": each.subject, "recipient": each.recipient, "text": each.body, "status": fate(each),
         "tone": fate_tone(each), "language": each.language}
        for each in newest_first
    ]  # fmt: skip


def after(entry: HistoryEntry, letters: Iterable[Letter]) -> str:
    """What is said once a step is taken: what happened, and until when it can be undone."""
    done, due = _(STEPS[entry.trigger].done), min((each.due_at for each in letters), default=None)
    if entry.trigger == UNDO:
        state = state_name(entry.target)
        return str(_("%(done)s Letters of it that were held are cancelled. It is again: %(state)s.",
                     done=done, state=state))  # fmt: skip
    if entry.trigger != "answer" or due is None:
        return str(done)
    minutes = max(0, ceil((due - now()).total_seconds() / 60))
    held = _(
        "It leaves at %(moment)s; until then, about %(minutes)s minutes more, you can undo it.",
        moment=moment(due),
        minutes=minutes,
    )
    return f"{done} {held}"


def typed(form: Any) -> list[tuple[str, str, None, None]]:
    """The rows of the macro `summary_list` for what somebody typed for a step that is no longer open."""
    asked = ((form[name].label.text, form[name].data or "") for name in form.asked)
    return [(str(label), words, None, None) for label, words in asked if words]
