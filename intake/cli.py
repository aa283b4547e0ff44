"""The command line `intake`; each command does its work through the same functions as the pages.

Exit codes: 0 done, 1 something was refused, failed or is not whole, 2 the command or a setting is wrong.
"""

import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click
from flask import Flask
from flask_migrate import current, downgrade, upgrade
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from intake import create_app, daily, history, importing, people, search, serving
from intake.config import SettingError
from intake.extensions import db
from intake.models import Expression, HistoryEntry, now
from intake.notifications import deliver, outbox
from intake.notifications.compose import Text
from intake.programme import ProgrammeError
from workflows import diagram
from workflows.expression import EXPRESSION

WORKFLOWS = {"expression": EXPRESSION}
F = TypeVar("F", bound=Callable[..., Any])


class Failed(click.ClickException):
    """Something was refused or is not whole; exit code 1."""

    exit_code = 1


@click.group()
@click.version_option(package_name="p2c-intake")
def main() -> None:
    """P2C Intake: expressions of interest from the first form to the Roundtable."""


def _application() -> Flask:
    try:
        return create_app()
    except (SettingError, ProgrammeError) as error:
        raise click.UsageError(str(error)) from error


def with_app(command: F) -> F:
    """Run a command with the application of this process's settings, in its context."""

    def run(*args: Any, **kwargs: Any) -> Any:
        with _application().app_context():
            try:
                return command(*args, **kwargs)
            except OperationalError as error:
                message = f"The database does not answer, or `intake db upgrade` has not run: {error.orig}"
                raise Failed(message) from error
            finally:
                db.session.remove()
                db.engine.dispose()

    run.__name__, run.__doc__ = command.__name__, command.__doc__
    run.__dict__.update(command.__dict__)
    return run  # type: ignore[return-value]


@main.command()
def demo() -> None:
    """Run the site on this machine with demonstration expressions, a mailbox and three staff accounts."""
    serving.run(Path("instance/demo"), os.environ, filled=True, say=click.echo)


@main.command()
def serve() -> None:
    """Run the site on this machine; without INTAKE_MAIL_SERVER, letters go to a mailbox on the site."""
    serving.run(Path("instance/site"), os.environ, filled=False, say=click.echo)


@main.group("db")
def database() -> None:
    """The database and its migrations."""


@database.command("upgrade")
@click.argument("revision", default="head")
@with_app
def db_upgrade(revision: str) -> None:
    """Bring the database to the newest revision, or to REVISION."""
    upgrade(revision=revision)
    click.echo("The database is up to date.")


@database.command("downgrade")
@click.argument("revision", default="-1")
@click.confirmation_option(prompt="Columns and tables of later revisions are dropped with what is in them. Go on?")
@with_app
def db_downgrade(revision: str) -> None:
    """Take the database back to REVISION, or by one."""
    downgrade(revision=revision)
    click.echo("The database is at the earlier revision.")


@database.command("current")
@with_app
def db_current() -> None:
    """Show the revision of the database."""
    current()


@main.group()
def user() -> None:
    """Staff accounts."""


@user.command("add")
@click.argument("email")
@click.option("--name", default="", help="As colleagues and the history see it.")
@click.option("--role", "roles", multiple=True, required=True, type=click.Choice(people.STAFF_ROLES))
@click.option("--organisation", help="Whom the person works for; conflicts of interest are noticed by it.")
@click.password_option(help="Asked for when it is not given.")
@with_app
def user_add(email: str, name: str, roles: tuple[str, ...], organisation: str | None, password: str) -> None:
    """Add a member of staff, or change the name, organisation, roles and password of one."""
    try:
        created = people.put(email, name=name, roles=roles, password=password, organisation=organisation)
    except people.AccountError as error:
        raise Failed(str(error)) from error
    click.echo(f"{email} is {'added' if created else 'changed'}: {', '.join(roles)}.")


@main.group("mail")
def letters() -> None:
    """The outbox and its delivery."""


@letters.command("deliver")
@click.option("--watch", is_flag=True, help="Go on until interrupted.")
@with_app
def mail_deliver(*, watch: bool) -> None:
    """Send what is due. Without --watch: once, and exit with 1 when a letter failed or the server is away."""
    if watch:
        deliver.watch(_until_told_to_stop())
        return
    done = deliver.everything_due()
    click.echo(f"{done.sent} sent, {done.failed} failed, {done.waiting} to be tried again.")
    if done.failed or done.waiting:
        raise Failed("Not every letter left; `intake mail status` and the outbox page say why.")


def _until_told_to_stop() -> threading.Event:
    """An event that SIGTERM sets, so that no letter stays leased when a service is stopped."""
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda number, frame: stop.set())
    return stop


@letters.command("status")
@with_app
def mail_status() -> None:
    """Count the letters by status; exit with 1 when some have failed."""
    counts = outbox.status_counts()
    for status, count in counts.items():
        click.echo(f"{status:<12}{count:>8}")
    oldest = outbox.oldest_waiting()
    click.echo(f"oldest waiting: {oldest:%Y-%m-%d %H:%M} UTC" if oldest else "none waiting")
    if counts.get("failed"):
        raise Failed("Some letters have failed. The outbox page shows the server's words and sends them again.")


@letters.command("test")
@click.argument("address")
@with_app
def mail_test(address: str) -> None:
    """Send a test letter to ADDRESS now, through the settings of this process."""
    outbox.enqueue_test(address, Text("P2C Intake: test letter", "This letter shows that mail leaves P2C Intake.\n"))
    db.session.commit()
    done = deliver.everything_due()
    click.echo(f"{done.sent} sent, {done.failed} failed, {done.waiting} to be tried again.")
    if not done.sent:
        raise Failed("The test letter did not leave; the outbox page shows the server's words.")


@main.command("daily")
@with_app
def write_digests() -> None:
    """Write today's letter to each member of staff for whom something waits; a second run writes none again."""
    done = daily.write(now())
    click.echo(f"{done.letters} written." if done.letters or done.failed else "None to write today.")
    if done.failed:
        raise Failed(f"{done.failed} could not be written; the log says why. Mend it and run the command again.")


@main.group()
def workflow() -> None:
    """The tables of the processes."""


@workflow.command("show")
@click.argument("name", type=click.Choice(list(WORKFLOWS)))
@click.option("--format", "form", type=click.Choice(["table", "mermaid"]), default="table")
def workflow_show(name: str, form: str) -> None:
    """Print the process NAME as lines `from | step | to | who | given | tells`, or as a Mermaid diagram."""
    shown = WORKFLOWS[name]
    click.echo(diagram.mermaid(shown) if form == "mermaid" else "\n".join(diagram.lines(shown)), nl=form == "table")


@main.group("history")
def chain() -> None:
    """The history of the expressions."""


@chain.command("verify")
@with_app
def history_verify() -> None:
    """Check the hash chain of every expression; exit with 1 when one is not whole."""
    total = db.session.scalar(select(func.count()).select_from(Expression)) or 0
    faults: list[str] = []
    with click.progressbar(_chains(), length=total, label="Checking", file=sys.stderr) as chains:
        for expression, entries in chains:
            faults += history.faults(expression, entries)
    if faults:
        raise Failed("\n".join(faults))
    click.echo(f"{total} histories are whole.")


def _chains() -> Any:
    """Each expression with its entries, a hundred at a time."""
    last = 0
    ordered = select(Expression).order_by(Expression.id).limit(100)
    while batch := db.session.scalars(ordered.where(Expression.id > last)).all():
        last = batch[-1].id
        within = HistoryEntry.expression_id.between(batch[0].id, last)
        entries = db.session.scalars(select(HistoryEntry).where(within).order_by(HistoryEntry.number)).all()
        for expression in batch:
            yield expression, [entry for entry in entries if entry.expression_id == expression.id]
        db.session.expunge_all()


@main.group("search")
def finding() -> None:
    """The words by which expressions are found."""


@finding.command("rebuild")
@with_app
def search_rebuild() -> None:
    """Write the words of all expressions anew, after rows were changed outside of the application."""
    click.echo(f"Expressions that can be searched: {search.rebuild()}.")


@main.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Say what would happen; store nothing.")
@click.option("--submit", is_flag=True, help="Submit the rows that are complete and carry a consent.")
@with_app
def import_(file: Path, *, dry_run: bool, submit: bool) -> None:
    """Take expressions from FILE (.csv or .json); running it again adds nothing."""
    try:
        rows = importing.read(file)
    except importing.FileError as error:
        raise Failed(str(error)) from error
    with click.progressbar(rows, label="Importing", file=sys.stderr) as shown:
        report = importing.take(shown, dry_run=dry_run, submit=submit)
    for refusal in report.refused:
        click.echo(f"{file.name}, line {refusal.line}: {refusal.reason}")
    verb = "would be added" if dry_run else "added"
    click.echo(f"{report.added} {verb}, {report.known} already there, {len(report.refused)} refused.")
    if report.refused:
        raise Failed("The refused rows were left out; mend them and run the command again.")
