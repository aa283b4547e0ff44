"""PostgreSQL crashes under load and comes back: the site says so meanwhile, reconnects by itself and loses nothing."""

import secrets
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from intake.notifications.deliver import BATCH
from tests.brokers import eventually
from tests.faults.broker import own_redis
from tests.faults.postgres import Cluster, cluster
from tests.faults.sink import taken
from tests.faults.site import Site
from tests.faults.visitors import Browser, Ledger

CRASHES = 4
LONGEST_ABSENCE_SECONDS = 2.0
WORKERS = 2
SAID = "The site cannot save at the moment"


@pytest.fixture
def server() -> Iterator[Cluster]:
    """A server of PostgreSQL that may crash."""
    with cluster() as made:
        yield made


def seen_while_away(server: Cluster, somebody: Browser, dice: Random) -> tuple[int, bool]:
    """Let the server crash and stay away for a while: the code of a page meanwhile, and whether it says why."""
    server.crash()
    meanwhile = somebody.look(f"/link/{secrets.token_urlsafe(32)}")
    time.sleep(dice.uniform(0, LONGEST_ABSENCE_SECONDS))
    server.start()
    return meanwhile.code, SAID in meanwhile.text


def test_a_database_that_crashes_is_waited_for(server: Cluster, tmp_path: Path, seed: int) -> None:
    dice = Random(seed)
    with Site(tmp_path, server.url) as site:
        ports = [site.web("web-1"), site.web("web-2")]
        site.delivery("delivery")
        somebody = Browser(ports, Ledger(), dice)

        with site.crowd(ports, applicants=3, deciders=2, seed=seed) as crowd:
            for crash in range(CRASHES):
                crowd.work_until(steps=2)
                site.in_doubt += len(ports) + 1
                if crash % 2:
                    server.kill_backend(dice)
                    server.wait()
                else:
                    assert seen_while_away(server, somebody, dice) == (503, True)
            crowd.work_until(steps=2)

        assert site.verdict(crowd.ledger) == []
        assert set(crowd.ledger.codes) <= {200, 302, 303, 403, 409, 503}
        assert [page for page in crowd.ledger.unsaved if SAID not in page] == []
        assert crowd.ledger.unanswered == 0


def test_workers_outlive_a_database_that_crashes(server: Cluster, tmp_path: Path, seed: int) -> None:
    with (
        own_redis(tmp_path) as broker,
        Site(tmp_path, server.url, INTAKE_MAIL_EMBEDDED="no", INTAKE_CELERY_BROKER_URL=broker) as site,
    ):
        port = site.web("web")
        site.workers()
        lived = [process.number for process in site.mortal]

        with site.crowd([port], applicants=2, deciders=1, seed=seed) as crowd:
            for _ in range(CRASHES // 2):
                crowd.work_until(steps=2)
                site.in_doubt += WORKERS * BATCH
                server.crash()
                server.start()
            crowd.work_until(steps=2)

        assert [process.number for process in site.mortal] == lived
        assert site.verdict(crowd.ledger) == []
        assert crowd.ledger.unanswered == 0


@pytest.fixture
def forgetful() -> Iterator[Cluster]:
    """A server that writes what need not wait for the disk so late that a crash takes it along."""
    with cluster(settings=("wal_writer_delay=10s", "autovacuum=off")) as made:
        yield made


def test_letters_whose_notes_a_crash_takes_along_leave_again_with_the_same_message_id(
    forgetful: Cluster, tmp_path: Path
) -> None:
    with Site(tmp_path, forgetful.url) as site:
        written = int(site.run("unsettled"))
        assert 0 < written <= BATCH
        site.delivery("delivery")
        assert eventually(lambda: site.arrived == written), site.log("delivery").read_text()
        forgetful.crash()
        forgetful.start()
        site.in_doubt += written
        forgotten = int(site.run("unsettled"))

        assert site.verdict(Ledger()) == []
        copies = Counter(taken(site.sink_file))
    assert 0 < forgotten <= written
    assert sorted(copies.values()) == [1] * (written - forgotten) + [2] * forgotten
