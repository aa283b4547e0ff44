"""The clock is set a day forward and a day back while people work: no letter sleeps for it, no dead link wakes."""

import time
from pathlib import Path
from random import Random

from tests.faults.clock import Clock
from tests.faults.site import Site
from tests.faults.visitors import Browser, Ledger

PATIENCE_SECONDS = 60
DEAD, LIVE = 404, 200
LINKS = {"revoked": DEAD, "expired just now": DEAD, "expires in twelve hours": LIVE, "live": LIVE}
JUMPS = (
    ("-1d", LINKS),
    ("+0", LINKS),
    ("+1d", LINKS | {"expires in twelve hours": DEAD}),
    ("+0", LINKS | {"expires in twelve hours": DEAD}),
)
"""Where the clock is put, and what is dead by then: whatever was it once, for good."""


def everything_has_left(site: Site) -> bool:
    """Whether all letters come to rest by themselves, in time as it really passes."""
    until = time.monotonic() + PATIENCE_SECONDS
    while int(site.run("unsettled")):
        if time.monotonic() > until:
            return False
        time.sleep(1)
    return True


def test_a_clock_that_jumps_by_a_day_holds_no_letter_up_and_wakes_no_link(tmp_path: Path, seed: int) -> None:
    clock, ledger = Clock(tmp_path), Ledger()
    settings = {**clock.environment, "INTAKE_MAIL_EMBEDDED": "no"}
    with Site(tmp_path, f"sqlite:///{tmp_path / 'intake.sqlite3'}", **settings) as site:
        ports = [site.web("web")]
        site.delivery("delivery")
        tokens = dict(line.rsplit(" ", 1) for line in site.run("links").splitlines())
        somebody = Browser(ports, Ledger(), Random(seed))

        for jump, links in JUMPS:
            with site.crowd(ports, ledger=ledger, applicants=1, deciders=1, seed=seed) as crowd:
                crowd.work_until(steps=2)
            site.kill_and_restart("delivery")
            site.run("command", "expire")
            clock.set(jump)

            assert everything_has_left(site), jump
            assert {name: somebody.look(f"/link/{token}").code for name, token in tokens.items()} == links

        assert site.verdict(ledger) == []
        assert set(ledger.codes) <= {200, 302, 303, 403, 409}
