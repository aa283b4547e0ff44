"""A small file system of a test's own that can be filled to the last byte, seen only by what is started in it."""

import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

WAYS: tuple[tuple[str, ...], ...] = (("unshare", "--mount"), ("unshare", "--mount", "--map-root-user"))
"""As root, and as anybody where the kernel lets people have namespaces of their own."""
ENABLE = "run the tests as root, or: sysctl -w kernel.unprivileged_userns_clone=1"
BLOCK = 4096


class Room:
    """The file system at `folder`; `prefix` before a command starts it inside."""

    def __init__(self, folder: Path, holder: int, prefix: Sequence[str]) -> None:
        self.folder, self.prefix = folder, prefix
        self._ballast = Path(f"/proc/{holder}/root{folder}/ballast")
        self._inside = self._ballast.parent

    def fill(self) -> None:
        """Leave not a byte."""
        with self._ballast.open("ab", buffering=0) as ballast, suppress(OSError):
            while True:
                ballast.write(bytes(BLOCK))

    def empty(self) -> None:
        """Take the ballast out."""
        self._ballast.unlink()

    def files(self) -> list[str]:
        """The names of what lies in it."""
        return sorted(path.name for path in self._inside.iterdir())


@contextmanager
def room(folder: Path, size: str) -> Iterator[Room]:
    """A room of a size such as 8m; where the kernel gives none, the test ends here."""
    folder.mkdir(exist_ok=True)
    made = f"mount -t tmpfs -o size={size},mode=0777 room {folder} && echo made && exec cat"
    for way in WAYS:
        holder = subprocess.Popen(
            [*way, "sh", "-c", made],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        with holder:
            assert holder.stdout is not None
            if holder.stdout.readline().strip() == "made":
                yield Room(folder, holder.pid, _into(holder.pid, way))
                return
    pytest.skip(f"no file system of one's own here ({ENABLE})")


def _into(holder: int, way: Sequence[str]) -> tuple[str, ...]:
    user = ("--user", "--preserve-credentials") if "--map-root-user" in way else ()
    return ("nsenter", "--target", str(holder), "--mount", *user)
