"""Commands for the outbox and its delivery, and for mail that comes in."""

import signal
import sys
import threading

import click
from flask import current_app

from intake.commands.context import Failed, application, need_migrations, with_app, within
from intake.extensions import db
from intake.inbound import limits, polling, sources
from intake.inbound.receiving import receive
from intake.notifications import deliver, outbox
from intake.notifications.compose import Text

TRY_AGAIN = 75
"""What mail servers understand as: not now (EX_TEMPFAIL)."""


@click.group("mail")
def letters() -> None:
    """The outbox and its delivery, and mail that comes in."""


@letters.command("deliver")
@click.option("--watch", is_flag=True, help="Go on until interrupted.")
@with_app
def mail_deliver(*, watch: bool) -> None:
    """Send what is due. Without --watch: once, and exit with 1 when a letter failed or the server is away."""
    if watch:
        need_migrations()
        deliver.watch(until_told_to_stop())
        return
    done = deliver.everything_due()
    click.echo(f"{done.sent} sent, {done.failed} failed, {done.waiting} to be tried again.")
    if done.failed or done.waiting:
        raise Failed("Not every letter left; `intake mail status` and the outbox page say why.")


def until_told_to_stop() -> threading.Event:
    """An event that SIGTERM sets, so that no letter stays leased when a service is stopped."""
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda number, frame: stop.set())
    return stop


@letters.command("status")
@with_app
def mail_status() -> None:
    """Count the letters by status; exit with 1 when some have failed or came back and nobody has seen to them."""
    counts = outbox.status_counts()
    for status, count in counts.items():
        click.echo(f"{status:<12}{count:>8}")
    oldest = outbox.oldest_waiting()
    click.echo(f"oldest waiting: {oldest:%Y-%m-%d %H:%M} UTC" if oldest else "none waiting")
    astray = outbox.astray_counts()
    if any(astray.values()):
        numbers = ", ".join(f"{number} {status}" for status, number in astray.items())
        raise Failed(f"Nobody has read these: {numbers}. The outbox page says why, sends them again, and settles them.")


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


@letters.command("receive")
def mail_receive() -> None:
    """Take in the message that is piped in. Exit with 75 when that is not possible now, so that the server retries."""
    try:
        content, size = sources.from_stream(sys.stdin.buffer)
        with within(application()):
            limits.fit(content, limits.room())
            receive(content, source="pipe", size=size)
    except Exception as error:  # whatever it is, a mail server that hears anything else would send the mail back
        click.echo(f"The message was not taken in and has to be given again: {_without_words(error)}", err=True)
        raise click.exceptions.Exit(TRY_AGAIN) from error


def _without_words(error: Exception) -> str:
    """What went wrong; errors of the database would repeat the message."""
    if isinstance(error, limits.Full):
        return str(error)
    return error.message if isinstance(error, click.ClickException) else type(error).__name__


@letters.command("fetch")
@click.option("--watch", is_flag=True, help="Go on until interrupted.")
@with_app
def mail_fetch(*, watch: bool) -> None:
    """Take in what waits at INTAKE_INBOX. Without --watch: once, and exit with 1 when it cannot be reached."""
    if not current_app.config["INBOX"]:
        raise Failed("INTAKE_INBOX is not set, so there is nowhere to fetch mail from.")
    if watch:
        need_migrations()
        polling.watch(until_told_to_stop())
        return
    try:
        taken = polling.fetch()
    except polling.Away as error:
        raise Failed(str(error)) from error
    click.echo(f"{taken.messages} taken in.")


COMMANDS = (letters,)
