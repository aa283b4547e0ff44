"""Turns a programme's TOML file into a Programme, or says everything that is wrong with it, line by line."""

import re
import tomllib
from collections.abc import Callable, Iterable
from datetime import date, datetime, time, timedelta
from importlib import resources
from pathlib import Path
from typing import Any, TypeVar, cast

from intake.programme.lines import lines_of
from intake.programme.programme import (
    ACCESS_LOG_DAYS,
    FACTS,
    Call,
    Category,
    Criterion,
    Facts,
    FocusArea,
    Notice,
    Programme,
    Retention,
    Roundtable,
    Secretariat,
    SubType,
)
from intake.programme.table import NO_DAY, NO_MOMENT, PARAGRAPH, Problems, Table

SHIPPED = "partner2connect.toml"
EXAMPLE = "example-later-call.toml"

_Item = TypeVar("_Item")


class ProgrammeError(Exception):
    """A file that cannot be a programme; its text has one line a problem: FILE, line N: reason."""


def load_programme(path: Path | None = None) -> Programme:
    """The programme in `path`, or the shipped one. Raises ProgrammeError with all that is wrong."""
    if path is None:
        return read_programme(shipped_text(SHIPPED), name=SHIPPED)
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise ProgrammeError(f"{path}: cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise ProgrammeError(f"{path}, line {line}: this is not UTF-8. Save the file as UTF-8.") from error
    return read_programme(text, name=str(path))


def shipped_text(name: str) -> str:
    """A file that lies beside this module, also in an installed wheel."""
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8")


def read_programme(text: str, *, name: str) -> Programme:
    """The programme written in `text`; `name` stands before each problem."""
    text = text.replace("\r\n", "\n")
    values = _parse(text, name=name)
    problems = Problems(lines_of(text))
    programme = _programme(Table(values, path=(), problems=problems))
    if problems.found:
        raise ProgrammeError("\n".join(f"{name}, line {line}: {reason}" for line, reason in sorted(problems.found)))
    return programme


def _parse(text: str, *, name: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except RecursionError as error:
        raise ProgrammeError(f"{name}: lists or tables are nested too deeply. Write them flat.") from error
    except ValueError as error:
        reason, _, place = str(error).rpartition(" (at ")
        found = re.match(r"line (\d+), column (\d+)", place)
        line = int(found[1]) if found else text.rstrip("\n").count("\n") + 1
        column = f", column {found[2]}" if found else ""
        raise ProgrammeError(f"{name}, line {line}{column}: this is not TOML: {reason}.") from error


def _programme(table: Table) -> Programme:
    programme = Programme(
        slug=table.id("slug"),
        name=table.text("name"),
        call=_call(table.table("call")),
        roundtable=_roundtable(table.table("roundtable")),
        focus_areas=_each(table.tables("focus_areas"), _focus_area),
        categories=_each(table.tables("categories"), _category),
        criteria=_criteria(table.tables("criteria")),
        secretariat=_secretariat(table.table("secretariat")),
        notice=_notice(table.table("notice")),
        retention=_retention(table.table("retention")),
    )
    table.close()
    return programme


def _call(table: Table) -> Call:
    zone = table.zone("zone")
    call = Call(
        slug=table.id("slug"),
        title=table.text("title"),
        opens=table.moment("opens", zone),
        closes=table.moment("closes", zone),
        zone=zone,
        decision_working_days=table.number("decision_working_days", least=1, most=250),
        answer_working_days=table.number("answer_working_days", least=1, most=250),
        enquiry_working_days=table.number("enquiry_working_days", least=1, most=250),
        undo_minutes=table.number("undo_minutes", least=0, most=1440),
        link_days=table.number("link_days", least=1, most=366),
        two_screeners=table.flag("two_screeners"),
        lapse_after_days=table.number_or_none("lapse_after_days", least=0, most=366),
    )
    if NO_MOMENT not in (call.opens, call.closes) and call.closes <= call.opens:
        table.refuse("closes", "The call closes before it opens. Mend “opens” or “closes”.")
    table.close()
    return call


def _roundtable(table: Table) -> Roundtable:
    roundtable = Roundtable(
        name=table.text("name"),
        place=table.text("place"),
        starts=table.day("starts"),
        ends=table.day("ends"),
        seats_in_person=table.number("seats_in_person", least=0, most=100_000),
        seats_remote=table.number("seats_remote", least=0, most=100_000),
    )
    if NO_DAY not in (roundtable.starts, roundtable.ends) and roundtable.ends < roundtable.starts:
        table.refuse("ends", "The Roundtable ends before it starts. Mend “starts” or “ends”.")
    table.close()
    return roundtable


def _focus_area(table: Table, number: int) -> FocusArea:
    return FocusArea(
        id=table.id("id"),
        number=number,
        name=table.text("name"),
        tagline=table.text("tagline"),
        summary=table.text("summary", longest=PARAGRAPH),
        lead_email=table.address_or_none("lead_email"),
    )


def _category(table: Table, number: int) -> Category:
    return Category(
        id=table.id("id"),
        name=table.text("name"),
        short_name=table.text("short_name", longest=60),
        sub_types=_each(table.tables("sub_types", least=0), _sub_type),
    )


def _sub_type(table: Table, number: int) -> SubType:
    return SubType(id=table.id("id"), name=table.text("name"))


def _criteria(tables: list[Table]) -> tuple[Criterion, ...]:
    _refuse_twice(
        (table for table in tables if table.values.get("facts") != "none"),
        key="facts",
        reason="The facts “{}” are asked for by the criterion of line {} already. Use “none” or others.",
    )
    return _each(tables, _criterion)


def _criterion(table: Table, number: int) -> Criterion:
    return Criterion(
        id=table.id("id"),
        name=table.text("name"),
        text=table.text("text", longest=PARAGRAPH),
        facts=cast(Facts, table.choice("facts", FACTS)),
        met=table.texts("met"),
        not_met=table.texts("not_met"),
    )


def _secretariat(table: Table) -> Secretariat:
    secretariat = Secretariat(
        name=table.text("name"),
        addresses=table.addresses("addresses"),
        sender=table.address("sender"),
        reply_to=table.address("reply_to"),
        enquiry_subject=table.text("enquiry_subject"),
    )
    table.close()
    return secretariat


def _notice(table: Table) -> Notice:
    notice = Notice(version=table.text("version", longest=40), paragraphs=table.texts("paragraphs"))
    table.close()
    return notice


def _retention(table: Table) -> Retention:
    retention = Retention(
        draft_days=table.number("draft_days", least=1, most=3660),
        ended_months=table.number("ended_months", least=1, most=120),
        roundtable_years=table.number("roundtable_years", least=1, most=30),
        enquiry_months=table.number("enquiry_months", least=1, most=120),
        mail_months=table.number("mail_months", least=1, most=120),
        erasure_days=table.number("erasure_days", least=1, most=90),
        access_log_days=table.number_or_none("access_log_days", least=30, most=3660) or ACCESS_LOG_DAYS,
    )
    table.close()
    return retention


def _each(tables: list[Table], read: Callable[[Table, int], _Item]) -> tuple[_Item, ...]:
    items = []
    for number, table in enumerate(tables, start=1):
        items.append(read(table, number))
        table.close()
    _refuse_twice(tables, key="id", reason="The id “{}” is taken by line {} already. Choose another.")
    return tuple(items)


def _refuse_twice(tables: Iterable[Table], *, key: str, reason: str) -> None:
    seen: dict[str, int] = {}
    for table in tables:
        value = table.values.get(key)
        if not isinstance(value, str):
            continue
        if value in seen:
            table.refuse(key, reason.format(value, seen[value]))
        seen.setdefault(value, table.problems.lines[(*table.path, key)])


def demonstration_text(today: date) -> str:
    """The example of a later call as a file of its own whose call is open on `today`, with few seats."""
    closes = datetime.combine(today + timedelta(days=60), time(23, 59))
    starts = today + timedelta(days=150)
    _, _, text = shipped_text(EXAMPLE).partition("\n\n")
    for old, new in (
        (r'slug = "later-call"', 'slug = "demonstration"'),
        (r"title = .*", 'title = "A demonstration of a call for expressions of interest"'),
        (r"opens = .*", f"opens = {(today - timedelta(days=30)).isoformat()}T00:00:00"),
        (r"closes = .*", f"closes = {closes.isoformat()}"),
        (r"starts = .*", f"starts = {starts.isoformat()}"),
        (r"ends = .*", f"ends = {(starts + timedelta(days=2)).isoformat()}"),
        (r"seats_in_person = .*", "seats_in_person = 6"),
        (r"seats_remote = .*", "seats_remote = 4"),
    ):
        text = re.sub(f"^{old}$", new, text, count=1, flags=re.MULTILINE)
    return f"# Written for a demonstration on {today.isoformat()}. Fictitious; few seats, so that some wait.\n\n{text}"
