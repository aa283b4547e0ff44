"""A process killed between any two statements of a step leaves all of it or nothing."""

import json
import os
import subprocess
import sys
from pathlib import Path

from flask import Flask

NOTHING, ALL = ["screened", None, 0, 0], ["assigned", "access", 1, 2]
FEWEST_STATEMENTS = 6


def test_a_process_killed_between_any_two_statements_leaves_all_or_nothing(
    app: Flask, environment: dict[str, str]
) -> None:
    variables = {**os.environ, **environment, "PYTHONPATH": str(Path(__file__).parents[1])}
    done = subprocess.run(
        [sys.executable, "-m", "tests.dying"], env=variables, capture_output=True, text=True, timeout=120
    )

    assert done.returncode == 0, done.stderr
    left = [json.loads(line) for line in done.stdout.splitlines()]
    assert left[:-1] == [NOTHING] * (len(left) - 1)
    assert left[-1] == ALL
    assert len(left) > FEWEST_STATEMENTS
