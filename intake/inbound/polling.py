"""Fetches the mail that waits at the inbox, once or again and again; what each mail is for is decided elsewhere."""

import logging
import threading
from contextlib import closing
from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import current_app

from intake import rounds
from intake.extensions import db
from intake.inbound import limits, sources
from intake.inbound.receiving import NotYet, receive
from intake.inbound.sources import Away, Waiting

__all__ = ["Away", "Taken", "fetch", "watch"]
EVERY_SECONDS = 60

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Taken:
    """How many messages were taken in, those that had been before among them."""

    messages: int = 0


def fetch(stop: threading.Event | None = None) -> Taken:
    """Take in what waits; each message in a transaction of its own, marked as taken after its commit.

    Nothing where no inbox is set. Ends early when `stop` is set. Raises `Away`, also where no room
    is left, or that the database does not answer; what is not marked waits for the next time. Needs an app context.
    """
    settings = current_app.config
    if not settings["INBOX"]:
        return Taken()
    messages, source, room = 0, urlsplit(settings["INBOX"]).scheme, limits.room()
    db.session.rollback()
    with closing(sources.waiting(settings)) as waiting:
        for each in waiting:
            limits.fit(each.content, room)
            if _received(each, source):
                with sources.reaching():
                    each.taken()
                messages += 1
                room = None if room is None else room - len(each.content)
            if stop is not None and stop.is_set():
                break
    return Taken(messages)


def _received(each: Waiting, source: str) -> bool:
    """Take in one message and end the transaction; false when it is to be given again."""
    try:
        receive(each.content, source=source, size=each.size)
    except NotYet:
        return False
    finally:
        db.session.rollback()
    return True


def watch(stop: threading.Event) -> None:
    """Fetch every minute until `stop` is set; needs an app context."""
    rounds.repeat(lambda: fetch_or_say(stop), "mail that comes in", every=EVERY_SECONDS, stop=stop)


def fetch_or_say(stop: threading.Event) -> None:
    """As `fetch`; a source that is away is said in the log, and asked again the next time."""
    try:
        fetch(stop)
    except Away as error:
        log.warning("%s", error)
