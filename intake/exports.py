"""Writes expressions as CSV and XLSX, row by row, so that their number does not matter; it holds no notes or verdicts.

A cell that a spreadsheet program would take for a formula begins with an apostrophe instead.
"""

import csv
import io
import re
import tempfile
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime
from typing import IO, Any

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, Select, func, select

from intake.current import programme
from intake.extensions import db
from intake.models import Document, Expression, User
from intake.programme import countries
from intake.staff_words import area_name, category_name, place_tags, state_name, sub_type_name
from intake.wording import mode_name, place_name, region_name, zone_name

Cell = str | int | float
LONGEST_CELL = 32_767
"""What a cell of XLSX can hold."""
MOST_ROWS = 1_000_000
"""What a sheet of XLSX can hold, nearly; what is more goes to another sheet."""
AT_ONCE = 500
"""Rows that are read and written together."""
CHUNK = 65_536
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
ERROR_CODES = ("#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A")
"""Words that a spreadsheet program takes for errors of its own."""
FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
"""Characters that XLSX refuses."""
MIMETYPES = {"csv": "text/csv", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


def cell(value: object) -> Cell:
    """A value as a cell may hold it: numbers stay numbers, everything else is text that no program runs."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    text = FORBIDDEN.sub("", "" if value is None else str(value))
    if text.startswith(FORMULA) or text in ERROR_CODES:
        text = "'" + text
    return text[:LONGEST_CELL]


def as_csv(head: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[bytes]:
    """The bytes of a CSV file, with the mark by which spreadsheet programs know UTF-8."""
    page = io.StringIO(newline="")
    writer = csv.writer(page)
    page.write("\ufeff")
    writer.writerow([cell(label) for label in head])
    for number, row in enumerate(rows, start=1):
        writer.writerow([cell(value) for value in row])
        if number % AT_ONCE == 0:
            yield _taken(page)
    yield _taken(page)


def _taken(page: io.StringIO) -> bytes:
    text = page.getvalue()
    page.seek(0)
    page.truncate()
    return text.encode("utf-8")


def as_xlsx(head: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[bytes]:
    """The bytes of an XLSX file, which is written into a temporary file first."""
    with tempfile.TemporaryFile() as file:
        _write_xlsx(file, head, rows)
        file.seek(0)
        while chunk := file.read(CHUNK):
            yield chunk


def _write_xlsx(file: IO[bytes], head: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    from openpyxl import Workbook  # noqa: PLC0415 - 13 MB of each process, most of which write no workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for number, row in enumerate(rows):
        if number % MOST_ROWS == 0:
            sheet = sheet if number == 0 else book.create_sheet()
            sheet.append([cell(label) for label in head])
        sheet.append([cell(value) for value in row])
    book.save(file)


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the export of expressions: its head, and what it holds of a row of `SELECTED`."""

    head: str
    value: Callable[[Any], object]


SELECTED: tuple[ColumnElement[Any], ...] = tuple(
    column.expression
    for column in (
        Expression.reference,
        Expression.state,
        Expression.organisation_name,
        Expression.category,
        Expression.sub_type,
        Expression.country,
        Expression.website,
        Expression.contact_name,
        Expression.contact_email,
        Expression.language,
        Expression.preferences,
        Expression.focus_area,
        Expression.seat_mode,
        Expression.delegate_name,
        Expression.delegate_title,
        Expression.submitted_at,
        Expression.state_since,
        Expression.decision_due_on,
        Expression.answer_due_on,
    )
)


def columns() -> list[Column]:
    """What is told of each expression."""
    return [
        Column(_("Reference"), lambda row: row.reference),
        Column(_("State"), lambda row: state_name(row.state)),
        Column(_("Organisation"), lambda row: row.organisation_name),
        Column(_("Category"), lambda row: category_name(row.category)),
        Column(_("Kind"), lambda row: sub_type_name(row.category, row.sub_type)),
        *_place_columns(),
        Column(_("Website"), lambda row: row.website),
        Column(_("Contact"), lambda row: row.contact_name),
        Column(_("E-mail"), lambda row: row.contact_email),
        Column(_("Language"), lambda row: row.language),
        Column(_("Focus areas, in order"), lambda row: "; ".join(area_name(area) for area in row.preferences)),
        Column(_("Working group"), lambda row: area_name(row.focus_area)),
        Column(_("Seat"), lambda row: mode_name(row.seat_mode)),
        Column(_("Delegate"), lambda row: row.delegate_name),
        Column(_("Title of the delegate"), lambda row: row.delegate_title),
        *_time_columns(),
        Column(_("Screener"), lambda row: row.screener),
        Column(_("Documents"), lambda row: row.documents),
    ]


def _place_columns() -> list[Column]:
    """Where the organisation is."""
    return [
        Column(_("Country code"), lambda row: row.country),
        Column(_("Country"), lambda row: place_name(row.country)),
        Column(_("ITU region"), lambda row: _region(row.country)),
        Column(_("LDC, LLDC, SIDS"), lambda row: ", ".join(place_tags(row.country))),
    ]


def _region(code: str) -> str:
    found = countries().get(code)
    return region_name(found.region) if found else ""


def _time_columns() -> list[Column]:
    """When it was sent, and what is due; ISO 8601, in the zone that the head names."""
    zone = zone_name()
    return [
        Column(_("Sent (%(zone)s)", zone=zone), lambda row: _iso(row.submitted_at)),
        Column(_("In this state since (%(zone)s)", zone=zone), lambda row: _iso(row.state_since)),
        Column(_("Decision due (%(zone)s)", zone=zone), lambda row: _iso(row.decision_due_on)),
        Column(_("Answers due (%(zone)s)", zone=zone), lambda row: _iso(row.answer_due_on)),
    ]


def _iso(value: date | datetime | None) -> str:
    if isinstance(value, datetime):
        return value.astimezone(programme().call.zone).replace(tzinfo=None).isoformat(timespec="seconds")
    return value.isoformat() if value else ""


WRITERS = {"csv": as_csv, "xlsx": as_xlsx}


def expressions(statement: Select[Any], kind: str) -> Iterator[bytes]:
    """The bytes of a file with the expressions of a statement in its order; `kind` is csv or xlsx."""
    told = columns()
    with closing(_rows(statement, told)) as rows:
        yield from WRITERS[kind]([column.head for column in told], rows)


def _rows(statement: Select[Any], told: Sequence[Column]) -> Generator[list[object]]:
    """The rows by and by, over a cursor that the server keeps; on SQLite a transaction that only reads."""
    screener = func.coalesce(func.nullif(User.name, ""), User.email, "").label("screener")
    kept = select(func.count()).where(Document.expression_id == Expression.id, Document.removed_at.is_(None))
    attached = kept.correlate(Expression).scalar_subquery().label("documents")
    chosen = statement.with_only_columns(*SELECTED, screener, attached, maintain_column_froms=True)
    named = chosen.outerjoin(User, User.id == Expression.screener_id).execution_options(yield_per=AT_ONCE)
    found: Any = db.session.execute(named)
    with found:
        for row in found:
            yield [column.value(row) for column in told]
