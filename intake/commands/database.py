"""Commands for the database, its migrations and its move to another one."""

from collections.abc import Iterator
from itertools import islice

import click
from flask_migrate import current, downgrade, upgrade
from sqlalchemy.exc import DBAPIError

from intake import copying, storage
from intake.commands.bars import bar
from intake.commands.context import Failed, with_app
from intake.models import now

NAMED = 20
"""How many rows that differ are named; the others are counted."""


@click.group("db")
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


@database.command("copy")
@click.argument("source", metavar="FROM")
@click.argument("target", metavar="TO")
def db_copy(source: str, target: str) -> None:
    """Take all rows of the database FROM over into TO, both written as INTAKE_DATABASE_URL.

    People go on working on FROM meanwhile. Run it again to go on after it was stopped, and to take over what was added,
    changed or deleted since: the last, short run is made while the site is stopped. At the end every row is compared.
    """
    try:
        with copying.opened(source, target) as pair:
            at = now()
            done = copying.copy(pair, bar)
            click.echo(f"{done.rows} rows: {done.added} added, {done.changed} changed, {done.removed} removed in TO.")
            _say_differences(copying.differences(pair, bar))
    except copying.CopyError as error:
        raise Failed(str(error)) from error
    except DBAPIError as error:
        words = storage.words(error)
        raise Failed(f"A database no longer answers: {words}. Run the command again; it goes on.") from error
    click.echo(f"Compared row by row: TO holds what FROM held at {at:%Y-%m-%d %H:%M:%S} UTC.")


def _say_differences(differing: Iterator[str]) -> None:
    named = list(islice(differing, NAMED))
    more = sum(1 for _ in differing)
    if named:
        ends = [f"… and {more} more."] if more else []
        raise Failed("\n".join([*named, *ends, "Nobody may write in TO meanwhile. Run the command again."]))


COMMANDS = (database,)
