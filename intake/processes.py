"""Becomes gunicorn, a Celery worker or Celery's beat, with the settings of this process; it serves and sends nothing.

The command replaces its own process, so that a supervisor's signals reach what it started, and so that no other command
pays for what only these three need.
"""

import os
import sys
from typing import NoReturn

APPLICATION = "intake:create_app()"
CELERY = "intake.scale:celery"


def become_web(listen: str, *, processes: int, threads: int) -> NoReturn:
    """Serve under gunicorn, in processes that are replaced when they end."""
    counts = ("--workers", str(processes), "--threads", str(threads))
    _become("gunicorn", "--config", "python:intake.web", "--bind", listen, *counts, APPLICATION)


def become_worker(processes: int) -> NoReturn:
    """Do what the broker and the schedule ask for. Workers need not know of each other, so they do not talk."""
    alone = ("--hostname", f"{os.getpid()}@%h", "--without-gossip", "--without-mingle", "--loglevel", "WARNING")
    _become("celery", "--quiet", "--app", CELERY, "worker", "--concurrency", str(processes), *alone)


def become_beat() -> NoReturn:
    """Ask for every sweep when its time has come. It stores nothing; two of them do no harm."""
    _become("celery", "--quiet", "--app", CELERY, "beat", "--loglevel", "WARNING")


def _become(module: str, *arguments: str) -> NoReturn:
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, "-m", module, *arguments])  # noqa: S606 - no shell, nothing typed
