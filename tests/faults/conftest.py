"""Sites that may be killed, on each database."""

import os
import secrets
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.environment import DATABASES, fresh_postgres
from tests.faults.site import Site

SEED = "FAULTS_SEED"


@pytest.fixture
def seed() -> int:
    """What chance begins with: another number each time, printed when a test fails, or the one that is set."""
    chosen = int(os.environ.get(SEED) or secrets.randbelow(1_000_000))
    print(f"to see the same again: {SEED}={chosen}")
    return chosen


@pytest.fixture(params=DATABASES)
def site(request: pytest.FixtureRequest, tmp_path: Path, worker_id: str) -> Iterator[Site]:
    """A prepared site with an SMTP server and nothing else running."""
    with ExitStack() as stack:
        url = f"sqlite:///{tmp_path / 'intake.sqlite3'}"
        if request.param == "postgresql":
            url = stack.enter_context(fresh_postgres(worker_id))
        yield stack.enter_context(Site(tmp_path, url))
