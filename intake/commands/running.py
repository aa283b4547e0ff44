"""Commands that run the site, and what it does by itself day by day."""

import os
from pathlib import Path

import click

from intake import daily, serving
from intake.commands.context import Failed, with_app
from intake.models import now


@click.command()
def demo() -> None:
    """Run the site on this machine with demonstration expressions, a mailbox and three staff accounts."""
    serving.run(Path("instance/demo"), os.environ, filled=True, say=click.echo)


@click.command()
def serve() -> None:
    """Run the site on this machine; without INTAKE_MAIL_SERVER, letters go to a mailbox on the site."""
    serving.run(Path("instance/site"), os.environ, filled=False, say=click.echo)


@click.command("daily")
@with_app
def write_digests() -> None:
    """Write today's letter to each member of staff for whom something waits; a second run writes none again."""
    done = daily.write(now())
    click.echo(f"{done.letters} written." if done.letters or done.failed else "None to write today.")
    if done.failed:
        raise Failed(f"{done.failed} could not be written; the log says why. Mend it and run the command again.")


COMMANDS = (demo, serve, write_digests)
