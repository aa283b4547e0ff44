"""Finds the words to be translated, for `updating`: also those that gettext's marks cannot reach."""

import ast
from collections.abc import Iterator
from datetime import date
from typing import IO, Any

from babel.messages.extract import extract_python

from intake.programme import demonstration_text, read_programme

Found = tuple[int, Any, Any, Any]
SECOND = frozenset({"Reason", "refuse", "Placeholder"})
"""Calls whose second argument is a message."""
WORDS = frozenset({"StateWords", "StepWords"})
KEPT = frozenset({"DEMANDS", "REFUSED", "OTHER"})
"""Names under which modules keep messages, alone or as the values of a table."""
TONES = frozenset({"neutral", "info", "success", "warning", "danger"})


def of_python(source: IO[bytes], keywords: Any, tags: Any, options: Any) -> Iterator[Found]:
    """What gettext's marks name, reasons, what the tables call states and steps, and what placeholders mean."""
    yield from extract_python(source, keywords, tags, options)
    source.seek(0)
    tree = ast.parse(source.read())
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    reasons = [node.args[1] for node in calls if _name(node) in SECOND and len(node.args) > 1]
    names = {node.id for node in reasons if isinstance(node, ast.Name)}
    found = [*reasons, *_assigned(tree, names), *(each for node in calls if _name(node) in WORDS for each in node.args)]
    for node in (*found, *_kept(tree)):
        if isinstance(node, ast.Constant) and node.value and node.value not in TONES:
            yield node.lineno, None, node.value, []


def _name(call: ast.Call) -> str:
    called = call.func
    return called.id if isinstance(called, ast.Name) else called.attr if isinstance(called, ast.Attribute) else ""


def _assigned(tree: ast.Module, names: set[str]) -> Iterator[ast.expr]:
    """What the names of messages stand for in this file."""
    for node in ast.walk(tree):
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if name in names:
                yield value


def _kept(tree: ast.Module) -> Iterator[ast.expr]:
    """The messages that modules keep under the names in `KEPT`."""
    for node in tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        if any(isinstance(target, ast.Name) and target.id in KEPT for target in targets):
            value = getattr(node, "value", None)
            yield from value.values if isinstance(value, ast.Dict) else filter(None, [value])


def of_programme(source: IO[bytes], keywords: Any, tags: Any, options: Any) -> Iterator[Found]:
    """Every text of a programme that a page shows, and of the demonstration's, which is made of one of them."""
    found: dict[str, None] = {}

    def kept(text: str) -> str:
        found[text] = None
        return text

    for text in (source.read().decode(), demonstration_text(date(2026, 1, 1))):
        read_programme(text, name="the programme").in_words(kept)
    for text in found:
        yield 0, None, text, []
