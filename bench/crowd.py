"""Many people who submit and decide at once on SQLite; what counts is that none of them meets a failure."""

import http.client
import threading
from collections.abc import Callable

from sqlalchemy import select

from bench import figures, queue
from bench.browsing import Browser
from bench.filling import fill
from bench.pages import submit
from bench.place import Place
from bench.serving import INTAKE, Server, embedded, gunicorn
from intake import create_app
from intake.extensions import db
from intake.models import Expression
from workflows.expression import State

SIZES = (8, 50)
DECISIONS = 4
"""How many expressions each who decides puts into a focus area, one after the other."""
SERVERS = {"waitress": embedded, "two processes": gunicorn}


def measure(place: Place) -> list[figures.Figure]:
    """Failures, by how many come at once and what serves them; one of two submits, the other decides."""
    if place.name != "SQLite":
        return []
    return [_failures(place, people, served) for served in SERVERS for people in SIZES]


def _failures(place: Place, people: int, served: str) -> figures.Figure:
    environment = place.settings(f"crowd-{people}-{served.replace(' ', '-')}")
    with create_app(environment).app_context():
        queue.sign_up()
        keys = fill(people // 2 * DECISIONS, State.SCREENED)
        waiting = list(db.session.scalars(select(Expression.reference).where(Expression.id.in_(keys))))
        db.session.remove()
        db.engine.dispose()
    with SERVERS[served](INTAKE, environment) as server:
        failed = _all_at_once(server, people, waiting)
    return figures.Figure(f"failures of {people} people at once, SQLite, {served}", len(failed), 0)


def _all_at_once(server: Server, people: int, waiting: list[str]) -> list[str]:
    failed: list[str] = []
    gate = threading.Barrier(people)

    def person(work: Callable[[Browser], object]) -> None:
        gate.wait()
        try:
            work(Browser(server.port))
        except (RuntimeError, OSError, http.client.HTTPException) as failure:
            failed.append(str(failure))

    def submits(browser: Browser) -> None:
        submit(browser, server.mailbox)

    shares = [waiting[begin : begin + DECISIONS] for begin in range(0, len(waiting), DECISIONS)]
    deciding = [lambda browser, share=share: _decide(browser, share) for share in shares]
    crowd = [threading.Thread(target=person, args=(work,)) for work in [submits] * (people // 2) + deciding]
    for each in crowd:
        each.start()
    for each in crowd:
        each.join()
    return failed


def _decide(desk: Browser, share: list[str]) -> None:
    desk.get("/staff/login")
    desk.post("/staff/login", queue.SIGN_IN)
    for reference in share:
        path = f"/staff/expressions/{reference}/assign"
        desk.get(path)
        desk.post(path, {"focus_area": "access"})
        desk.post(path, {"focus_area": "access"})
