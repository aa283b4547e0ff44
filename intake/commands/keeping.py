"""Commands that keep all of a site in one file, and put it back."""

from collections.abc import Callable, Mapping
from pathlib import Path

import click
from flask import Flask
from sqlalchemy.exc import DBAPIError

from intake import backups, storage
from intake.commands.bars import bar
from intake.commands.context import Failed, application, with_app

ERASED = "Erase again what this list of `intake erasures` names."
FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.argument("file", type=FILE)
@click.option("--force", is_flag=True, help="Replace FILE if it exists.")
@with_app
def backup(file: Path, *, force: bool) -> None:
    """Write the database, the documents and the programme to FILE, as they are now; people go on working meanwhile."""
    try:
        made = backups.make(file.absolute(), force=force, bar=bar, open_=_application)
    except backups.BackupError as error:
        raise Failed(str(error)) from error
    click.echo(f"{file}: {sum(made.counts.values())} rows, revision {made.revision}, as of {made.created_at}.")
    if made.lacking:
        click.echo(f"{made.lacking} documents have no file, so it is not in the backup; `intake doctor` says which.")
    _say_histories(made.histories, f"{file} is written, and holds what there is; but not every history is whole:")


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--into", "url", envvar="INTAKE_DATABASE_URL", required=True, help="Instead of INTAKE_DATABASE_URL.")
@click.option("--replace", is_flag=True, help="Remove what the database holds, after asking.")
@click.option("--programme", type=FILE, help="Write the programme of the backup to this new file.")
@click.option("--erased", type=click.Path(exists=True, dir_okay=False, path_type=Path), help=ERASED)
def restore(file: Path, url: str, *, replace: bool, programme: Path | None, erased: Path | None) -> None:
    """Restore the database and the documents from FILE, once all of FILE is found to be as it was written."""
    known = erased.read_text(encoding="utf-8", errors="replace").split() if erased else []
    try:
        done = backups.restore(
            file,
            url,
            confirm=_confirm(replace=replace),
            programme=programme,
            erased=known,
            bar=bar,
            open_=_application,
        )
    except backups.BackupError as error:
        raise Failed(str(error)) from error
    except DBAPIError as error:
        raise Failed(f"The database does not answer: {storage.words(error)}") from error
    rows = sum(done.manifest.counts.values())
    click.echo(f"{rows} rows of {done.manifest.created_at} are restored.")
    if done.has_other_programme and programme is None:
        click.echo("The programme that is set is not the one of the backup, which --programme NEWFILE writes.")
    _say_erasures(done)
    if done.histories is None:
        click.echo(f"The tables are of revision {done.manifest.revision}: run `intake db upgrade`.")
        click.echo("Then run `intake history verify`.")
        return
    _say_histories(done.histories, "Everything is restored; but not every history is whole:")


def _say_erasures(done: backups.Restored) -> None:
    if done.erased_again:
        click.echo(f"{done.erased_again} erasures that the backup did not know of were repeated.")
    if done.to_erase:
        click.echo("After the upgrade, erase these again with `intake erasures --repeat LIST`:")
        click.echo("\n".join(done.to_erase))


def _application(url: str) -> Flask:
    return application(INTAKE_DATABASE_URL=url)


def _confirm(*, replace: bool) -> Callable[[str, Mapping[str, int]], None]:
    def ask(place: str, held: Mapping[str, int]) -> None:
        named = ", ".join(f"{name} ({number})" for name, number in held.items())
        if not replace:
            raise backups.BackupError(f"{place} is not empty: {named}. --replace removes all of it, after asking.")
        click.confirm(f"All that is in {place} will be lost: {named}. Go on?", abort=True)

    return ask


def _say_histories(found: backups.Histories | None, otherwise: str) -> None:
    if found is not None and found.faults:
        raise Failed("\n".join([otherwise, *found.faults]))
    if found is not None:
        click.echo(f"{found.number} histories are whole.")


COMMANDS = (backup, restore)
