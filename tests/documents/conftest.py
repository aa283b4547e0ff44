"""A scanner that really scans: clamd with a signature of its own, on this machine alone; nothing is downloaded."""

import hashlib
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

HARMLESS = b"a harmless sentence that the scanner of the tests takes for a virus"
SIGNATURE = "Intake.Test.Sentence"
ENABLE = "to enable: apt-get install -y clamav-daemon"
PATIENCE_SECONDS = 60


@dataclass
class Clamd:
    """A running clamd; `stop` and `start` make it go away and come back at the same address."""

    folder: Path
    port: int
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        """What INTAKE_CLAMAV says."""
        return f"tcp://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it, and wait until it answers."""
        program = shutil.which("clamd", path="/usr/sbin:/usr/bin:/usr/local/sbin")
        assert program
        command = [program, f"--config-file={self.folder / 'clamd.conf'}", "--foreground"]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < until and self.process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
            except OSError:
                time.sleep(0.05)
            else:
                return
        pytest.fail("clamd does not start")

    def stop(self) -> None:
        """End it."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def clamd_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where clamd finds its one signature."""
    folder = tmp_path_factory.mktemp("clamd")
    (folder / "database").mkdir()
    (folder / "database" / "tests.ndb").write_text(f"{SIGNATURE}:0:*:{HARMLESS.hex()}\n", encoding="ascii")
    (folder / "database" / "tests.hdb").write_text(
        f"{hashlib.md5(HARMLESS).hexdigest()}:{len(HARMLESS)}:{SIGNATURE}\n",  # noqa: S324 - clamd's own form
        encoding="ascii",
    )
    return folder


@pytest.fixture
def clamd(clamd_folder: Path) -> Iterator[Clamd]:
    """A running clamd; without one on this machine the test ends here."""
    if shutil.which("clamd", path="/usr/sbin:/usr/bin:/usr/local/sbin") is None:
        pytest.skip(f"no clamd on this machine ({ENABLE})")
    made = Clamd(clamd_folder, free_port())
    (clamd_folder / "clamd.conf").write_text(
        f"TCPSocket {made.port}\nTCPAddr 127.0.0.1\nDatabaseDirectory {clamd_folder / 'database'}\n"
        f"Foreground yes\nMaxThreads 2\nStreamMaxLength 25M\nTemporaryDirectory {clamd_folder}\n",
        encoding="utf-8",
    )
    made.start()
    try:
        yield made
    finally:
        made.stop()
