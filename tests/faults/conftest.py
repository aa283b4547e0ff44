"""A site that may be broken, and the dice of a test."""

import os
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.site import Site

SEED = "FAULTS_SEED"


@pytest.fixture
def seed() -> int:
    """What chance begins with: another number each time, printed when a test fails, or the one that is set."""
    chosen = int(os.environ.get(SEED) or secrets.randbelow(1_000_000))
    print(f"to see the same again: {SEED}={chosen}")
    return chosen


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """A prepared site on SQLite with an SMTP server and nothing else running."""
    with Site(tmp_path, f"sqlite:///{tmp_path / 'intake.sqlite3'}") as made:
        yield made
