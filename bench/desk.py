"""What staff ask for, against a bare Flask page under the same server, as processor time with the database."""

from collections.abc import Mapping

from sqlalchemy import select

from bench import figures, queue
from bench.browsing import Browser
from bench.filling import fill
from bench.place import Place
from bench.serving import BARE, INTAKE, Server, gunicorn
from intake import create_app
from intake.extensions import db
from intake.models import Expression
from workflows.expression import State

SIZE = 1_000
HELLOS, STEPS, VISITS, ROUNDS = 1_000, 60, 60, 3
QUEUE, SEARCH = "/staff/queue", f"/staff/queue?state=all&q={queue.COMMON}"
AIMS = {"a step as a request": 14.0, "the queue page": 15.0, "a search": 20.0}


def measure(place: Place) -> list[figures.Figure]:
    """A step, the queue and a search among `SIZE` expressions."""
    return among(SIZE, place.settings("desk"), place.name)


def among(size: int, environment: Mapping[str, str], name: str) -> list[figures.Figure]:
    """The same among so many expressions; the database is empty before."""
    with create_app(environment).app_context():
        queue.sign_up()
        queue.fill(size - STEPS * ROUNDS)
        keys = fill(STEPS * ROUNDS, State.SCREENED)
        waiting = list(db.session.scalars(select(Expression.reference).where(Expression.id.in_(keys))))
        db.session.remove()
        db.engine.dispose()
    with gunicorn(BARE, environment) as bare, gunicorn(INTAKE, environment) as ours:
        return _measure(bare, ours, waiting, f"{name}, {size:,} expressions")


def _measure(bare: Server, ours: Server, waiting: list[str], where: str) -> list[figures.Figure]:
    desk, hello = Browser(ours.port), Browser(bare.port)
    desk.get("/staff/login")
    desk.post("/staff/login", queue.SIGN_IN)
    hellos, looks = [], []
    times: dict[str, list[float]] = {name: [] for name in AIMS}
    for turn in range(ROUNDS):
        hellos.append(bare.spent(HELLOS, lambda: hello.get("/")))
        steps = iter(waiting[turn * STEPS : (turn + 1) * STEPS])
        shown: list[tuple[str, str]] = []
        looks.append(ours.spent(STEPS, lambda steps=steps, shown=shown: shown.append(_look(desk, next(steps)))))
        confirmed = iter(shown)
        times["a step as a request"].append(ours.spent(STEPS, lambda confirmed=confirmed: desk.sent(*next(confirmed))))
        times["the queue page"].append(ours.spent(VISITS, lambda: desk.get(QUEUE)))
        times["a search"].append(ours.spent(VISITS, lambda: desk.get(SEARCH)))
    print(f"(the two pages before a step / a bare page, {where}: {figures.ratio(looks, hellos):.1f})")
    return [
        figures.Figure(f"{name} / a bare page, {where}", figures.ratio(times[name], hellos), aim)
        for name, aim in AIMS.items()
    ]


def _look(desk: Browser, reference: str) -> tuple[str, str]:
    """Fill in a step and see what it would bring; gives what the button then sends."""
    path = f"/staff/expressions/{reference}/assign"
    desk.get(path)
    desk.post(path, {"focus_area": "access"})
    return path, desk.filled(path, {"focus_area": "access"})
