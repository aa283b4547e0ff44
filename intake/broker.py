"""How processes talk to the broker: one Celery application for both sides, and the nudges of those that write letters.

No task and no letter is here. `celery` loads its parts when they are first used, so a process without a broker, which
imports this module all the same, pays for a name and nothing else.
"""

import logging
import threading
from typing import Any

import celery
from flask import Flask

DELIVER = "intake.deliver"
"""The task that a nudge asks for; `intake.scale` has it."""
EXPIRES_SECONDS = 60
"""A nudge is worth nothing once the next sweeps have been."""
PAUSE_SECONDS = 5
"""How long a broker that does not answer is left alone."""
CONNECT_SECONDS = 4
ANSWER_SECONDS = 30
VISIBILITY_SECONDS = 600
"""After how long Redis gives a task to another worker that nobody has said to be done."""
STOP_SECONDS = 5

log = logging.getLogger(__name__)


def connected(url: str, queue: str) -> Any:
    """A Celery application on this broker. It keeps no results, reads only JSON and opens no connection yet."""
    application = celery.Celery("intake", broker=url, set_as_current=False)
    application.conf.update(
        accept_content=["json"],
        task_ignore_result=True,
        task_default_queue=queue,
        task_default_delivery_mode="transient",
        broker_connection_timeout=CONNECT_SECONDS,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_transport_options=_options(url, queue),
    )
    return application


def _options(url: str, queue: str) -> dict[str, Any]:
    """For Redis, timeouts and names of its own; both: one try to connect, as whoever needs the broker asks again."""
    tries = {"max_retries": 1, "interval_start": 0, "interval_step": 0}
    if not url.startswith("redis"):
        return tries
    return {
        **tries,
        "global_keyprefix": f"{queue}:",
        "visibility_timeout": VISIBILITY_SECONDS,
        "socket_connect_timeout": CONNECT_SECONDS,
        "socket_timeout": ANSWER_SECONDS,
        "socket_keepalive": True,
    }


class Nudges:
    """Tells the workers that letters were written, from a thread of its own: no request ever waits for the broker.

    Many nudges while one is sent become one more. A broker that does not answer is asked again after a pause; until
    then, the sweeps of the workers find the letters.
    """

    def __init__(self, url: str, queue: str) -> None:
        self._application = connected(url, queue)
        self._stop, self._nudged = threading.Event(), threading.Event()
        self._beginning = threading.Lock()
        self._thread: threading.Thread | None = None
        self._answers = False

    def nudge(self) -> None:
        """Let a worker look at the outbox soon; returns at once."""
        self._nudged.set()
        with self._beginning:
            if self._thread is None or not self._thread.is_alive():  # the first nudge, or the first after a fork
                self._thread = threading.Thread(target=self._run, name="nudges", daemon=True)
                self._thread.start()

    def stop(self) -> None:
        """End the thread."""
        self._stop.set()
        self._nudged.set()
        if self._thread is not None:
            self._thread.join(STOP_SECONDS)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self._send()
            except Exception as error:  # drivers raise what they like, and the letters are safe in any case
                self._nudged.set()
                self._give_way(error)

    def _give_way(self, error: Exception) -> None:
        """Leave the broker alone for a while; one that has answered on this connection is asked anew at once."""
        if not self._answers:
            log.warning("the broker does not answer, so letters wait for the next sweep: %s", error)
            self._stop.wait(PAUSE_SECONDS)
        self._answers = False

    def _send(self) -> None:
        """Send a message for each nudge over one connection, until that breaks or there is to be an end."""
        with self._application.connection_for_write() as connection:
            while self._nudged.wait() and not self._stop.is_set():
                self._nudged.clear()
                self._application.send_task(DELIVER, connection=connection, retry=False, expires=EXPIRES_SECONDS)
                self._answers = True


def install(app: Flask) -> None:
    """Let the steps of this application nudge the workers, where a broker is set."""
    url = app.config["CELERY_BROKER_URL"]
    if url:
        app.extensions["nudges"] = nudges = Nudges(url, app.config["CELERY_QUEUE"])
        app.extensions["nudge_delivery"] = nudges.nudge
