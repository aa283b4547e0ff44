"""What a process does again and again by itself: one loop for all of it, which no failure ends; it knows no work."""

import logging
import threading
from collections.abc import Callable

from flask import current_app
from sqlalchemy.exc import OperationalError

log = logging.getLogger(__name__)


def repeat(work: Callable[[], object], of: str, *, every: float, stop: threading.Event) -> None:
    """Do `work`, a round of `of`, each time in a fresh app context and after a pause of `every` seconds, until `stop`.

    Needs an app context. Whatever fails is logged, and the next round begins as if nothing had been.
    """
    application = current_app._get_current_object()  # type: ignore[attr-defined]
    while not stop.is_set():
        try:
            with application.app_context():
                work()
        except OperationalError as error:
            log.warning("the database does not answer: %s", error.orig)
        except Exception:
            log.exception("a round of %s failed", of)
        stop.wait(every)
