"""The command line: what it prints and the exit codes that a script can use."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from flask_security import verify_password
from sqlalchemy import delete, select, update

from intake.advance import advance
from intake.cli import main
from intake.extensions import db
from intake.models import Expression, HistoryEntry, SearchWords, User
from tests import lines
from tests.making import SECRETARIAT
from tests.smtp import SmtpSink
from workflows.expression import State

Make = Callable[..., Expression]
Run = Callable[..., Result]
README = Path(__file__).parents[1] / "README.md"


@pytest.fixture
def smtp() -> Iterator[SmtpSink]:
    """A mail server."""
    with SmtpSink() as server:
        yield server


@pytest.fixture
def intake(app: Flask, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs `intake ...` with the settings of the application under test, others as given."""

    def run(*arguments: str, typed: str | None = None, **settings: str) -> Result:
        for name in [name for name in os.environ if name.startswith("INTAKE_")]:
            monkeypatch.delenv(name)
        for name, value in (environment | settings).items():
            monkeypatch.setenv(name, value)
        db.session.commit()
        result = CliRunner().invoke(main, arguments, input=typed)
        db.session.expire_all()
        return result

    return run


def test_the_table_is_printed_as_lines_and_as_a_diagram(intake: Run) -> None:
    table = intake("workflow", "show", "expression")
    diagram = intake("workflow", "show", "expression", "--format", "mermaid")

    assert (table.exit_code, table.output.splitlines()) == (0, lines.text())
    assert diagram.output in README.read_text(encoding="utf-8")


def test_an_account_is_added_and_then_changed(intake: Run) -> None:
    email = "person@example.org"
    added = intake("user", "add", email, "--name", "Person", "--role", "screener", "--password", "a long password")
    changed = intake("user", "add", email, "--role", "secretariat", "--role", "screener", "--password", "another one")

    person = db.session.scalars(select(User)).one()
    assert (added.exit_code, added.output) == (0, "person@example.org is added: screener.\n")
    assert (changed.exit_code, changed.output) == (0, "person@example.org is changed: secretariat, screener.\n")
    assert (person.name, sorted(role.name for role in person.roles)) == ("Person", ["screener", "secretariat"])
    assert verify_password("another one", person.password)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["no address", "--role", "screener", "--password", "a long password"], "is not an e-mail address"),
        (["a@example.org", "--role", "screener", "--password", "short"], "must have at least 10 characters"),
    ],
)
def test_a_wrong_account_is_refused(intake: Run, arguments: list[str], said: str) -> None:
    result = intake("user", "add", *arguments)

    assert (result.exit_code, said in result.output) == (1, True)
    assert db.session.scalars(select(User)).all() == []


def test_whole_histories_are_verified_and_a_changed_one_is_named(intake: Run, expression: Make) -> None:
    ghana = expression(State.SCREENED)
    advance(ghana, "assign", actor=SECRETARIAT, version=ghana.version, focus_area="access")
    expression(State.SUBMITTED)

    changed = intake("history", "verify")
    db.session.execute(update(HistoryEntry).values(actor_name="Somebody else"))
    spoiled = intake("history", "verify")

    assert changed.exit_code == 1
    assert "the history ends in “draft”" in changed.output
    assert f"{ghana.reference}, entry 1: its words were changed after they were written." in spoiled.output


def test_whole_histories_exit_with_0(intake: Run, expression: Make) -> None:
    expression(State.DRAFT)

    result = intake("history", "verify")

    assert (result.exit_code, result.stdout) == (0, "1 histories are whole.\n")


def test_letters_are_delivered_and_counted(intake: Run, expression: Make, smtp: SmtpSink) -> None:
    ghana = expression(State.SUBMITTED)
    advance(ghana, "withdraw", actor=SECRETARIAT, version=ghana.version, reason="Asked for.")
    settings = {"INTAKE_MAIL_PORT": str(smtp.port)}

    before = intake("mail", "status", **settings)
    delivered = intake("mail", "deliver", **settings)
    after = intake("mail", "status", **settings)
    again = intake("mail", "deliver", **settings)

    assert before.output.splitlines()[0].split() == ["queued", "2"]
    assert (delivered.exit_code, delivered.output) == (0, "2 sent, 0 failed, 0 to be tried again.\n")
    assert (after.exit_code, after.output.splitlines()[-1]) == (0, "none waiting")
    assert again.output == "0 sent, 0 failed, 0 to be tried again.\n"
    assert len(smtp.messages) == 2


def test_a_server_that_is_away_is_said_with_exit_code_1(intake: Run, expression: Make) -> None:
    ghana = expression(State.SUBMITTED)
    advance(ghana, "withdraw", actor=SECRETARIAT, version=ghana.version, reason="Asked for.")

    result = intake("mail", "deliver", INTAKE_MAIL_PORT="1")

    assert (result.exit_code, result.output.splitlines()[0]) == (1, "0 sent, 0 failed, 2 to be tried again.")


def test_a_test_letter_leaves_at_once(intake: Run, smtp: SmtpSink) -> None:
    result = intake("mail", "test", "me@example.org", INTAKE_MAIL_PORT=str(smtp.port))

    assert (result.exit_code, result.output) == (0, "1 sent, 0 failed, 0 to be tried again.\n")
    assert [received.recipient for received in smtp.messages] == ["me@example.org"]


def test_an_import_reports_each_refused_row_with_its_line(intake: Run, tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    file.write_text("key,organisation_name,country\nA,Ministry of Roads,RWA\nB,Ministry of Ports,Atlantis\n")

    dry = intake("import", str(file), "--dry-run")
    real = intake("import", str(file))
    again = intake("import", str(file))

    refusal = "rows.csv, line 3: Country: choose one of the answers offered."
    assert (dry.exit_code, dry.stdout.splitlines()) == (1, [refusal, "1 would be added, 0 already there, 1 refused."])
    assert real.stdout.splitlines() == [refusal, "1 added, 0 already there, 1 refused."]
    assert again.stdout.splitlines() == [refusal, "0 added, 1 already there, 1 refused."]
    assert [each.organisation_name for each in db.session.scalars(select(Expression))] == ["Ministry of Roads"]


def test_a_file_that_cannot_be_read_is_said_with_exit_code_1(intake: Run, tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    file.write_bytes(b"\xff\xfe")

    result = intake("import", str(file))

    assert (result.exit_code, "is not UTF-8 text" in result.output) == (1, True)


def test_a_wrong_setting_is_said_with_exit_code_2(intake: Run) -> None:
    result = intake("mail", "status", INTAKE_MAIL_PORT="many")

    assert (result.exit_code, "INTAKE_MAIL_PORT: expected a whole number" in result.output) == (2, True)


def test_a_database_without_tables_is_said_with_what_to_run(intake: Run, tmp_path: Path) -> None:
    result = intake("mail", "status", INTAKE_DATABASE_URL=f"sqlite:///{tmp_path / 'empty.sqlite3'}")

    assert (result.exit_code, "`intake db upgrade`" in result.output) == (1, True)


def test_the_words_of_a_search_are_written_anew(intake: Run, expression: Make) -> None:
    expression(organisation_name="Lost")
    db.session.execute(delete(SearchWords))
    db.session.commit()

    result = intake("search", "rebuild")

    assert (result.exit_code, result.output) == (0, "Expressions that can be searched: 1.\n")


def test_migrations_go_up_down_and_up_again(intake: Run, tmp_path: Path) -> None:
    database = {"INTAKE_DATABASE_URL": f"sqlite:///{tmp_path / 'new.sqlite3'}"}

    codes = [
        intake("db", "upgrade", **database).exit_code,
        intake("mail", "status", **database).exit_code,
        intake("db", "downgrade", "0001", typed="y\n", **database).exit_code,
        intake("mail", "status", **database).exit_code,
        intake("db", "upgrade", **database).exit_code,
        intake("mail", "status", **database).exit_code,
    ]

    assert codes == [0, 0, 0, 1, 0, 0]
