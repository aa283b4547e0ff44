"""A copy as plain text, which every device shows and which needs no library and no font of ours."""

import textwrap

from flask_babel import gettext as _

from intake.papers.paper import Paper, Row, Section

WIDTH = 76
INDENT = "  "


def as_text(paper: Paper) -> str:
    """The whole copy, with lines of at most `WIDTH` characters where words allow it."""
    head = [paper.title, "=" * len(paper.title), *paper.facts]
    return "\n".join([*head, *(_section(section) for section in paper.sections)]) + "\n"


def _section(section: Section) -> str:
    return "\n".join(["", section.title, "-" * len(section.title), *(_row(row) for row in section.rows)])


def _row(row: Row) -> str:
    lines = row.lines or [str(_("Not answered"))]
    wrapped = (textwrap.wrap(line, WIDTH, initial_indent=INDENT, subsequent_indent=INDENT) for line in lines)
    return "\n".join([f"{row.label}:", *(part for parts in wrapped for part in parts)])
