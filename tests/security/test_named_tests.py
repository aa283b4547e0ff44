"""SECURITY.md keeps its word: every test and file that it names is there, and every requirement names one."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
NAMED = re.compile(r"`(tests/[\w/.]*)(?:::(\w+))?`")
ROW = re.compile(r"^\| (V\d+\.\d+\.\d+(?:, V\d+\.\d+\.\d+)*) \|.*\| ([^|]*) \|$", re.MULTILINE)


def test_every_test_that_is_named_is_there() -> None:
    missing = []

    for path, function in NAMED.findall(TEXT):
        place = ROOT / path
        if not place.exists() or (function and f"def {function}(" not in place.read_text(encoding="utf-8")):
            missing.append(f"{path}::{function}")

    assert missing == []


def test_every_requirement_is_named_once_with_a_test() -> None:
    rows = ROW.findall(TEXT)
    ids = [each for names, _shown in rows for each in names.split(", ")]

    assert len(ids) > 50
    assert len(ids) == len(set(ids))
    assert [names for names, shown in rows if not NAMED.search(shown)] == []
