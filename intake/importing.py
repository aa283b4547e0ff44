"""Takes expressions from a CSV or JSON file by the rules of the form; a row is taken whole or refused with a reason.

Columns are the names under which answers are kept: those of an expression (`organisation_name`, `category`, ...), and
a criterion's id with its fact (`commitment.statement`, `pledge.target`, ...). Lists are parted by semicolons. `key`
names a row, `consented_on` is the day of a consent on paper, `duplicate_acknowledged` is yes or no.
"""

import csv
import difflib
import hashlib
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from intake import drafting, holders
from intake.advance import advance
from intake.applicants.steps import Step, steps
from intake.circumstances import ExpressionCircumstances
from intake.current import programme
from intake.extensions import db
from intake.models import Expression, now
from intake.organisations import organisation_key
from workflows.expression import EXPRESSION
from workflows.people import Actor, Role
from workflows.workflow import Move, Refused

OWN = ("key", "consented_on", "duplicate_acknowledged")
YES, NO = {"yes", "true", "1"}, {"no", "false", "0", ""}
MOST_BYTES = 50_000_000


class FileError(Exception):
    """The file as a whole cannot be read; the sentence says why and where."""


class RowError(Exception):
    """One row is refused; the sentence says why."""


@dataclass(frozen=True, slots=True)
class Row:
    """One record and the line of the file on which it begins."""

    line: int
    cells: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row that was left out, and why."""

    line: int
    reason: str


@dataclass(slots=True)
class Report:
    """What became of the rows."""

    added: int = 0
    known: int = 0
    refused: list[Refusal] = field(default_factory=list)


def columns() -> list[str]:
    """Every column that a file may have, in the order of the form."""
    names = [*OWN]
    for step in steps():
        names += [*step.form.attributes, *(f"{step.id}.{fact}" for fact in step.form.facts)]
    return names


def read(file: Path) -> list[Row]:
    """The rows of a .csv or .json file. Raises `FileError`."""
    if file.stat().st_size > MOST_BYTES:
        raise FileError(f"{file.name} has more than {MOST_BYTES // 1_000_000} MB. Split it.")
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise FileError(f"{file.name} is not UTF-8 text (byte {error.start}). Save it again as UTF-8.") from error
    readers = {".csv": _csv, ".json": _json}
    if file.suffix.lower() not in readers:
        raise FileError(f"{file.name} is neither .csv nor .json.")
    rows = list(readers[file.suffix.lower()](file.name, text))
    _refuse_unknown_columns(file.name, rows)
    return rows


def _csv(name: str, text: str) -> Iterator[Row]:
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    last = 1
    try:
        if reader.fieldnames is None or len(set(reader.fieldnames)) != len(reader.fieldnames):
            raise FileError(f"{name}, line 1: the first line must name the columns, each once.")
        for cells in reader:
            yield Row(last + 1, _even(name, last + 1, cells))
            last = reader.line_num
    except csv.Error as error:
        raise FileError(f"{name}, line {reader.line_num}: {error}.") from error


def _even(name: str, line: int, cells: dict[Any, Any]) -> dict[str, Any]:
    if None in cells or None in cells.values():
        raise FileError(f"{name}, line {line}: the row has not as many cells as the first line has columns.")
    return cells


def _json(name: str, text: str) -> Iterator[Row]:
    decoder, at = json.JSONDecoder(), _skip(text, 0)
    if text[at : at + 1] != "[":
        raise FileError(f"{name}, line 1: expected a list of objects, which begins with “[”.")
    at = _skip(text, at + 1)
    while text[at : at + 1] != "]":
        line = text.count("\n", 0, at) + 1
        try:
            cells, at = decoder.raw_decode(text, at)
        except (json.JSONDecodeError, RecursionError) as error:
            raise FileError(f"{name}, line {line}: this is not JSON ({error}).") from error
        if not isinstance(cells, dict):
            raise FileError(f"{name}, line {line}: expected an object, which begins with “{{”.")
        yield Row(line, cells)
        at = _skip(text, at)


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at] in " \t\r\n,":
        at += 1
    return at


def _refuse_unknown_columns(name: str, rows: list[Row]) -> None:
    known = columns()
    for row in rows:
        for column in row.cells:
            if column not in known:
                near = difflib.get_close_matches(column, known, 1)
                hint = f" Did you mean “{near[0]}”?" if near else ""
                raise FileError(f"{name}, line {row.line}: there is no column “{column}”.{hint}")


def take(rows: Iterable[Row], *, dry_run: bool, submit: bool) -> Report:
    """Store each row as a draft, or submitted; each in a transaction of its own. A known row is left as it is."""
    report = Report()
    for row in rows:
        try:
            if _take(row, dry_run=dry_run, submit=submit):
                report.added += 1
            else:
                report.known += 1
        except (RowError, Refused) as error:
            db.session.rollback()
            report.refused.append(Refusal(row.line, str(error)))
    return report


def _take(row: Row, *, dry_run: bool, submit: bool) -> bool:
    answers = _answers(row.cells)
    key = _key(row.cells, answers)
    if db.session.scalar(select(Expression.id).where(Expression.creation_key == key)) is not None:
        return False
    expression = drafting.begin(key)
    drafting.change(expression, answers)
    expression.consented_at = _consent(row.cells)
    expression.notice_version = programme().notice.version if expression.consented_at else ""
    expression.duplicate_acknowledged = _yes(row.cells, "duplicate_acknowledged")
    db.session.flush()
    holders.vouch(expression)
    _store(expression, dry_run=dry_run, submit=submit)
    return True


def _store(expression: Expression, *, dry_run: bool, submit: bool) -> None:
    """Commit, submit or forget the draft. A row that cannot be submitted is not kept as a draft either."""
    actor = Actor(f"{expression.contact_name} (from a file)", frozenset({Role.APPLICANT}))
    if submit:
        move = Move(expression, actor, {}, ExpressionCircumstances(expression, now()))
        reasons = EXPRESSION.refusals(move, "submit")
        if reasons:
            raise Refused(reasons)
    if dry_run:
        db.session.rollback()
    elif submit:
        advance(expression, "submit", actor=actor, version=expression.version)
    else:
        db.session.commit()


def _key(cells: Mapping[str, Any], answers: Mapping[str, Any]) -> str:
    """The creation key: of the row's own key, else of its organisation and contact."""
    own = str(cells.get("key") or "").strip()
    name = organisation_key(answers["organisation_name"])
    if not own and not name:
        raise RowError("The row has neither a key nor an organisation_name.")
    named = [programme().call.slug, own] if own else [programme().call.slug, name, answers["contact_email"].lower()]
    return "import:" + hashlib.sha256(json.dumps(named).encode()).hexdigest()[:50]


def _answers(cells: Mapping[str, Any]) -> dict[str, Any]:
    """The answers of a row as `drafting.change` takes them. Raises `RowError` with every sentence of the form."""
    answers: dict[str, Any] = {"criteria": {}}
    wrong: list[str] = []
    for step in steps():
        form = step.form(formdata=_sent(step, cells), meta={"csrf": False})
        if not form.validate():
            wrong += [str(sentence) for sentences in form.errors.values() for sentence in sentences]
        found = form.answers()
        answers |= {name: value for name, value in found.items() if name in step.form.attributes}
        facts = {name: value for name, value in found.items() if name in step.form.facts}
        answers["criteria"] |= {step.id: facts} if facts else {}
    if wrong:
        raise RowError(" ".join(wrong))
    return answers


def _sent(step: Step, cells: Mapping[str, Any]) -> MultiDict[str, Any]:
    """The cells of a step as its form would have been sent."""
    kept = {name: cells.get(name) for name in step.form.attributes}
    kept |= {name: cells.get(f"{step.id}.{name}") for name in step.form.facts}
    lists = {"preferences", "countries_served", "countries", "sdgs", "action_lines"}
    split = {name: _list(value) if name in lists else _text(name, value) for name, value in kept.items()}
    sent: MultiDict[str, Any] = MultiDict()
    for name, value in step.form.shown(split | {"language": split.get("language") or "en"}).items():
        sent.setlist(name, [str(each) for each in value] if isinstance(value, list) else [value])
    return sent


def _text(name: str, value: Any) -> str:
    if isinstance(value, dict | list):
        raise RowError(f"{name}: expected a text, found a list or an object.")
    return "" if value is None else str(value)


def _list(value: Any) -> list[str]:
    items = value if isinstance(value, list) else _text("list", value).split(";")
    return [text for item in items if (text := str(item).strip())]


def _consent(cells: Mapping[str, Any]) -> datetime | None:
    text = str(cells.get("consented_on") or "").strip()
    try:
        day = date.fromisoformat(text) if text else None
    except ValueError as error:
        raise RowError(f"consented_on: “{text}” is not a day. Write it as 2027-01-31.") from error
    return datetime(day.year, day.month, day.day, tzinfo=UTC) if day else None


def _yes(cells: Mapping[str, Any], name: str) -> bool:
    text = str(cells.get(name) or "").strip().lower()
    if text not in YES | NO:
        raise RowError(f"{name}: write yes or no.")
    return text in YES
