"""Commands that run the site, and what it does by itself day by day."""

import os
from pathlib import Path

import click
from flask import current_app

from intake import daily, expiring, lapsing, serving
from intake.commands.context import Failed, need_migrations, with_app
from intake.current import programme
from intake.models import now
from intake.processes import become_beat, become_web, become_worker


@click.command()
def demo() -> None:
    """Run the site on this machine with demonstration expressions, a mailbox and three staff accounts."""
    serving.run(Path("instance/demo"), os.environ, filled=True, say=click.echo)


@click.command()
def serve() -> None:
    """Run the site on this machine; without INTAKE_MAIL_SERVER, letters go to a mailbox on the site."""
    serving.run(Path("instance/site"), os.environ, filled=False, say=click.echo)


@click.command()
@click.option("--listen", default="127.0.0.1:8000", show_default=True, help="HOST:PORT, or unix:FILE.")
@click.option("--processes", default=2, show_default=True, type=click.IntRange(1, 64))
@click.option("--threads", type=click.IntRange(1, 64), help="Of each process; INTAKE_THREADS when it is not given.")
@with_app
def web(*, listen: str, processes: int, threads: int | None) -> None:
    """Serve the configured database in several processes; it makes no account and migrates nothing."""
    need_migrations()
    become_web(listen, processes=processes, threads=threads or current_app.config["THREADS"])


@click.command()
@click.option("--processes", default=2, show_default=True, type=click.IntRange(1, 64))
@with_app
def worker(*, processes: int) -> None:
    """Deliver letters, write digests, let lapse and fetch mail, when the broker or `intake beat` asks for it."""
    _need_broker()
    need_migrations()
    become_worker(processes)


@click.command()
@with_app
def beat() -> None:
    """Ask the workers, again and again, to look for what is due. One is enough; a second does no harm."""
    _need_broker()
    become_beat()


def _need_broker() -> None:
    if not current_app.config["CELERY_BROKER_URL"]:
        message = "INTAKE_CELERY_BROKER_URL is not set. Without a broker, the web processes do this work themselves."
        raise click.UsageError(message)


@click.command("daily")
@with_app
def write_digests() -> None:
    """Write today's letter to each member of staff for whom something waits; a second run writes none again."""
    done = daily.write(now())
    click.echo(f"{done.letters} written." if done.letters or done.failed else "None to write today.")
    if done.failed:
        raise Failed(f"{done.failed} could not be written; the log says why. Mend it and run the command again.")


@click.command()
@click.option("--dry-run", is_flag=True, help="Name what would lapse; change nothing.")
@with_app
def lapse(*, dry_run: bool) -> None:
    """Let expressions lapse whose answers are overdue by more days than the programme allows."""
    if programme().call.lapse_after_days is None:
        raise Failed("The programme lets nothing lapse by itself. Set lapse_after_days in its [call] to change that.")
    if dry_run:
        _name_overdue()
        return
    done = lapsing.sweep(now())
    click.echo(f"{done.lapsed} lapsed.")
    if done.left:
        raise Failed(f"{done.left} were left as they are; the log says why. The next run looks at them again.")


@click.command()
@with_app
def expire() -> None:
    """End the links of applicants whose time is over, so that a clock that is put back wakes none of them."""
    click.echo(f"{expiring.sweep(now())} links ended.")


def _name_overdue() -> None:
    number = after = 0
    while found := lapsing.overdue(now(), after=after):
        for each in found:
            click.echo(f"{each.reference}  answers were due by {each.due_on}")
        number, after = number + len(found), found[-1].id
    click.echo(f"{number} would lapse.")


COMMANDS = (demo, serve, web, worker, beat, write_digests, lapse, expire)
