"""kill -9 of web servers and deliveries at random moments under load: nothing is lost, nothing is told wrongly."""

import time
from random import Random

from tests.faults.site import Site

KILLS = 100
LONGEST_LIFE_SECONDS = 0.5
POWER_CUT_EVERY = 10
FEWEST_STEPS = 10


def test_whatever_is_killed_a_hundred_times_nothing_is_lost(site: Site, seed: int) -> None:
    dice = Random(seed)
    ports = [site.web("web-1"), site.web("web-2")]
    site.delivery("delivery")

    with site.crowd(ports, applicants=3, deciders=2, seed=seed) as crowd:
        crowd.work_until(steps=1)
        while site.interruptions < KILLS:
            time.sleep(dice.uniform(0, LONGEST_LIFE_SECONDS))
            if dice.randrange(POWER_CUT_EVERY):
                site.kill_one(dice)
            else:
                site.power_cut()
        crowd.work_until(steps=1)

    assert site.verdict(crowd.ledger) == []
    assert crowd.ledger.taken > FEWEST_STEPS
