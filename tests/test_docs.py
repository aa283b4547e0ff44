"""The guides are true: every room is described, every command documented, every link leads somewhere."""

import re
from pathlib import Path

import click
import pytest

from intake.cli import main

ROOT = Path(__file__).parents[1]
GUIDES = [ROOT / "README.md", ROOT / "CHANGELOG.md", ROOT / "SECURITY.md", *sorted(ROOT.glob("docs/**/*.md"))]
PRIVATE = {"__init__.py"}


def commands(group: click.Group, before: str = "intake") -> list[str]:
    """Every command with its groups."""
    found = []
    for name, command in group.commands.items():
        path = f"{before} {name}"
        found += commands(command, path) if isinstance(command, click.Group) else [path]
    return found


@pytest.mark.parametrize("command", commands(main))
def test_every_command_stands_in_the_administration_guide(command: str) -> None:
    assert f"`{command}" in (ROOT / "docs" / "administration.md").read_text(encoding="utf-8")


def rooms() -> list[str]:
    """The modules and packages that the architecture has to name."""
    modules = [path.name for path in [*ROOT.glob("intake/*.py"), *ROOT.glob("workflows/*.py")]]
    packages = [f"{path.parent.name}/" for path in ROOT.glob("intake/*/__init__.py")]
    return sorted({*modules, *packages} - PRIVATE)


@pytest.mark.parametrize("room", rooms())
def test_the_architecture_names_every_room(room: str) -> None:
    assert room in (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("guide", GUIDES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_between_guides_leads_somewhere(guide: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)\)", guide.read_text(encoding="utf-8"))

    assert [link for link in links if "://" not in link and not (guide.parent / link).exists()] == []


def test_no_guide_names_a_path_of_a_machine_or_an_index() -> None:
    texts = {guide.name: guide.read_text(encoding="utf-8") for guide in GUIDES}

    assert [name for name, text in texts.items() if re.search(r"/(root|home)/|pypi", text)] == []
