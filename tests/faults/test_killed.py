"""kill -9 of web servers, deliveries, Celery's workers and beat at random moments under load: nothing is lost."""

import time
from collections.abc import Sequence
from pathlib import Path
from random import Random

from tests.environment import fresh_postgres
from tests.faults.broker import own_redis
from tests.faults.site import Site

KILLS = 50
LONGEST_LIFE_SECONDS = 0.8
POWER_CUT_EVERY = 10


def kill_fifty_times(site: Site, ports: Sequence[int], seed: int) -> None:
    """Let people work while processes die, and ask for the verdict."""
    dice = Random(seed)
    with site.crowd(ports, applicants=3, deciders=2, seed=seed) as crowd:
        crowd.work_until(steps=1)
        while site.kills < KILLS:
            time.sleep(dice.uniform(0, LONGEST_LIFE_SECONDS))
            if dice.randrange(POWER_CUT_EVERY):
                site.kill_one(dice)
            else:
                site.power_cut()
                crowd.work_until(steps=1)
        crowd.work_until(steps=1)
    meanwhile = site.arrived

    assert site.verdict(crowd.ledger) == []
    assert meanwhile > 0
    print(f"{crowd.ledger.taken} steps, {meanwhile} letters, {crowd.ledger.unanswered} unanswered")


def test_the_site_of_one_machine_is_killed_fifty_times_and_loses_nothing(tmp_path: Path, seed: int) -> None:
    with Site(tmp_path, f"sqlite:///{tmp_path / 'intake.sqlite3'}") as site:
        ports = [site.web("web-1"), site.web("web-2")]
        site.delivery("delivery")

        kill_fifty_times(site, ports, seed)


def test_the_site_of_many_hosts_is_killed_fifty_times_and_loses_nothing(
    tmp_path: Path, worker_id: str, seed: int
) -> None:
    with (
        fresh_postgres(f"{worker_id}_killed") as url,
        own_redis(tmp_path) as broker,
        Site(tmp_path, url, INTAKE_CELERY_BROKER_URL=broker) as site,
    ):
        ports = [site.web_at_scale("web")]
        site.workers()

        kill_fifty_times(site, ports, seed)
