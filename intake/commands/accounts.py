"""Commands for the accounts of staff."""

import click

from intake import people
from intake.commands.context import Failed, with_app


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


COMMANDS = (user,)
