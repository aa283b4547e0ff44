"""A Redis of a test's own, on a free port, that keeps nothing; it touches no other."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.test_serving import free_port, wait_for

ENABLE = "to enable: apt-get install -y redis-server"


@contextmanager
def own_redis(folder: Path) -> Iterator[str]:
    """The URL of a running broker; without the program, the test ends here."""
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip(f"no redis-server on the PATH ({ENABLE})")
    port = free_port()
    words = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    with subprocess.Popen([program, *words], stdout=subprocess.DEVNULL) as server:
        try:
            wait_for(port)
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            server.terminate()
