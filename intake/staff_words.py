"""Names that staff pages share, for states, steps, letters, people and places; it reads no database."""

from collections.abc import Callable, Iterable
from typing import Protocol, TypeVar

from flask_babel import gettext as _

from intake import composition
from intake.current import programme
from intake.models import Letter, LetterStatus, Outcome
from intake.notifications.outbox import WAITING
from intake.programme import countries
from intake.wording import group_name, listed, moment, place_name, today
from workflows import enquiry_words
from workflows.expression import State
from workflows.expression_words import STATES, STEPS
from workflows.people import Audience, Role

LETTER_TONES = {
    LetterStatus.HELD: "info",
    LetterStatus.QUEUED: "info",
    LetterStatus.SENDING: "info",
    LetterStatus.SENT: "success",
    LetterStatus.FAILED: "danger",
    LetterStatus.BOUNCED: "danger",
    LetterStatus.CANCELLED: "neutral",
    LetterStatus.SUPERSEDED: "neutral",
}
OUTCOME_TONES = {Outcome.MET: "success", Outcome.NOT_MET: "danger", Outcome.NEED_MORE: "warning"}


class _Named(Protocol):
    @property
    def name(self) -> str: ...


N = TypeVar("N", bound=_Named)


def readable(text: str, longest: int) -> str:
    """What somebody wrote into an address, without what no page and no database can hold."""
    return "".join(letter for letter in text if letter.isprintable())[:longest]


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


def role_name(role: str) -> str:
    """In which capacity somebody acted."""
    names = {
        Role.APPLICANT: _("applicant"),
        Role.ENQUIRER: _("enquirer"),
        Role.SCREENER: _("screener"),
        Role.SECRETARIAT: _("secretariat"),
        Role.ADMINISTRATOR: _("administrator"),
        Role.SYSTEM: _("by itself"),
    }
    return str(names.get(Role(role), role))


def audience_name(audience: str) -> str:
    """To whom a letter speaks."""
    names = {
        Audience.APPLICANT: _("the applicant"),
        Audience.ENQUIRER: _("whoever asked"),
        Audience.SCREENER: _("the screener"),
        Audience.SECRETARIAT: _("the secretariat"),
        Audience.GROUP_LEAD: _("the lead of the working group"),
    }
    return str(names[Audience(audience)])


def letter_kind(kind: str) -> str:
    """The step that a letter tells of, or what else it brings."""
    others = {
        "link": _("Link to the expression"),
        "mailed": _("Draft made of a mail, with its link"),
        "invite": _("Link for a colleague who was added"),
        "take_over": _("Link for the next contact person"),
        "change_asked": _("Another contact person is asked for"),
        "received": _("Mail that came in"),
        "bounce": _("Letter that came back"),
        "test": _("Test letter"),
        "digest": _("Daily digest"),
        "account": _("About the sign-in of an account"),
    }
    if kind in enquiry_words.STEPS and kind not in STEPS:
        return str(_("Enquiry: %(step)s", step=_(enquiry_words.STEPS[kind].staff)))
    return str(others[kind]) if kind in others else step_name(kind) if kind in STEPS else kind


def letter_status(status: str) -> str:
    """The fate of a letter."""
    names = {
        LetterStatus.HELD: _("Held"),
        LetterStatus.QUEUED: _("Waiting to be sent"),
        LetterStatus.SENDING: _("Being sent"),
        LetterStatus.SENT: _("Sent"),
        LetterStatus.FAILED: _("Failed"),
        LetterStatus.BOUNCED: _("Came back undelivered"),
        LetterStatus.CANCELLED: _("Cancelled"),
        LetterStatus.SUPERSEDED: _("Replaced by a later letter"),
    }
    return str(names[LetterStatus(status)])


def letter_tone(status: str) -> str:
    """The tone of a letter's tag."""
    return LETTER_TONES[LetterStatus(status)]


def is_kept_back(letter: Letter) -> bool:
    """Somebody holds it until they release it."""
    return letter.kept_back and letter.status in WAITING


def fate(letter: Letter) -> str:
    """What became of a letter, or what it waits for."""
    if is_kept_back(letter):
        return str(_("Kept back"))
    if letter.status is LetterStatus.HELD:
        return str(_("Held until %(moment)s", moment=moment(letter.due_at)))
    if letter.status is LetterStatus.SENT and letter.sent_at:
        return str(_("Sent %(moment)s", moment=moment(letter.sent_at)))
    return letter_status(letter.status)


def fate_tone(letter: Letter) -> str:
    """The tone of the tag with its fate."""
    return "warning" if is_kept_back(letter) else letter_tone(letter.status)


def outcome_name(outcome: str) -> str:
    """What was found about a criterion."""
    names = {Outcome.MET: _("Met"), Outcome.NOT_MET: _("Not met"), Outcome.NEED_MORE: _("Need more")}
    return str(names[Outcome(outcome)])


def outcome_tone(outcome: str) -> str:
    """The tone of a verdict's tag."""
    return OUTCOME_TONES[Outcome(outcome)]


def _known(find: Callable[[str], N], id: str | None) -> N | None:
    """What an earlier programme's expression names may be gone from this one."""
    try:
        return find(id or "")
    except KeyError:
        return None


def category_name(id: str) -> str:
    """The short name of a category."""
    found = _known(programme().category, id)
    return found.short_name if found else id


def sub_type_name(category: str, id: str) -> str:
    """The name of a sub-type."""
    found = _known(programme().category, category)
    kind = _known(found.sub_type, id) if found else None
    return kind.name if kind else id


def area_name(id: str | None) -> str:
    """The name of a focus area; empty for none."""
    found = _known(programme().focus_area, id)
    return found.name if found else id or ""


def criterion_name(id: str) -> str:
    """The name of a criterion."""
    found = _known(programme().criterion, id)
    return found.name if found else id


def place_tags(code: str) -> tuple[str, ...]:
    """Those of LDC, LLDC and SIDS that a country belongs to today."""
    country = countries().get(code)
    return tuple(map(group_name, country.groups_on(today()))) if country else ()


def place_with_tags(code: str) -> str:
    """A country with its groups: "Rwanda (LDC and LLDC)"."""
    tags = listed(place_tags(code))
    return str(_("%(place)s (%(groups)s)", place=place_name(code), groups=tags)) if tags else place_name(code)


def composition_rows(
    counts: composition.Counts, *, here: str = "", areas: Iterable[str] = ()
) -> list[tuple[str, list[tuple[int, bool, bool]]]]:
    """The rows of the macro `matrix`, a focus area each; marked are the cells of the category `here` in `areas`."""
    chosen = set(areas)
    rows = []
    for area in programme().focus_areas:
        cells = []
        for category in programme().categories:
            count = counts.get((area.id, category.id), 0)
            cells.append((count, count == 0, category.id == here and area.id in chosen))
        rows.append((area.name, cells))
    return rows
