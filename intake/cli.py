"""The command line `intake`; each command does its work through the same functions as the pages.

Exit codes: 0 done, 1 something was refused, failed or is not whole, 2 the command or a setting is wrong; and 75 of
`intake mail receive`, which mail servers know: not now.
"""

import click

from intake.commands import accounts, checking, database, importing, keeping, letters, privacy, running


@click.group()
@click.version_option(package_name="p2c-intake")
def main() -> None:
    """P2C Intake: expressions of interest from the first form to the Roundtable."""


for room in (running, database, keeping, accounts, letters, privacy, checking, importing):
    for command in room.COMMANDS:
        main.add_command(command)
