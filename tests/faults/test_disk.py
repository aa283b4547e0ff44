"""A full disk or a limit of file sizes: a refusal in a sentence, and the same processes go on once there is room."""

import os
import resource
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.faults.postgres import Cluster, cluster
from tests.faults.room import ENABLE, Room, room
from tests.faults.site import Site
from tests.faults.visitors import Crowd

SAID = "The site cannot save at the moment"
TIMES = 2
PATIENCE_SECONDS = 60
DATABASE = "intake.sqlite3"
ROOM = "128m"
"""Enough for `intake doctor` to be content once the ballast is out."""


def fill_and_go_on(site: Site, seed: int, *, fill: Callable[[], None], empty: Callable[[], None]) -> None:
    """Let people work; take the room away until somebody is refused, give it back, and ask for the verdict."""
    ports = [site.web("web")]
    site.delivery("delivery")
    lived = [process.number for process in site.mortal]

    with site.crowd(ports, applicants=3, deciders=2, seed=seed) as crowd:
        for _ in range(TIMES):
            crowd.work_until(steps=1)
            somebody_is_refused(crowd, fill)
            site.in_doubt += len(site.mortal)
            empty()
        crowd.work_until(steps=2)

    assert [process.number for process in site.mortal] == lived
    assert site.verdict(crowd.ledger) == []
    assert set(crowd.ledger.codes) <= {200, 302, 303, 403, 409, 503}
    assert [page for page in crowd.ledger.unsaved if SAID not in page] == []
    assert crowd.ledger.unanswered == 0


def somebody_is_refused(crowd: Crowd, fill: Callable[[], None]) -> None:
    """Take all room, again and again as some gets free, until somebody is told that nothing can be saved."""
    before, until = len(crowd.ledger.unsaved), time.monotonic() + PATIENCE_SECONDS
    while len(crowd.ledger.unsaved) == before:
        fill()
        assert time.monotonic() < until, "nobody was refused"
        time.sleep(0.05)


def test_a_full_disk_under_sqlite_is_a_refusal_and_then_work_goes_on(tmp_path: Path, seed: int) -> None:
    with room(tmp_path / "room", ROOM) as small:
        url = f"sqlite:///{small.folder / DATABASE}"
        with Site(tmp_path, url, prefix=small.prefix) as site:
            fill_and_go_on(site, seed, fill=small.fill, empty=small.empty)

            assert site.run("sqlite", str(small.folder / DATABASE)).split() == ["ok"]
        assert small.files() == [DATABASE]


def test_a_limit_of_file_sizes_is_a_refusal_and_then_work_goes_on(tmp_path: Path, seed: int) -> None:
    file = tmp_path / DATABASE
    with Site(tmp_path, f"sqlite:///{file}") as site:

        def limit(most: int) -> None:
            for process in site.mortal:
                resource.prlimit(process.number, resource.RLIMIT_FSIZE, (most, resource.RLIM_INFINITY))

        def fill() -> None:
            limit(file.with_name(f"{DATABASE}-wal").stat().st_size)

        fill_and_go_on(site, seed, fill=fill, empty=lambda: limit(resource.RLIM_INFINITY))

        assert site.run("sqlite", str(file)).split() == ["ok"]
    assert sorted(path.name for path in tmp_path.glob(f"{DATABASE}*")) == [DATABASE]


@pytest.fixture
def cramped() -> Iterator[tuple[Room, Cluster]]:
    """A PostgreSQL server on a disk with little room."""
    if os.geteuid() != 0:
        pytest.skip(f"only root may run a server as another user ({ENABLE})")
    folder = Path(tempfile.mkdtemp(prefix="intake-cramped-"))
    folder.chmod(0o755)
    try:
        with (
            room(folder, "96m") as small,
            cluster(folder, prefix=small.prefix, settings=("min_wal_size=2MB", "max_wal_size=8MB")) as server,
        ):
            yield small, server
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def test_a_full_disk_under_postgresql_is_a_refusal_and_then_work_goes_on(
    cramped: tuple[Room, Cluster], tmp_path: Path, seed: int
) -> None:
    small, server = cramped

    def empty() -> None:
        small.empty()
        if not server.runs:
            server.start()
        server.wait()

    with Site(tmp_path, server.url) as site:
        fill_and_go_on(site, seed, fill=small.fill, empty=empty)
