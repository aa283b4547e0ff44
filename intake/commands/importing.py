"""The command that takes expressions from a file."""

import sys
from pathlib import Path

import click

from intake import importing
from intake.commands.context import Failed, with_app


@click.command("import")
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


COMMANDS = (import_,)
