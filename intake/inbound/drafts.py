"""Reads an expression of interest out of a mail, and makes a draft of it; it guesses nothing and sends nothing.

An answer is taken over only where a line names it and its value is one that the form would take. Everything else stays
in the mail, for staff to read and for the applicant to write anew.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from intake import drafting
from intake.current import programme
from intake.fields import LONG_TEXT, LONGEST_LINK
from intake.inbound import labels
from intake.inbound.labels import folded
from intake.inbound.reading import Mail, valid
from intake.models import Expression
from intake.programme import countries

EXPRESSIONS = re.compile(
    r"\bexpressions? of interest\b|\beoi\b|\b(?:manifestation|déclaration|expression)s? d[’']intérêts?\b"
    r"|\b(?:manifestaci[oó]n|expresi[oó]n|declaraci[oó]n) de inter[eé]s\b|выражени[ея] (?:заинтересованности|интереса)"
    r"|意向书|表达意向|意向表达|兴趣表达|(?:إبداء|التعبير عن|الإعراب عن) (?:ال)?اهتمام",
    re.IGNORECASE,
)
QUESTIONS = re.compile(
    r"[?？؟]\s*$|\b(?:question|enquiry|inquiry|information request|request for (?:further )?information"
    r"|demande d[’']information|solicitud de información|запрос информации)\b|信息请求|طلب معلومات",
    re.IGNORECASE,
)
PHONE = re.compile(r"(?=(?:\D*\d){4})[0-9+(). /x-]{4,40}", re.IGNORECASE)
LINK = re.compile(r"https?://(?:[\w-]+\.)+[\w-]+(?::\d{1,5})?(?:/[^\s<>\"\\^`{|}]*)?", re.IGNORECASE)
NAME = 200
ENOUGH = 2
"""Named answers that make an expression of a mail whose subject does not say so."""


def is_meant(mail: Mail) -> bool:
    """Whether a mail is an expression of interest and not a question about one."""
    if QUESTIONS.search(mail.subject):
        return False
    if EXPRESSIONS.search(mail.subject) or any(EXPRESSIONS.search(_spaced(each.name)) for each in mail.attachments):
        return True
    return bool(EXPRESSIONS.search(mail.words)) and len(_answers(mail)) >= ENOUGH


def _spaced(name: str) -> str:
    """The name of a file as words."""
    return re.sub(r"[_.-]+", " ", name)


def begin(mail: Mail) -> Expression:
    """A draft in the programme's call with what could be read; the same mail gives the same draft."""
    draft = drafting.begin(f"mail:{mail.identity[:50]}")
    drafting.change(draft, answers(mail))
    return draft


def answers(mail: Mail) -> dict[str, Any]:
    """The answers of the form that stand in a mail, by attribute; of the contact at least the address."""
    found = _answers(mail)
    written_from = mail.sender
    contact = found.setdefault("contact_email", written_from)
    if contact.lower() != written_from.lower():
        found["second_email"] = written_from
    elif mail.sender_name and "@" not in mail.sender_name:
        found.setdefault("contact_name", mail.sender_name)
    return {**found, "language": mail.language}


def _answers(mail: Mail) -> dict[str, Any]:
    texts = [mail.words, *(each.words for each in mail.attachments if each.words)]
    named = labels.values(texts, _labels())
    found: dict[str, Any] = {}
    for field, text in named.items():
        found |= _criterion(field, text) if field.startswith(CRITERION) else dict(_attribute(field, text))
    statements = {field.removeprefix(CRITERION): value for field, value in found.items() if field.startswith(CRITERION)}
    plain = {field: value for field, value in found.items() if not field.startswith(CRITERION)}
    return plain | ({"criteria": statements} if statements else {})


CRITERION = "criterion "


def _labels() -> Mapping[str, str]:
    """Label to the answer that it names: those of the form, and the criteria by name, by id and by number."""
    found = dict(labels.LABELS)
    for number, criterion in enumerate(programme().criteria, start=1):
        for label in (criterion.name, criterion.id, f"criterion {number}"):
            found[folded(label)] = f"{CRITERION}{criterion.id}"
    return found


def _criterion(field: str, text: str) -> dict[str, Any]:
    return {field: {"statement": text}} if len(text) <= LONG_TEXT and "\ufffd" not in text else {}


def _attribute(field: str, text: str) -> Iterator[tuple[str, Any]]:
    """Attributes and their values; nothing where the form would not take the text."""
    readers: dict[str, Callable[[str], Iterator[tuple[str, Any]]]] = {
        "category": _category,
        "country": _country,
        "preferences": _preferences,
    }
    if "\ufffd" in text:
        return
    if field in readers:
        yield from readers[field](text)
        return
    value = _CHECKS.get(field, _name)(text)
    if value:
        yield field, value


def _name(text: str) -> str:
    return text if len(text) <= NAME and "\n" not in text else ""


def _words(text: str) -> str:
    return text if len(text) <= LONG_TEXT else ""


def _link(text: str) -> str:
    return text if LINK.fullmatch(text) and len(text) <= LONGEST_LINK else ""


def _phone(text: str) -> str:
    return text if PHONE.fullmatch(text) else ""


_CHECKS: Mapping[str, Callable[[str], str]] = {
    "contact_email": valid,
    "contact_phone": _phone,
    "website": _link,
    "communities": _words,
}


def _country(text: str) -> Iterator[tuple[str, Any]]:
    wanted = folded(text)
    for code, country in countries().items():
        if wanted in {folded(name) for name in (code, country.iso2, *country.names.values())}:
            yield "country", code
            return


def _category(text: str) -> Iterator[tuple[str, Any]]:
    """A category by its name, or by a kind of organisation that only one category has."""
    wanted = folded(text)
    for category in programme().categories:
        if wanted in {folded(name) for name in (category.id, category.name, category.short_name)}:
            yield "category", category.id
            return
    kinds = [
        (category.id, kind.id)
        for category in programme().categories
        for kind in category.sub_types
        if wanted in {folded(kind.id), folded(kind.name)}
    ]
    if len(kinds) == 1:
        yield "category", kinds[0][0]
        yield "sub_type", kinds[0][1]


def _preferences(text: str) -> Iterator[tuple[str, Any]]:
    """Focus areas in their order, by name, tagline, id or number; none at all where one of them is not known."""
    known = {
        folded(name): area.id
        for area in programme().focus_areas
        for name in (area.id, area.name, area.tagline, f"{area.name}: {area.tagline}", str(area.number))
    }
    wanted = [folded(re.sub(r"^\s*\d+[.)]\s*", "", each)) for each in re.split(r"[,;\n、،]", text) if each.strip()]
    chosen = list(dict.fromkeys(known[each] for each in wanted if each in known))
    if wanted and all(each in known for each in wanted):
        yield "preferences", chosen
