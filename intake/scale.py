"""Celery: the tasks of workers and the schedule of beat. Each does what a thread of `intake serve` does as well.

`intake worker` and `intake beat` run it, or `celery -A intake.scale`. A task carries no data and may come twice, late
or never: what is to be done stands in the database, and each sweep looks there anew.
"""

import contextlib
import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

from celery import signals
from flask import Flask

from intake import broker, create_app, daily, expiring, forgetting, lapsing, logs, looks
from intake.config import SettingError, read_settings
from intake.documents import scanning, sweeping
from intake.inbound import polling
from intake.models import now
from intake.notifications import deliver, outbox

MOST_SECONDS = 60
"""After how long a sweep stops of its own accord; a worker that is told to stop waits no longer than that."""
KILL_SECONDS = 300
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
MOST_TASKS, MOST_KILOBYTES = 1_000, 300_000
"""After so many tasks, or with so much memory, a process of a worker is replaced."""


@dataclass(frozen=True, slots=True)
class Sweep:
    """Work that beat asks for every so many seconds; it ends early when the event is set."""

    name: str
    every: float
    work: Callable[[threading.Event], object]


SWEEPS = (
    Sweep(broker.DELIVER, 30, deliver.everything_due),
    Sweep("intake.digests", daily.EVERY_SECONDS, lambda stop: daily.write_when_due(now())),
    Sweep("intake.lapses", lapsing.EVERY_SECONDS, lambda stop: lapsing.sweep(now(), stop=stop)),
    Sweep("intake.erasures", forgetting.EVERY_SECONDS, lambda stop: forgetting.sweep(now(), stop=stop)),
    Sweep("intake.links", expiring.EVERY_SECONDS, lambda stop: expiring.sweep(now(), stop=stop)),
    Sweep("intake.looks", looks.EVERY_SECONDS, lambda stop: looks.sweep(now(), stop=stop)),
    Sweep("intake.inbox", polling.EVERY_SECONDS, polling.fetch_or_say),
    Sweep("intake.scans", sweeping.SCANS_EVERY_SECONDS, scanning.sweep),
    Sweep("intake.files", sweeping.FILES_EVERY_SECONDS, sweeping.delete_orphans),
)


def _connected() -> Any:
    """The application on the broker that is set, with the limits of its workers. Raises `SettingError`."""
    settings = read_settings(os.environ)
    if not settings["CELERY_BROKER_URL"]:
        raise SettingError("INTAKE_CELERY_BROKER_URL is not set: workers and beat need a broker.")
    application = broker.connected(settings["CELERY_BROKER_URL"], settings["CELERY_QUEUE"])
    application.conf.update(
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_time_limit=KILL_SECONDS,
        worker_prefetch_multiplier=1,
        worker_max_tasks_per_child=MOST_TASKS,
        worker_max_memory_per_child=MOST_KILOBYTES,
        # Its connection is the one that is always read: a busy worker without it does not notice that Redis has gone.
        worker_enable_remote_control=True,
        control_exchange=settings["CELERY_QUEUE"],
        beat_scheduler="celery.beat:Scheduler",  # in memory: nothing is lost when a sweep comes once too often
        beat_schedule={each.name: _entry(each) for each in SWEEPS},
    )
    return application


def _entry(sweep: Sweep) -> dict[str, Any]:
    """How beat keeps a sweep: due as it starts, so that one that is restarted often puts nothing off."""
    options = {"expires": sweep.every}
    return {"task": sweep.name, "schedule": sweep.every, "options": options, "last_run_at": LONG_AGO}


def _task(sweep: Sweep) -> Callable[[], None]:
    def run() -> None:
        with _application().app_context(), _for_a_while() as stop:
            sweep.work(stop)
            if stop.is_set():
                outbox.nudge()

    return run


@cache
def _application() -> Flask:
    """The application of this process, made with its first task: a worker forks before, so nothing is shared."""
    return create_app()


@contextlib.contextmanager
def _for_a_while() -> Iterator[threading.Event]:
    stop = threading.Event()
    timer = threading.Timer(MOST_SECONDS, stop.set)
    timer.daemon = True
    timer.start()
    try:
        yield stop
    finally:
        timer.cancel()


def _log(**_: object) -> None:
    """Log as the site does; Celery, asked, leaves its own way alone."""
    logs.configure(read_settings(os.environ)["LOG_FORMAT"])


signals.setup_logging.connect(_log)
celery = _connected()
for _sweep in SWEEPS:
    celery.task(_task(_sweep), name=_sweep.name)
