"""The exports: the filtered queue as CSV and XLSX, with cells that no program runs, and the pack to print."""

import csv
import io
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook

from intake import exports
from intake.extensions import db
from intake.models import Conflict, ConflictKind, Expression, Mode, Note, User
from tests import making
from tests.screening.visits import forget
from tests.statements import counted
from workflows.expression import State
from workflows.people import Role

Make = Callable[..., Expression]
SignIn = Callable[[Role], FlaskClient]
Account = Callable[[Role], User]


def read_csv(content: bytes) -> list[list[str]]:
    """The rows of a CSV file that begins with the mark of UTF-8."""
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def read_xlsx(content: bytes) -> list[list[object]]:
    """The rows of the only sheet of an XLSX file; an empty cell as an empty text."""
    sheet = load_workbook(io.BytesIO(content)).worksheets[0]
    return [["" if value is None else value for value in row] for row in sheet.iter_rows(values_only=True)]


READERS = {"csv": read_csv, "xlsx": read_xlsx}
KINDS = sorted(READERS)


@pytest.mark.parametrize(
    ("value", "held"),
    [
        ("=1+1", "'=1+1"),
        ("+41 22", "'+41 22"),
        ("-2", "'-2"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\tx", "'\tx"),
        ("\rx", "'\rx"),
        ("\nx", "'\nx"),
        ("\x00=1", "'=1"),
        ("＝1", "'＝1"),
        ("#N/A", "'#N/A"),
        ("a=b", "a=b"),
        ("Côte\x0b d’Ivoire", "Côte d’Ivoire"),
        ("x" * 40_000, "x" * 32_767),
        (None, ""),
        (-5, -5),
        (1.5, 1.5),
        (True, "True"),
    ],
)
def test_a_cell_is_no_formula_and_numbers_stay_numbers(value: object, held: object) -> None:
    assert exports.cell(value) == held


def test_a_sheet_that_is_full_is_followed_by_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "MOST_ROWS", 2)

    book = load_workbook(io.BytesIO(b"".join(exports.as_xlsx(["number"], ([number] for number in range(3))))))

    assert [[row[0] for row in sheet.values] for sheet in book] == [["number", 0, 1], ["number", 2]]


def test_rows_are_written_while_they_are_read() -> None:
    read = 0

    def rows() -> Iterator[list[object]]:
        nonlocal read
        for read in range(10_000):
            yield [read]

    next(exports.as_csv(["number"], rows()))

    assert read < 2 * exports.AT_ONCE


@pytest.mark.parametrize("kind", KINDS)
def test_an_export_tells_what_the_queue_shows(kind: str, expression: Make, sign_in: SignIn, account: Account) -> None:
    made = expression(
        State.CONFIRMED,
        organisation_name='=HYPERLINK("x")',
        country="RWA",
        submitted_at=datetime(2026, 7, 1, 22, 30, tzinfo=UTC),
        state_since=datetime(2026, 1, 15, 22, 30, tzinfo=UTC),
        decision_due_on=datetime(2026, 7, 22, tzinfo=UTC).date(),
        seat_mode=Mode.REMOTE,
        screener_id=account(Role.SCREENER).id,
    )
    making.document(made)

    answer = sign_in(Role.SECRETARIAT).get(f"/staff/queue/export.{kind}?state=all")

    head, row = READERS[kind](answer.data)
    told = dict(zip(head, row, strict=True))
    assert answer.mimetype == exports.MIMETYPES[kind]
    assert answer.headers["Content-Disposition"].endswith(f'.{kind}"')
    assert told == {
        "Reference": made.reference,
        "State": "Confirmed",
        "Organisation": '\'=HYPERLINK("x")',
        "Category": "Member States",
        "Kind": told["Kind"],
        "Country code": "RWA",
        "Country": "Rwanda",
        "ITU region": "Africa",
        "LDC, LLDC, SIDS": "LDC, LLDC",
        "Website": "",
        "Contact": "Programme officer",
        "E-mail": made.contact_email,
        "Language": "en",
        "Focus areas, in order": "ACCESS; ADOPTION",
        "Working group": "ACCESS",
        "Seat": "remote",
        "Delegate": "The Minister",
        "Title of the delegate": "Minister of Connectivity",
        "Sent (Geneva time)": "2026-07-02T00:30:00",
        "In this state since (Geneva time)": "2026-01-15T23:30:00",
        "Decision due (Geneva time)": "2026-07-22",
        "Answers due (Geneva time)": "",
        "Screener": "The screener",
        "Documents": {"csv": "1", "xlsx": 1}[kind],
    }


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("state=submitted&sort=name", ["Alpha", "Beta"]),
        ("state=submitted&sort=newest", ["Alpha", "Beta"]),
        ("state=submitted&sort=oldest", ["Beta", "Alpha"]),
        ("state=all&q=gamma", ["Gamma"]),
        ("state=all&category=youth", ["Beta"]),
        ("state=lapsed", []),
    ],
)
def test_an_export_follows_the_filters_and_hides_drafts(
    kind: str, query: str, names: list[str], expression: Make, sign_in: SignIn
) -> None:
    expression(
        State.SUBMITTED, organisation_name="Beta", category="youth", submitted_at=datetime(2026, 1, 1, tzinfo=UTC)
    )
    expression(State.SUBMITTED, organisation_name="Alpha", submitted_at=datetime(2026, 1, 2, tzinfo=UTC))
    expression(State.SCREENED, organisation_name="Gamma")
    expression(State.DRAFT, organisation_name="Gamma draft")

    answer = sign_in(Role.SCREENER).get(f"/staff/queue/export.{kind}?{query}")

    assert [row[2] for row in READERS[kind](answer.data)[1:]] == names


def test_an_export_holds_no_note(expression: Make, sign_in: SignIn, account: Account) -> None:
    made = expression(State.SUBMITTED)
    db.session.add(Note(expression_id=made.id, author_name=account(Role.SCREENER).name, text="Only among us"))
    db.session.commit()

    answer = sign_in(Role.SECRETARIAT).get("/staff/queue/export.csv?state=all")

    assert (made.reference in answer.text, "Only among us" in answer.text) == (True, False)


@pytest.mark.parametrize("count", [1, 30])
def test_an_export_takes_the_same_few_statements(count: int, expression: Make, sign_in: SignIn) -> None:
    for _ in range(count):
        expression(State.SUBMITTED)
    browser = sign_in(Role.SCREENER)
    forget()

    with counted() as statements:
        browser.get("/staff/queue/export.csv")

    assert len(statements) <= 8


def test_a_pack_holds_every_statement_with_boxes_for_the_verdicts(expression: Make, sign_in: SignIn) -> None:
    expression(State.SUBMITTED)
    expression(State.SCREENED)

    page = sign_in(Role.SCREENER).get("/staff/queue/pack?state=all").text

    assert page.count('<article class="pack"') == 2
    assert page.count("We connected 40 schools.") == 2
    assert (page.count("☒ Met"), page.count("☐ Met")) == (4, 4)


def test_a_pack_says_when_it_is_not_all(expression: Make, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("intake.screening.exporting.MOST_PAGES", 1)
    expression(State.SUBMITTED)
    expression(State.SUBMITTED)

    page = sign_in(Role.SCREENER).get("/staff/queue/pack").text

    assert page.count('<article class="pack"') == 1
    assert "A pack holds the first 1 expressions." in page


def test_an_empty_pack_says_so(sign_in: SignIn) -> None:
    assert "Nothing to print" in sign_in(Role.SCREENER).get("/staff/queue/pack").text


def test_whoever_has_a_conflict_of_interest_gets_no_verdicts(
    expression: Make, sign_in: SignIn, account: Account
) -> None:
    made = expression(State.SCREENED)
    me = account(Role.SCREENER).id
    db.session.add(Conflict(expression_id=made.id, user_id=me, kind=ConflictKind.ADVICE, reason="I advised them."))
    db.session.commit()

    page = sign_in(Role.SCREENER).get("/staff/queue/pack?state=all").text

    assert "You have a conflict of interest with this applicant" in page
    assert ("We connected 40 schools." in page, "☒" in page, "Shown in the statement." in page) == (True, False, False)


@pytest.mark.parametrize("count", [1, 10])
def test_a_pack_takes_the_same_few_statements(count: int, expression: Make, sign_in: SignIn) -> None:
    for _ in range(count):
        expression(State.SCREENED)
    browser = sign_in(Role.SCREENER)
    forget()

    with counted() as statements:
        browser.get("/staff/queue/pack?state=all")

    assert len(statements) <= 10


@pytest.mark.parametrize("path", ["export.csv", "export.xlsx", "pack"])
def test_an_unknown_filter_breaks_nothing(path: str, expression: Make, sign_in: SignIn) -> None:
    expression(State.SUBMITTED)

    answer = sign_in(Role.SCREENER).get(f"/staff/queue/{path}?state=moon&from=%00&colour=blue&q=%00")

    assert answer.status_code == 200
