"""Commands for the database and its migrations."""

import click
from flask_migrate import current, downgrade, upgrade

from intake.commands.context import with_app


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


COMMANDS = (database,)
