"""The most memory that an export of many expressions takes, in a process of its own; the browser is a sink."""

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from sqlalchemy import select

from bench import figures
from bench.filling import fill
from bench.place import Place
from intake import create_app, exports
from intake.extensions import db
from intake.models import Expression
from workflows.expression import State

ROWS, AT_ONCE = 100_000, 5_000
MEGABYTES = 200
AIM = 1.0
PEAK = re.compile(r"VmHWM:\s*(\d+) kB")
"""The peak of a process as the kernel tells it; that of `getrusage` would be the parent's where that one was larger."""


def measure(place: Place) -> list[figures.Figure]:
    """Memory of a whole process that exports `ROWS` expressions, as a multiple of `MEGABYTES`; by format."""
    environment = place.settings("exports")
    with create_app(environment).app_context():
        for _ in range(ROWS // AT_ONCE):
            fill(AT_ONCE, State.SUBMITTED)
            db.session.remove()
        db.engine.dispose()
    return [
        figures.Figure(
            f"memory of {ROWS} rows as {kind} / {MEGABYTES} MB, {place.name}", _peak(environment, kind) / MEGABYTES, AIM
        )
        for kind in exports.WRITERS
    ]


def _peak(environment: Mapping[str, str], kind: str) -> float:
    command = [sys.executable, "-m", "bench.exports", kind]
    answer = subprocess.run(command, env=dict(environment), text=True, capture_output=True, check=True)
    return float(answer.stdout)


def main(kind: str) -> None:
    """Export every expression into nothing and print the peak of this process in MB."""
    with create_app().app_context(), open(os.devnull, "wb") as nowhere:
        for chunk in exports.expressions(select(Expression).order_by(Expression.submitted_at, Expression.id), kind):
            nowhere.write(chunk)
    print(int(PEAK.search(Path("/proc/self/status").read_text(encoding="ascii"))[1]) / 1024)  # type: ignore[index]


if __name__ == "__main__":
    main(sys.argv[1])
