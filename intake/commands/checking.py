"""Commands that show the rules, check what is stored and write what can be made from it anew."""

import sys
from typing import Any

import click
from sqlalchemy import func, select

from intake import history, search
from intake.commands.context import Failed, with_app
from intake.extensions import db
from intake.models import SUBJECTS
from workflows import diagram
from workflows.enquiry import ENQUIRY
from workflows.expression import EXPRESSION
from workflows.workflow import Workflow

WORKFLOWS: dict[str, Workflow[Any]] = {"expression": EXPRESSION, "enquiry": ENQUIRY}


@click.group()
def workflow() -> None:
    """The tables of the processes."""


@workflow.command("show")
@click.argument("name", type=click.Choice(list(WORKFLOWS)))
@click.option("--format", "form", type=click.Choice(["table", "mermaid"]), default="table")
def workflow_show(name: str, form: str) -> None:
    """Print the process NAME as lines `from | step | to | who | given | tells`, or as a Mermaid diagram."""
    shown = WORKFLOWS[name]
    click.echo(diagram.mermaid(shown) if form == "mermaid" else "\n".join(diagram.lines(shown)), nl=form == "table")


@click.group("history")
def chain() -> None:
    """The history of the expressions."""


@chain.command("verify")
@with_app
def history_verify() -> None:
    """Check the hash chain of every expression and enquiry; exit with 1 when one is not whole."""
    total = sum(db.session.scalar(select(func.count()).select_from(kind)) or 0 for kind in SUBJECTS)
    faults: list[str] = []
    with click.progressbar(history.chains(), length=total, label="Checking", file=sys.stderr) as chains:
        for subject, entries in chains:
            faults += history.faults(subject, entries)
    if faults:
        raise Failed("\n".join(faults))
    click.echo(f"{total} histories are whole.")


@click.group("search")
def finding() -> None:
    """The words by which expressions are found."""


@finding.command("rebuild")
@with_app
def search_rebuild() -> None:
    """Write the words of all expressions anew, after rows were changed outside of the application."""
    click.echo(f"Expressions that can be searched: {search.rebuild()}.")


COMMANDS = (workflow, chain, finding)
