"""A look at what stands around the data: settings, the call, the broker, where limits are counted."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from flask import current_app
from limits.errors import ConfigurationError
from limits.storage import storage_from_string

from intake import broker as brokers
from intake.contradictions import HERE
from intake.current import programme
from intake.doctor.finding import Finding, ill, warned, well
from intake.models import now
from intake.wording import moment

SHORTEST_TOKEN = 16
SECONDS = 5


def settings(thorough: bool) -> Iterator[Finding]:
    """What is allowed and most likely not meant. What is not allowed has been refused by now."""
    doubts = [warned("settings", text, mend) for text, mend in _doubts(current_app.config)]
    yield from doubts or [well("settings", "They go together.")]


def _doubts(config: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What is doubtful, and how to mend it."""
    public = urlsplit(config["BASE_URL"]).hostname not in HERE
    if public and not config["HTTPS"]:
        yield "Cookies also travel by plain HTTP.", "Set INTAKE_HTTPS=yes behind a proxy with TLS."
    if not public and config["HTTPS"]:
        mend = "Set INTAKE_BASE_URL to the address by which people reach the site."
        yield "Letters carry links to this machine alone.", mend
    if public and config["MAILBOX"]:
        yield "Everybody can read all letters.", "Take INTAKE_MAILBOX away."
    if not config["RATE_LIMITS"]:
        yield "Nobody limits how many forms an address sends.", "Set INTAKE_RATE_LIMITS=yes."
    if 0 < len(config["METRICS_TOKEN"]) < SHORTEST_TOKEN:
        yield "The token for /metrics can be guessed.", "Set INTAKE_METRICS_TOKEN to e.g. `openssl rand -hex 32`."


def call(thorough: bool) -> Iterator[Finding]:
    """The programme file, which is valid where the application was made, and the dates in it."""
    of, at = programme().call, now()
    yield well("programme", f"{programme().name}: {of.title}.")
    if of.opens >= of.closes:
        yield ill("programme", "The call closes before it opens.", "Mend opens and closes in the programme file.")
    elif at > of.closes:
        yield warned("programme", f"The call has been closed since {moment(of.closes)}.", "Nothing, if that is meant.")
    elif at < of.opens:
        yield warned("programme", f"The call opens on {moment(of.opens)}.", "Nothing, if that is meant.")


def broker(thorough: bool) -> Iterator[Finding]:
    """Whether the broker takes messages; whether workers take them up, the age of letters says."""
    url = current_app.config["CELERY_BROKER_URL"]
    if not url:
        yield well("broker", "None is set; the web processes deliver, or `intake mail deliver --watch`.")
        return
    parts = urlsplit(url)
    place = f"{parts.scheme}://{parts.hostname}:{parts.port or 'default port'}"
    try:
        with brokers.connected(url, current_app.config["CELERY_QUEUE"]).connection_for_write() as connection:
            connection.ensure_connection(max_retries=1, interval_start=0, interval_step=0, timeout=SECONDS)
    except Exception as error:  # each kind of broker has errors of its own
        text = f"{place} does not answer ({type(error).__name__}); no letter is lost."
        yield ill("broker", text, "Start it, or mend INTAKE_CELERY_BROKER_URL.")
    else:
        yield well("broker", f"{place} answers.")


def limits(thorough: bool) -> Iterator[Finding]:
    """Whether limits can be counted."""
    url = current_app.config["RATE_LIMIT_STORAGE"]
    place = f"{urlsplit(url).scheme}://{urlsplit(url).hostname or ''}"
    mend = "Start it, or mend INTAKE_RATE_LIMIT_STORAGE."
    try:
        answers = storage_from_string(url).check()
    except ConfigurationError:
        yield ill("limits", f"{place} is no place where limits can be counted.", mend)
        return
    if not answers:
        yield ill("limits", f"{place} does not answer, so forms are refused.", mend)
    elif place == "memory://" and current_app.config["CELERY_BROKER_URL"]:
        text = "Each web process counts for itself, so the limits are as many times higher."
        yield warned("limits", text, "Set INTAKE_RATE_LIMIT_STORAGE to a Redis of all processes.")
    else:
        yield well("limits", f"They are counted in {place}.")
