"""The thread of the web process that delivers letters; it is started by the command that serves, never by itself."""

import threading

from flask import Flask

from intake.notifications import deliver

STOP_SECONDS = 5


class Delivery:
    """A running delivery: `nudge` wakes it, `stop` ends it after the letter that it is sending."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._stop, self._nudged = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="delivery", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        with self._app.app_context():
            deliver.watch(self._stop, nudged=self._nudged)

    @property
    def runs(self) -> bool:
        """The thread is alive and has not been told to stop."""
        return self._thread.is_alive() and not self._stop.is_set()

    def nudge(self) -> None:
        """Look at the outbox now."""
        self._nudged.set()

    def stop(self) -> None:
        """End the thread; a letter on its way to a server that does not answer is not waited for for ever."""
        self._stop.set()
        self._nudged.set()
        self._thread.join(STOP_SECONDS)
        if self._app.extensions.get("delivery") is self:
            del self._app.extensions["delivery"], self._app.extensions["nudge_delivery"]


def start(app: Flask) -> Delivery:
    """Deliver the application's letters from a thread of this process; a second call gives the running delivery."""
    running: Delivery | None = app.extensions.get("delivery")
    if running is not None and running.runs:
        return running
    delivery = Delivery(app)
    app.extensions["delivery"] = delivery
    app.extensions["nudge_delivery"] = delivery.nudge
    return delivery
