"""Commands that show the rules, check what is stored and write what can be made from it anew."""

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import click
from sqlalchemy import func, select

from intake import doctor, history, search
from intake.commands.context import Failed, application, with_app, within
from intake.extensions import db
from intake.models import SUBJECTS
from intake.outside.readiness import Status
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
    """The histories of expressions and enquiries."""


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


@click.command("doctor")
@click.option("--thorough", is_flag=True, help="Look at every history and every step, however long it takes.")
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def examine(*, thorough: bool, as_json: bool) -> None:
    """Look at the whole installation and say what is well, what is not, and how to mend it; exit with 1 on a fault."""
    found = []
    for each in _examined(thorough=thorough):
        found.append(each)
        if not as_json:
            click.echo(f"{each.status:<9}{each.part}: {each.text}" + (f"\n{'':9}{each.mend}" if each.mend else ""))
    faults = sum(each.status is Status.FAULT for each in found)
    warnings = sum(each.status is Status.WARNING for each in found)
    if as_json:
        findings = [asdict(each) for each in found]
        click.echo(json.dumps({"well": not faults, "warnings": warnings, "findings": findings}, ensure_ascii=False))
    elif not faults:
        click.echo(f"All is well; warnings: {warnings}." if warnings else "All is well.")
    if faults:
        raise Failed(f"Faults: {faults}; warnings: {warnings}.")


def _examined(*, thorough: bool) -> Iterator[doctor.Finding]:
    """What was found; a setting or a programme that is refused is a fault like any other."""
    try:
        app = application()
    except click.UsageError as error:
        yield doctor.ill("settings", error.message, "Mend it; nothing else can be looked at before.")
        return
    with within(app):
        yield from doctor.examine(thorough=thorough)


COMMANDS = (workflow, chain, finding, examine)
