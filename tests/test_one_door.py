"""Nothing but the machine, fired by the one door, assigns a state."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCES = sorted([*ROOT.glob("intake/**/*.py"), *ROOT.glob("workflows/**/*.py"), ROOT / "wsgi.py"])


def assigned(tree: ast.AST) -> Iterator[int]:
    """The lines of a module that could give something a state: an assignment, a keyword of a call, a key, or SQL."""
    for node in ast.walk(tree):
        match node:
            case ast.Assign(targets=targets) if any(_is_state(each) for target in targets for each in ast.walk(target)):
                yield node.lineno
            case ast.AugAssign(target=target) if _is_state(target):
                yield node.lineno
            case ast.Call(func=called, keywords=keywords) if _writes(called) and any(
                k.arg == "state" for k in keywords
            ):
                yield node.lineno
            case ast.Call(func=ast.Name(id="setattr"), args=[_, ast.Constant(value="state"), *_]):
                yield node.lineno
            case ast.Constant(value=str(text)) if "set state" in " ".join(text.lower().split()):
                yield node.lineno


def _is_state(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == "state" and isinstance(node.ctx, ast.Store)


def _writes(called: ast.expr) -> bool:
    name = called.attr if isinstance(called, ast.Attribute) else called.id if isinstance(called, ast.Name) else ""
    return name in {"Expression", "Enquiry", "values", "update", "dict"}


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_module_assigns_a_state(source: Path) -> None:
    assert list(assigned(ast.parse(source.read_text(encoding="utf-8")))) == []


@pytest.mark.parametrize(
    "code",
    [
        "subject.state = new",
        "a.state, b = 1, 2",
        "subject.state += 1",
        "setattr(subject, 'state', new)",
        "update(Expression).values(state=new)",
        "Expression(state=new)",
        "session.execute(text('UPDATE expressions  SET state = 1'))",
    ],
)
def test_the_search_finds_each_way_of_assigning_one(code: str) -> None:
    assert list(assigned(ast.parse(code))) == [1]
