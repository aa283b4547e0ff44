"""An expression in words for staff: its answers, its history and its letters as rows of a page; it changes nothing."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from flask_babel import format_decimal
from flask_babel import gettext as _

from intake.models import Expression, HistoryEntry, Letter, LetterStatus
from intake.programme import action_lines, sdgs
from intake.staff_words import (
    area_name,
    category_name,
    criterion_name,
    letter_status,
    letter_tone,
    place_with_tags,
    role_name,
    step_name,
    sub_type_name,
)
from intake.wording import day, kind_name, labelled, language, listed, mode_name, moment, titled

Row = tuple[str, str | list[str], None, None]
"""A row of the macro `summary_list`, without a link to change it."""


def _row(label: str, value: str | list[str]) -> Row:
    return str(label), value, None, None


def organisation(expression: Expression) -> list[Row]:
    """Who expresses interest."""
    kind = sub_type_name(expression.category, expression.sub_type)
    category = " · ".join(filter(None, (category_name(expression.category), kind)))
    return [
        _row(_("Category"), category),
        _row(_("Country"), place_with_tags(expression.country)),
        _row(_("Website"), expression.website),
        _row(_("Contact"), titled(expression.contact_name, expression.contact_title)),
        _row(_("E-mail"), [each for each in (expression.contact_email, expression.second_email) if each]),
        _row(_("Telephone"), expression.contact_phone),
    ]


def reach(expression: Expression) -> list[Row]:
    """Whom and where the organisation serves, and towards which goals."""
    goals = [
        f"{number}. {sdgs()[number].name_in(language())}" for number in _numbers(expression.sdgs) if number in sdgs()
    ]
    known = action_lines()
    lines = [f"{code}. {known[code].name_in(language())}" for code in expression.action_lines if code in known]
    return [
        _row(_("Focus areas, in order"), _ranked(expression)),
        _row(_("Delegate"), delegate(expression)),
        _row(_("Takes part"), mode_name(expression.participation_mode)),
        _row(_("Communities"), expression.communities),
        _row(_("Countries served"), [place_with_tags(code) for code in expression.countries_served]),
        _row(_("Sustainable Development Goals"), goals),
        _row(_("WSIS Action Lines"), lines),
        _row(_("Accessibility needs"), expression.accessibility_needs),
    ]


def _numbers(values: Iterable[Any]) -> list[int]:
    return [int(value) for value in values if str(value).isdigit()]


def delegate(expression: Expression) -> str:
    """Who would take part in the Roundtable; empty when nobody is named."""
    return titled(expression.delegate_name, expression.delegate_title)


def _ranked(expression: Expression) -> list[str]:
    return [f"{rank}. {area_name(area)}" for rank, area in enumerate(expression.preferences, start=1)]


def _fact_labels() -> Mapping[str, str]:
    return {
        "basis": _("Rests on"),
        "link": _("Link"),
        "pledge_type": _("Type of pledge"),
        "target": _("Target"),
        "target_date": _("To be reached by"),
        "value": _("Estimated value"),
        "countries": _("Countries that would benefit"),
        "beneficiaries": _("Who would benefit"),
        "public": _("May be made public"),
        "nominee_name": _("Nominee"),
        "nominee_title": _("Job title of the nominee"),
        "nominee_email": _("E-mail of the nominee"),
    }


def _fact_words() -> Mapping[str, str]:
    return {
        "past_work": _("Past work"),
        "new_motivation": _("A newly defined motivation"),
        "financial": _("Financial"),
        "policy": _("Policy"),
        "advocacy": _("Advocacy"),
        "programmatic": _("Programmatic"),
        "yes": _("Yes"),
        "no": _("No"),
    }


def statement(expression: Expression, criterion: str) -> str:
    """What the applicant wrote about a criterion."""
    return str(expression.criteria.get(criterion, {}).get("statement", ""))


def facts(expression: Expression, criterion: str) -> list[Row]:
    """What the applicant gave beside the statement."""
    given = expression.criteria.get(criterion, {})
    labels = _fact_labels()
    return [_row(label, _fact(name, given)) for name, label in labels.items() if given.get(name)]


def _fact(name: str, given: Mapping[str, Any]) -> str | list[str]:
    value = given[name]
    match name:
        case "countries":
            return [place_with_tags(str(code)) for code in value]
        case "target_date":
            return _day(str(value))
        case "value":
            return f"{given.get('currency', '')} {_grouped(str(value))}".strip()
        case "basis" | "pledge_type" | "public":
            return _fact_words().get(str(value), str(value))
    return str(value)


def _day(text: str) -> str:
    """A stored date in words; what is none, as it stands."""
    try:
        return day(date.fromisoformat(text))
    except ValueError:
        return text


def _grouped(text: str) -> str:
    """A stored amount with its thousands apart; what is none, as it stands."""
    try:
        return str(format_decimal(Decimal(text)))
    except ArithmeticError:
        return text


def standing(expression: Expression) -> list[str]:
    """Where the expression is placed and who works on it, a few words each."""
    screener = expression.screener
    return [
        str(text)
        for given, text in (
            (expression.focus_area, _("Working group: %(area)s", area=area_name(expression.focus_area))),
            (expression.seat_mode, _("Seat: %(mode)s", mode=mode_name(expression.seat_mode))),
            (screener, _("Screener: %(name)s", name=screener.called if screener else "")),
        )
        if given
    ]


def history(entries: Iterable[HistoryEntry]) -> list[dict[str, str]]:
    """Entries of the macro `timeline`, as they are given."""
    return [
        {
            "when": moment(entry.at),
            "iso": entry.at.isoformat(timespec="seconds"),
            "title": step_name(entry.trigger),
            "text": "\n".join(_said(entry.facts)),
            "who": str(_("%(name)s (%(role)s)", name=entry.actor_name or _("name erased"), role=role_name(entry.role))),
        }
        for entry in entries
    ]


def _said(facts: Mapping[str, Any]) -> Iterable[str]:
    """The facts of a step, a line each."""
    labels = {
        "points": _("Points to answer"),
        "due_on": _("Answers due on"),
        "criteria": _("Criteria not met"),
        "reason": _("Reason"),
        "change": _("What would change the decision"),
        "focus_area": _("Focus area"),
        "seat_mode": _("Takes part"),
        "category": _("Category"),
    }
    for name, value in facts.items():
        text = _fact_of_step(name, value, facts) if value else ""
        if text:
            yield labelled(labels.get(name, name), text)


def _fact_of_step(name: str, value: Any, facts: Mapping[str, Any]) -> str:
    match name:
        case "category":
            return kind_name(value, facts.get("sub_type") or "")
        case "sub_type":
            return ""
        case "points":
            return "".join(f"\n– {point.get('question', '')}" for point in value)
        case "due_on":
            return _day(str(value))
        case "criteria":
            return listed(map(criterion_name, value))
        case "focus_area":
            return area_name(value)
        case "seat_mode":
            return mode_name(value)
    return str(value)


def letters(written: Iterable[Letter]) -> list[dict[str, str]]:
    """Arguments of the macro `letter`, newest first."""
    newest_first = sorted(written, key=lambda letter: letter.id, reverse=True)
    return [
        {
            "subject": letter.subject,
            "recipient": letter.recipient,
            "text": letter.body,
            "language": letter.language,
            "status": letter_fate(letter),
            "tone": letter_tone(letter.status),
        }
        for letter in newest_first
    ]


def letter_fate(letter: Letter) -> str:
    """The status of a letter with its time, if it has one."""
    if letter.status is LetterStatus.SENT and letter.sent_at:
        return str(_("Sent %(moment)s", moment=moment(letter.sent_at)))
    if letter.status is LetterStatus.HELD and letter.kept_back:
        return str(_("Kept back by the secretariat"))
    if letter.status is LetterStatus.HELD:
        return str(_("Held until %(moment)s", moment=moment(letter.due_at)))
    return letter_status(letter.status)


def _offered(choices: Mapping[str, Any]) -> dict[str, str]:
    """Values with their words; those of groups, too."""
    found: dict[str, str] = {}
    for value, words in choices.items():
        found |= words if isinstance(words, dict) else {value: words}
    return found


def typed(form: Any) -> list[Row]:
    """The words that somebody typed for a step that is no longer open, so that they can be copied."""
    rows = []
    for fact in form.asked:
        control = form[fact]
        offered = _offered(getattr(control, "choices", None) or {})
        several = isinstance(control.data, list)
        given = [str(offered.get(each, each)) for each in (control.data if several else [control.data]) if each]
        if given:
            rows.append(_row(control.label.text, given if several else given[0]))
    return rows
