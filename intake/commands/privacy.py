"""Commands for personal data: what is kept no longer, and what was erased, to be erased again after a restore."""

from collections import Counter
from datetime import datetime
from pathlib import Path

import click

from intake import forgetting
from intake.commands.bars import bar
from intake.commands.context import Failed, with_app
from intake.models import Enquiry, now
from intake.privacy import repeating


@click.command("retention")
@click.option("--dry-run", is_flag=True, help="Name what would be erased; change nothing.")
@with_app
def retention(*, dry_run: bool) -> None:
    """Erase what names a person where the time of keeping is over, and what was asked to be erased by today."""
    if dry_run:
        _name(now())
        return
    at = now()
    with bar("Erasing", forgetting.count(at)) as tell:
        done = forgetting.sweep(at, tell=tell)
    click.echo(f"{done.erased} erased; {done.mail} letters and messages that belong to none emptied.")
    if done.left:
        raise Failed(f"{done.left} were left as they are; the log says why. The next run looks at them again.")


def _name(at: datetime) -> None:
    counted = Counter[str]()
    with bar("Looking", forgetting.count(at)) as tell:
        for each in forgetting.due(at):
            kind = "enquiry" if each.kind is Enquiry else "expression"
            why = "was asked for" if each.is_asked else "kept long enough"
            click.echo(f"{each.reference}  {kind}, {each.state}: {why}")
            counted[kind] += 1
            tell(1)
    mail = forgetting.old_mail(at)
    click.echo(f"{counted['expression']} expressions and {counted['enquiry']} enquiries would be erased.")
    click.echo(f"{mail} letters and messages that belong to none would be emptied.")


@click.command("erasures")
@click.option(
    "--repeat", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Erase again what this list names."
)
@with_app
def erasures(*, repeat: Path | None) -> None:
    """List what was erased, a reference a line: keep the list beside your backups, and repeat it after a restore."""
    if repeat is None:
        for reference in repeating.erased():
            click.echo(reference)
        return
    wanted = repeat.read_text(encoding="utf-8", errors="replace").split()
    with bar("Erasing again", len(wanted)) as tell:
        done = repeating.repeat(wanted, tell)
    click.echo(f"{done.erased} erased again, {done.already} were erased already, {done.unknown} are not known here.")


COMMANDS = (retention, erasures)
