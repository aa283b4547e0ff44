"""Finds the words to be translated for Babel, by babel.cfg: also those that gettext's marks cannot reach."""

import ast
from collections.abc import Iterator
from typing import IO, Any

from babel.messages.extract import extract_python

from intake.programme import read_programme

Found = tuple[int, Any, Any, Any]
REASON = "Reason"
WORDS = frozenset({"StateWords", "StepWords"})
TONES = frozenset({"neutral", "info", "success", "warning", "danger"})


def of_python(source: IO[bytes], keywords: Any, tags: Any, options: Any) -> Iterator[Found]:
    """What gettext's marks name, the reasons of guards, and what the tables call states and steps."""
    yield from extract_python(source, keywords, tags, options)
    source.seek(0)
    tree = ast.parse(source.read())
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
    reasons = [node.args[1] for node in calls if _name(node) == REASON and len(node.args) > 1]
    names = {node.id for node in reasons if isinstance(node, ast.Name)}
    found = [*reasons, *_assigned(tree, names), *(each for node in calls if _name(node) in WORDS for each in node.args)]
    for node in found:
        if isinstance(node, ast.Constant) and node.value and node.value not in TONES:
            yield node.lineno, None, node.value, []


def _name(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else ""


def _assigned(tree: ast.Module, names: set[str]) -> Iterator[ast.expr]:
    """What the names of messages stand for in this file."""
    for node in ast.walk(tree):
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if name in names:
                yield value


def of_programme(source: IO[bytes], keywords: Any, tags: Any, options: Any) -> Iterator[Found]:
    """Every text of a programme that a page shows."""
    found: dict[str, None] = {}

    def kept(text: str) -> str:
        found[text] = None
        return text

    read_programme(source.read().decode(), name="the programme").in_words(kept)
    for text in found:
        yield 0, None, text, []
