"""Import: by the rules of the form, each row whole or refused with its line, and never twice."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from intake import importing
from intake.extensions import db
from intake.importing import FileError, Refusal, Report
from intake.models import Expression, Letter
from workflows.expression import State

ROW: dict[str, str] = {
    "key": "A-1",
    "organisation_name": "Ministry of Roads",
    "category": "member_states",
    "sub_type": "ministry",
    "country": "RWA",
    "contact_name": "Programme officer",
    "contact_email": "officer@example.org",
    "preferences": "adoption; access",
    "commitment.statement": "We connected 40 schools.",
    "commitment.basis": "past_work",
    "pledge.statement": "We intend to connect more.",
    "pledge.pledge_type": "programmatic",
    "pledge.target": "100 schools",
    "pledge.value": "250,000",
    "pledge.currency": "usd",
    "pledge.countries": "RWA;BDI",
    "participation.statement": "Our minister will attend.",
    "delegate_title": "Minister",
    "participation_mode": "remote",
    "engagement.statement": "We will review drafts.",
    "engagement.nominee_name": "Head of policy",
    "communities": "Rural schools",
    "countries_served": "RWA",
    "sdgs": "4;9",
    "consented_on": "2026-11-20",
}


def written(folder: Path, rows: list[dict[str, Any]]) -> Path:
    """The rows as a CSV file."""
    file = folder / "rows.csv"
    with file.open("w", encoding="utf-8", newline="") as open_file:
        writer = csv.DictWriter(open_file, list(ROW))
        writer.writeheader()
        writer.writerows(rows)
    return file


def taken(file: Path, *, dry_run: bool = False, submit: bool = False) -> Report:
    """The report of an import."""
    return importing.take(importing.read(file), dry_run=dry_run, submit=submit)


def stored() -> list[Expression]:
    """What is in the database."""
    return list(db.session.scalars(select(Expression).order_by(Expression.id)))


def test_a_row_becomes_a_draft_and_a_second_run_adds_nothing(app: Flask, tmp_path: Path) -> None:
    file = written(tmp_path, [ROW])

    assert taken(file) == Report(added=1)
    assert taken(file) == Report(known=1)

    (made,) = stored()
    assert (made.state, made.organisation_name, made.category, made.sub_type) == (
        State.DRAFT, "Ministry of Roads", "member_states", "ministry",
    )  # fmt: skip
    assert (made.preferences, made.sdgs, made.countries_served, made.language) == (
        ["adoption", "access"], [4, 9], ["RWA"], "en",
    )  # fmt: skip
    assert made.criteria["pledge"] == {
        "statement": "We intend to connect more.", "pledge_type": "programmatic", "target": "100 schools",
        "target_date": "", "value": "250000", "currency": "USD", "countries": ["BDI", "RWA"], "beneficiaries": "",
        "public": "",
    }  # fmt: skip


def test_a_json_file_gives_the_same_with_lists_as_lists(app: Flask, tmp_path: Path) -> None:
    file = tmp_path / "rows.json"
    file.write_text(json.dumps([{**ROW, "sdgs": [4, 9], "preferences": ["adoption", "access"]}]), encoding="utf-8")

    assert taken(file) == Report(added=1)
    assert stored()[0].sdgs == [4, 9]
    assert taken(written(tmp_path, [ROW])) == Report(known=1)


def test_a_complete_row_with_a_consent_can_be_submitted(app: Flask, tmp_path: Path) -> None:
    assert taken(written(tmp_path, [ROW]), submit=True) == Report(added=1)

    (made,) = stored()
    assert (made.state, made.history[0].actor_name) == (State.SUBMITTED, "Programme officer (from a file)")
    assert [letter.audience for letter in db.session.scalars(select(Letter))] == ["applicant", "secretariat"]


def test_a_row_that_cannot_be_submitted_is_refused_whole(app: Flask, tmp_path: Path) -> None:
    rows = [{**ROW, "consented_on": "", "sdgs": ""}, {**ROW, "key": "A-2", "organisation_name": "Ministry of Ports"}]

    report = taken(written(tmp_path, rows), submit=True)

    said = (
        "Some answers are missing. Complete these steps: goals. Confirm that you have read the notice and agree to it."
    )
    assert report == Report(added=1, refused=[Refusal(2, said)])
    assert [made.organisation_name for made in stored()] == ["Ministry of Ports"]


def test_a_dry_run_foretells_the_same_and_stores_nothing(app: Flask, tmp_path: Path) -> None:
    file = written(tmp_path, [ROW, {**ROW, "key": "A-2", "contact_email": "no address"}])

    report = taken(file, dry_run=True, submit=True)

    assert (report.added, [refusal.line for refusal in report.refused]) == (1, [3])
    assert stored() == []


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"contact_email": "nobody"}, "E-mail address: write an address such as name@example.org."),
        ({"category": "aliens"}, "Category and type: choose one of the answers offered."),
        ({"country": "Atlantis"}, "Country: choose one of the answers offered."),
        ({"consented_on": "yesterday"}, "consented_on: “yesterday” is not a day. Write it as 2027-01-31."),
        ({"key": "", "organisation_name": " "}, "The row has neither a key nor an organisation_name."),
    ],
)
def test_a_wrong_row_is_refused_with_the_sentence_of_the_form(
    app: Flask, tmp_path: Path, cells: dict[str, str], said: str
) -> None:
    report = taken(written(tmp_path, [{**ROW, **cells}]))

    assert report == Report(refused=[Refusal(2, said)])
    assert stored() == []


def test_the_line_of_a_refusal_counts_lines_within_cells(app: Flask, tmp_path: Path) -> None:
    rows = [{**ROW, "communities": "Rural\nschools\nand more"}, {**ROW, "key": "A-2", "country": "Atlantis"}]

    assert [refusal.line for refusal in taken(written(tmp_path, rows)).refused] == [5]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("rows.txt", b"key\n", "rows.txt is neither .csv nor .json."),
        ("rows.csv", b"key\n\xff\n", "rows.csv is not UTF-8 text (byte 4). Save it again as UTF-8."),
        ("rows.csv", b"", "rows.csv, line 1: the first line must name the columns, each once."),
        ("rows.csv", b"key,key\na,b\n", "rows.csv, line 1: the first line must name the columns, each once."),
        (
            "rows.csv",
            b"key,sdgs\na\n",
            "rows.csv, line 2: the row has not as many cells as the first line has columns.",
        ),
        ("rows.csv", b"key\na,b\n", "rows.csv, line 2: the row has not as many cells as the first line has columns."),
        ("rows.csv", b"keys\na\n", "rows.csv, line 2: there is no column “keys”. Did you mean “key”?"),
        ("rows.json", b"{}", "rows.json, line 1: expected a list of objects, which begins with “[”."),
        ("rows.json", b"[\n1]", "rows.json, line 2: expected an object, which begins with “{”."),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_its_line(
    app: Flask, tmp_path: Path, name: str, content: bytes, said: str
) -> None:
    file = tmp_path / name
    file.write_bytes(content)

    with pytest.raises(FileError) as refused:
        importing.read(file)

    assert str(refused.value) == said


@pytest.mark.parametrize("content", ["[{", "[" + '{"key": ' + "[" * 100_000, '[{"key": "a"} nonsense'])
def test_broken_json_is_refused_and_never_a_crash(app: Flask, tmp_path: Path, content: str) -> None:
    file = tmp_path / "rows.json"
    file.write_text(content, encoding="utf-8")

    with pytest.raises(FileError, match=r"rows\.json, line 1: this is not JSON"):
        importing.read(file)
