"""A database that cannot be used: each command that needs one ends with a sentence, and none with a trace."""

import subprocess
from pathlib import Path

import pytest

from tests.test_serving import PATIENCE_SECONDS, command, environment, free_port

AWAY = "postgresql://somebody:geheim@127.0.0.1:1/intake"
SENTENCE = "INTAKE_DATABASE_URL: the database (PostgreSQL at 127.0.0.1:1, intake) does not answer: connection failed"


@pytest.mark.parametrize("words", ["web", "serve", "mail deliver --watch", "worker"])
def test_a_command_that_needs_the_database_ends_with_a_sentence_where_it_is_away(tmp_path: Path, words: str) -> None:
    settings = {
        "INTAKE_SECRET_KEY": "only for tests, only for tests, only for tests",
        "INTAKE_DATABASE_URL": AWAY,
        "INTAKE_CELERY_BROKER_URL": "redis://127.0.0.1:1/0",
        "PORT": str(free_port()),
    }
    first, *rest = words.split()

    done = subprocess.run(
        [*command(first), *rest],
        cwd=tmp_path,
        env=environment(**settings),
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
    )

    assert (done.returncode, SENTENCE in done.stderr, len(done.stderr.splitlines())) == (1, True, 1), done.stderr
    assert "geheim" not in done.stderr
