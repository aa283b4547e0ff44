"""Commands for the accounts of staff."""

import logging

import click

from intake import people
from intake.commands.context import Failed, with_app

log = logging.getLogger(__name__)


@click.group()
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


@user.command("reset-second-factor")
@click.argument("email")
@click.confirmation_option(prompt="Are you sure that it is this person who asks?")
@with_app
def reset_second_factor(email: str) -> None:
    """Remove app, passkeys and recovery codes of somebody who lost them; they set up new ones with their password."""
    try:
        user_id = people.reset_second_factor(email)
    except people.AccountError as error:
        raise Failed(str(error)) from error
    log.warning("the second factor of account %s was reset at the command line", user_id)
    click.echo(f"{email} has no app, passkeys or recovery codes any more, is signed out everywhere and told by letter.")


@user.command("end-pause")
@click.argument("email")
@with_app
def end_pause(email: str) -> None:
    """Let somebody in again whose account pauses after wrong passwords or codes."""
    try:
        user_id = people.end_pause(email)
    except people.AccountError as error:
        raise Failed(str(error)) from error
    log.warning("the pause of account %s was ended at the command line", user_id)
    click.echo(f"{email} can sign in again.")


COMMANDS = (user,)
