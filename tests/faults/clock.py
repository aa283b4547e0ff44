"""A wall clock that a test can set for running processes, by libfaketime; how long things take stays true."""

import os
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

ENABLE = "to enable: apt-get install -y faketime"
NOTICED_SECONDS = 1
LIBRARIES = "/usr/lib"
NAME = "*/faketime/libfaketimeMT.so.1"


class Clock:
    """The clock of all processes that are started with `environment`; without libfaketime, the test ends here."""

    def __init__(self, folder: Path) -> None:
        found = sorted(Path(LIBRARIES).glob(NAME))
        if not found:
            pytest.skip(f"no libfaketime under {LIBRARIES} ({ENABLE})")
        self._file = folder / "clock"
        self.set("+0")
        self.environment: Mapping[str, str] = {
            "LD_PRELOAD": str(found[0]),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_CACHE_DURATION": str(NOTICED_SECONDS),
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }

    def set(self, shift: str) -> None:
        """Put the clock so far from the right time, e.g. +1d, and wait until everybody has noticed."""
        new = self._file.with_suffix(".new")
        new.write_text(shift, encoding="utf-8")
        os.replace(new, self._file)
        time.sleep(2 * NOTICED_SECONDS)
