"""The last minute before the deadline: 200 applicants who send at once, against two processes."""

import http.client
import re
import threading
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from bench import figures
from bench.browsing import Browser
from bench.pages import draft
from bench.place import Place
from bench.serving import INTAKE, Server, gunicorn
from intake import create_app
from intake.extensions import db
from intake.models import Expression, HistoryEntry, Letter
from workflows.expression import State

APPLICANTS = 200
ZONE = ZoneInfo("Europe/Zurich")


@dataclass
class Burst:
    """What the applicants met: seconds until each answer, and the failures."""

    seconds: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)


def measure(place: Place) -> list[figures.Figure]:
    """Who was not answered, lost or taken twice; prints the 99th percentile of the time to an answer."""
    environment = place.settings("burst")
    with gunicorn(INTAKE, environment) as server:
        drafts = [_draft(server) for _ in range(APPLICANTS)]
    _close_in_a_minute(environment)
    with gunicorn(INTAKE, environment) as server:
        burst = _all_at_once(server.port, drafts)
    slowest = sorted(burst.seconds)
    where = f"{APPLICANTS} applicants at once, two processes, {place.name}"
    if slowest:
        p99 = slowest[len(slowest) * 99 // 100 - 1]
        print(f"({where}: half answered in {slowest[len(slowest) // 2]:.2f} s, 99 % in {p99:.2f} s)")
    return [
        figures.Figure(f"{what}, {where}", number, 0)
        for what, number in {"not answered": len(burst.failures), **_wrong(environment)}.items()
    ]


def _draft(server: Server) -> tuple[Browser, str]:
    browser = Browser(server.port)
    return browser, draft(browser, server.mailbox)


def _close_in_a_minute(environment: Mapping[str, str]) -> None:
    """The next server finds a call that closes so soon."""
    programme = Path(environment["INTAKE_PROGRAMME"])
    closes = (datetime.now(ZONE) + timedelta(minutes=1)).replace(tzinfo=None, microsecond=0)
    text = re.sub(r"^closes = .*", f"closes = {closes.isoformat()}", programme.read_text(encoding="utf-8"), flags=re.M)
    programme.write_text(text, encoding="utf-8")


def _all_at_once(port: int, drafts: list[tuple[Browser, str]]) -> Burst:
    burst, gate = Burst(), threading.Barrier(len(drafts))
    crowd = [threading.Thread(target=_send, args=(port, *each, gate, burst)) for each in drafts]
    for each in crowd:
        each.start()
    for each in crowd:
        each.join()
    return burst


def _send(port: int, browser: Browser, reference: str, gate: threading.Barrier, burst: Burst) -> None:
    """Press the button on the page that has been open all the while."""
    browser.move(port)
    gate.wait()
    begun = time.perf_counter()
    try:
        browser.post(f"{reference}/check", {"consent": "y"})
    except (RuntimeError, OSError, http.client.HTTPException) as failure:
        burst.failures.append(str(failure))
    else:
        burst.seconds.append(time.perf_counter() - begun)


def _wrong(environment: Mapping[str, str]) -> dict[str, int]:
    """How many expressions are not submitted, and how many have more than one step or other letters than two."""
    with create_app(environment).app_context():
        stored = Counter(db.session.scalars(select(Expression.state)).all())
        steps = Counter(db.session.scalars(select(HistoryEntry.expression_id)).all())
        of_steps = select(Letter.expression_id, func.count(Letter.id.distinct())).where(Letter.step_id.is_not(None))
        letters = of_steps.group_by(Letter.expression_id)
        told = [number for _about, number in db.session.execute(letters)]
        db.session.remove()
        db.engine.dispose()
    twice = sum(number != 1 for number in steps.values()) + sum(number != told[0] for number in told)
    return {"lost": APPLICANTS - stored[State.SUBMITTED], "taken twice": twice}
