"""The same pages and steps at 1,000, 10,000, 100,000 and 1,000,000 expressions on PostgreSQL, as wall time over HTTP.

It takes many minutes and some gigabytes, so that it is measured only when named. Every size is visited in turn. Of
what only reads the quickest visit counts, since others on the machine only ever make one slower; of what writes, the
median, since waiting for the disk is part of it.
"""

import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import pygal
from pygal.style import Style
from sqlalchemy import select

from bench import figures, queue
from bench.browsing import Browser
from bench.pages import submit
from bench.place import Place
from bench.serving import INTAKE, Server, gunicorn
from intake import create_app
from intake.extensions import db
from intake.models import Expression
from tests import loading
from workflows.expression import State

SIZES = (1_000, 10_000, 100_000, 1_000_000)
AIM = 1.3
ROUNDS, VISITS, STEPS, SUBMISSIONS = 4, 15, 12, 4
PICTURE = Path(__file__).parents[1] / "docs" / "images" / "growth.svg"
WRITES = ("submission", "step")


@dataclass
class Site:
    """A running server on so many expressions, its visitors, and how long each thing has taken, in seconds."""

    size: int
    server: Server
    waiting: list[str]
    desk: Browser
    applicant: Browser
    page: str
    times: dict[str, list[float]] = field(default_factory=dict)

    def timed(self, name: str, work: Callable[[], object]) -> None:
        """Do something once and note how long it took."""
        begun = time.perf_counter()
        work()
        self.times.setdefault(name, []).append(time.perf_counter() - begun)

    def found(self, name: str) -> float:
        """What counts of the times of one thing."""
        return median(self.times[name]) if name in WRITES else min(self.times[name])


def measure(place: Place) -> list[figures.Figure]:
    """The ratios to the smallest size; prints a table and draws it."""
    if place.name != "PostgreSQL":
        return []
    with ExitStack() as stack:
        sites = [_site(size, place.settings(f"growth_{size}"), stack) for size in SIZES]
        for _ in range(ROUNDS):
            for site in sites:
                _visit(site)
    names = list(sites[0].times)
    _table(sites, names)
    _draw(sites, names)
    return [_figure(name, sites[0], site) for site in sites[1:] for name in names]


def _figure(name: str, few: Site, many: Site) -> figures.Figure:
    label = f"growth, {name}: {many.size:,} / {few.size:,} expressions, PostgreSQL"
    return figures.Figure(label, many.found(name) / few.found(name), AIM)


def _site(size: int, environment: Mapping[str, str], stack: ExitStack) -> Site:
    """Load the expressions, serve them, sign in, and submit one more, whose page is the applicant's."""
    with create_app(environment).app_context():
        queue.sign_up()
        loading.load(size, label=f"{size:>9,} expressions")
        screened = select(Expression.reference).where(Expression.state == State.SCREENED).order_by(Expression.id)
        waiting = list(db.session.scalars(screened.limit(ROUNDS * STEPS)))
        db.session.remove()
        db.engine.dispose()
    server = stack.enter_context(gunicorn(INTAKE, environment))
    desk, applicant = Browser(server.port), Browser(server.port)
    desk.get("/staff/login")
    desk.post("/staff/login", queue.SIGN_IN)
    return Site(size, server, waiting, desk, applicant, submit(applicant, server.mailbox))


def _visit(site: Site) -> None:
    """One round: everything that is measured, some times."""
    pages = {
        "queue": "/staff/queue",
        "search, rare word": f"/staff/queue?state=all&q={loading.RARE}",
        "search, common word": f"/staff/queue?state=all&q={loading.COMMON}",
    }
    for name, path in pages.items():
        for _ in range(VISITS):
            site.timed(name, lambda path=path: site.desk.get(path))
    for _ in range(VISITS):
        site.timed("applicant's page", lambda: site.applicant.get(site.page))
    for _ in range(min(STEPS, len(site.waiting))):
        path = f"/staff/expressions/{site.waiting.pop()}/assign"
        site.desk.get(path)
        site.desk.post(path, {"focus_area": "access"})
        body = site.desk.filled(path, {"focus_area": "access"})
        site.timed("step", lambda path=path, body=body: site.desk.sent(path, body))
    for _ in range(SUBMISSIONS):
        site.timed("submission", lambda: submit(Browser(site.server.port), site.server.mailbox))


def _table(sites: list[Site], names: list[str]) -> None:
    """Print milliseconds by size, as the table of `docs/performance.md`."""
    print(f"| ms | {' | '.join(f'{site.size:,}' for site in sites)} |")
    print(f"|---|{'---|' * len(sites)}")
    for name in names:
        print(f"| {name} | {' | '.join(f'{site.found(name) * 1000:.1f}' for site in sites)} |")


def _draw(sites: list[Site], names: list[str]) -> None:
    """Leave the picture: the time of each thing as a multiple of its time among the fewest."""
    chart = pygal.Line(
        js=[],
        style=Style(background="white", plot_background="white", font_family="sans-serif"),
        width=900,
        height=420,
        range=(0, 2),
        title="Time of a request as a multiple of its time at 1,000 expressions",
        x_title="expressions",
        legend_at_bottom=True,
        legend_at_bottom_columns=3,
    )
    chart.x_labels = [f"{site.size:,}" for site in sites]
    for name in names:
        chart.add(name, [round(site.found(name) / sites[0].found(name), 2) for site in sites])
    chart.render_to_file(str(PICTURE))
