"""The threads of a web process that do by themselves what workers do elsewhere: letters, digests, lapses and more."""

import contextlib
import threading
from collections.abc import Callable, Iterator

from flask import Flask

from intake import daily, expiring, forgetting, lapsing, looks
from intake.documents import sweeping
from intake.inbound import polling
from intake.notifications import embedded

WATCHES: dict[str, Callable[[threading.Event], None]] = {
    "digests": daily.watch,
    "lapses": lapsing.watch,
    "erasures": forgetting.watch,
    "links": expiring.watch,
    "looks": looks.watch,
    "inbox": polling.watch,
    "scans": sweeping.watch_scans,
    "files": sweeping.watch_files,
}
"""What goes on until an event is set, in an app context; each may run in several processes at once."""


@contextlib.contextmanager
def running(app: Flask) -> Iterator[None]:
    """Deliver, write and sweep as long as the block lasts; nothing where a broker is set or MAIL_EMBEDDED is off."""
    if app.config["CELERY_BROKER_URL"] or not app.config["MAIL_EMBEDDED"]:
        yield
        return
    stop = threading.Event()
    delivery = embedded.start(app)
    watches = [_watching(app, name, watch, stop) for name, watch in WATCHES.items()]
    try:
        yield
    finally:
        stop.set()
        delivery.stop()
        for thread in watches:
            thread.join(embedded.STOP_SECONDS)


def _watching(
    app: Flask, name: str, watch: Callable[[threading.Event], None], stop: threading.Event
) -> threading.Thread:
    def run() -> None:
        with app.app_context():
            watch(stop)

    thread = threading.Thread(target=run, name=name, daemon=True)
    thread.start()
    return thread
