"""What a web worker holds in memory after many requests, and whether that grows."""

from bench import figures
from bench.browsing import Browser
from bench.pages import submit
from bench.place import Place
from bench.serving import INTAKE, Server, gunicorn

EARLY, LATE = 2_000, 10_000
MEGABYTES, GROWTH = 130.0, 1.03


def measure(place: Place) -> list[figures.Figure]:
    """Megabytes of a worker after `LATE` requests, and those over what it held after `EARLY`."""
    with gunicorn(INTAKE, place.settings("memory"), workers=1) as server:
        visitor = Browser(server.port)
        pages = _pages(submit(visitor, server.mailbox))
        early = _after(EARLY, server, visitor, pages)
        late = _after(LATE, server, visitor, pages)
    return [
        figures.Figure(f"memory of a web worker after {LATE:,} requests, MB, {place.name}", late, MEGABYTES),
        figures.Figure(f"the same / after {EARLY:,} requests, {place.name}", late / early, GROWTH),
    ]


def _pages(reference: str) -> list[str]:
    answers = [f"{reference}/answers", *(f"{reference}/answers/{step}" for step in ("organisation", "communities"))]
    return ["/", "/notice", "/help/process", reference, *answers]


def _after(count: int, server: Server, visitor: Browser, pages: list[str]) -> float:
    """Go round until so many requests were sent, with a whole submission at each thousand; megabytes then."""
    while visitor.requests < count:
        visitor.get(pages[visitor.requests % len(pages)])
        if visitor.requests % 1_000 == 0:
            other = Browser(server.port)
            submit(other, server.mailbox)
            visitor.requests += other.requests
    return server.megabytes()
