"""A PostgreSQL cluster of a test's own, on a free port and in its own folder, that may crash; it touches no other."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from random import Random

import psycopg
import pytest

from tests.test_serving import free_port

ENABLE = "to enable: apt-get install -y postgresql"
PATIENCE_SECONDS = 60
PROGRAMS = "/usr/lib/postgresql"
OWNER = "postgres"
CAREFUL = ("setpriv", f"--reuid={OWNER}", f"--regid={OWNER}", "--clear-groups")
"""PostgreSQL refuses to run as root."""


def program(name: str) -> str:
    """The path of one of PostgreSQL's programs, the newest; without any, the test ends here."""
    newest = sorted(Path(PROGRAMS).glob(f"*/bin/{name}"), key=lambda path: int(path.parts[-3]))
    found = str(newest[-1]) if newest else shutil.which(name)
    if found is None:
        pytest.skip(f"no program {name} of PostgreSQL ({ENABLE})")
    return found


class Cluster:
    """One server with one database; `prefix` is put before its commands, `settings` are its own."""

    def __init__(self, folder: Path, *, prefix: Sequence[str] = (), settings: Sequence[str] = ()) -> None:
        self.port = free_port()
        self.url = f"postgresql+psycopg://{OWNER}@127.0.0.1:{self.port}/intake"
        self._data, self._log = folder / "data", folder / "log"
        self._prefix = [*prefix, *(CAREFUL if os.geteuid() == 0 else ())]
        self._settings = settings
        self._make()

    def _make(self) -> None:
        words = ["-D", str(self._data), "-U", OWNER, "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"]
        made = subprocess.run(
            [*self._prefix, program("initdb"), *words, "--wal-segsize=1"], capture_output=True, text=True, cwd="/"
        )
        assert made.returncode == 0, made.stderr
        self.start()
        with self.connect("postgres") as connection:
            connection.execute("CREATE DATABASE intake")

    def start(self) -> None:
        """Start it and wait until it answers."""
        chosen = [f"port={self.port}", "listen_addresses=127.0.0.1", "unix_socket_directories=", *self._settings]
        options = [word for setting in chosen for word in ("-c", setting)]
        with self._log.open("a") as log:
            self._server = subprocess.Popen(
                [*self._prefix, program("postgres"), "-D", str(self._data), *options],
                stdout=log,
                stderr=log,
                cwd="/",
            )
        self.wait()

    def wait(self) -> None:
        """Wait until it answers."""
        until = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                self.connect("postgres").close()
            except psycopg.OperationalError:
                assert self.runs, self._log.read_text()
                assert time.monotonic() < until, self._log.read_text()
                time.sleep(0.05)
            else:
                return

    @property
    def runs(self) -> bool:
        """Whether the server process lives."""
        return self._server.poll() is None

    def connect(self, database: str = "intake") -> psycopg.Connection:
        """A connection that commits each statement."""
        return psycopg.connect(
            host="127.0.0.1", port=self.port, user=OWNER, dbname=database, autocommit=True, connect_timeout=5
        )

    def crash(self) -> None:
        """End it without a checkpoint and without a word to anybody, as when the machine fails."""
        self._server.send_signal(signal.SIGQUIT)
        self._server.wait(PATIENCE_SECONDS)

    def kill_backend(self, dice: Random) -> None:
        """Kill one of its processes that serves somebody, upon which it drops everybody and recovers."""
        others = "SELECT pid FROM pg_stat_activity WHERE datname = 'intake' AND pid <> pg_backend_pid()"
        with self.connect() as connection:
            numbers = [number for (number,) in connection.execute(others)]
        if numbers:
            os.kill(dice.choice(numbers), signal.SIGKILL)


@contextmanager
def cluster(folder: Path | None = None, **more: Sequence[str]) -> Iterator[Cluster]:
    """A running cluster, gone at the end with all it held."""
    program("initdb")
    place = folder or Path(tempfile.mkdtemp(prefix="intake-cluster-"))
    if os.geteuid() == 0 and folder is None:
        shutil.chown(place, OWNER)
    made = Cluster(place, **more)
    try:
        yield made
    finally:
        if made.runs:
            made.crash()
        shutil.rmtree(place, ignore_errors=True)
