"""Each key of a TOML text is found on the line where it stands."""

import tomllib
from typing import Any

import pytest

from intake.programme.lines import Path, lines_of
from intake.programme.loading import EXAMPLE, SHIPPED, shipped_text

TEXT = '''# a comment with = and [brackets]
top = "a # no comment"

[a.b]
"quoted.key" = 1
dotted.key = 2
text = """
x = 1
[no.header] \\""" ""
"""
when = 2026-01-01 10:00:00 # a space inside
list = [ # first
  1, "]", # two

  { x = 1, y = [2,
    3] },
]
[[rows]]
id = 'one'
[[rows.cells]]
v = 1
[[rows.cells]]
v = 2
[[rows]]
id = "two"
[rows.more]
z = """"quoted""""
last = 1
'''


def paths(value: Any, path: Path = ()) -> set[Path]:
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return {path}.union(*(paths(item, (*path, key)) for key, item in inside))


def test_keys_headers_and_items_have_their_lines():
    assert lines_of(TEXT) == {
        (): 1,
        ("top",): 2,
        ("a",): 4,
        ("a", "b"): 4,
        ("a", "b", "quoted.key"): 5,
        ("a", "b", "dotted"): 6,
        ("a", "b", "dotted", "key"): 6,
        ("a", "b", "text"): 7,
        ("a", "b", "when"): 11,
        ("a", "b", "list"): 12,
        ("a", "b", "list", 0): 13,
        ("a", "b", "list", 1): 13,
        ("a", "b", "list", 2): 15,
        ("a", "b", "list", 2, "x"): 15,
        ("a", "b", "list", 2, "y"): 15,
        ("a", "b", "list", 2, "y", 0): 15,
        ("a", "b", "list", 2, "y", 1): 16,
        ("rows",): 18,
        ("rows", 0): 18,
        ("rows", 0, "id"): 19,
        ("rows", 0, "cells"): 20,
        ("rows", 0, "cells", 0): 20,
        ("rows", 0, "cells", 0, "v"): 21,
        ("rows", 0, "cells", 1): 22,
        ("rows", 0, "cells", 1, "v"): 23,
        ("rows", 1): 24,
        ("rows", 1, "id"): 25,
        ("rows", 1, "more"): 26,
        ("rows", 1, "more", "z"): 27,
        ("rows", 1, "more", "last"): 28,
    }


@pytest.mark.parametrize("text", [TEXT, shipped_text(SHIPPED), shipped_text(EXAMPLE)])
def test_no_path_of_a_document_is_without_a_line_and_no_line_without_its_path(text: str):
    assert set(lines_of(text)) == paths(tomllib.loads(text))
