"""How log lines look and what they may hold: never words of people, addresses or links; it decides nothing to log.

Modules write to the standard library's loggers; structlog renders what arrives at the root, ours and that of libraries.
"""

import logging
import re
import secrets
import sys
import traceback
from collections.abc import Iterator
from typing import Any, TextIO

import structlog
from sqlalchemy.exc import DBAPIError
from structlog.contextvars import bind_contextvars, get_contextvars, unbind_contextvars
from structlog.typing import EventDict

OURS = "intake"
SAID = ("method", "endpoint", "status", "milliseconds")
"""What a line may carry beside its event; anything else that a library hands over is left out."""
SERVERS = ("gunicorn.error", "gunicorn.access", "waitress")
"""Loggers of web servers; they get handlers of their own, and their lines can hold paths."""
WELL_FORMED = re.compile(r"[A-Za-z0-9._-]{8,64}")
MASKS = (
    (re.compile(r"(/link/)[\w-]+"), r"\1…"),
    (re.compile(r"[^\s<>\"'“”(),:;=\[\]]+@[^\s<>\"'“”(),:;=\[\]]+"), "…@…"),
    (re.compile(r"\bip=\S+"), "ip=…"),
)
"""The last line of defence: tokens of applicants' links, addresses of mail, and of visitors."""
DEEPEST_CHAIN = 8
QUOTING = "22"
"""The class of PostgreSQL's errors about values; their words quote the value."""


def configure(log_format: str, level: int = logging.INFO) -> None:
    """Let this process write its log to standard error as `text` or `json`; `level` is that of our own modules.

    A process whose root logger has a handler already has a log of its own, and keeps it.
    """
    root = logging.getLogger()
    if any(not isinstance(handler, _StandardError) for handler in root.handlers):
        return
    handler = _StandardError()
    handler.setFormatter(_formatter(log_format))
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger(OURS).setLevel(level)
    for name in SERVERS:
        server = logging.getLogger(name)
        server.handlers, server.propagate = [], True


class _StandardError(logging.StreamHandler[TextIO]):
    """Writes to what standard error is now, not to what it was when the handler was made."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)

    @property
    def stream(self) -> TextIO:  # type: ignore[override]
        """Where lines go."""
        return sys.stderr


def _formatter(log_format: str) -> logging.Formatter:
    renderer: Any = structlog.dev.ConsoleRenderer(colors=False, pad_event_to=0)
    if log_format == "json":
        renderer = structlog.processors.JSONRenderer(ensure_ascii=False)
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.stdlib.ExtraAdder(allow=SAID),
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _reserved,
        ],
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
    )


def _reserved(_logger: Any, _method: str, line: EventDict) -> EventDict:
    """The event on one line, a trace without words or values, both masked."""
    line["event"] = masked(" ".join(line["event"].split()))
    error = line.pop("exc_info", None)
    if error and error[1] is not None:
        line["exception"] = masked("\n".join(told(error[1])))
    return line


def masked(text: str) -> str:
    """The text without tokens of links and addresses."""
    for pattern, instead in MASKS:
        text = pattern.sub(instead, text)
    return text


def told(error: BaseException, depth: int = DEEPEST_CHAIN) -> Iterator[str]:
    """The trace of an error and of those before it: files, lines of the program, and the error's kind.

    What an error says is left out, as it may quote what people wrote. The constant part of it stands in the line of the
    program that raised it.
    """
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if before is not None and depth:
        yield from told(before, depth - 1)
        yield "which led to:" if error.__cause__ is None else "which was the cause of:"
    yield "Traceback (most recent call last):"
    yield "".join(traceback.format_tb(error.__traceback__)).rstrip()
    yield f"{type(error).__module__}.{type(error).__qualname__}{_harmless(error)}"


def _harmless(error: BaseException) -> str:
    """What an operating system or a database says without quoting anybody."""
    if isinstance(error, DBAPIError):
        return _of_database(error.orig)
    return f": {error.strerror}" if isinstance(error, OSError) and error.strerror else ""


def _of_database(error: BaseException | None) -> str:
    state = getattr(error, "sqlstate", None)
    if state is None:  # SQLite names tables and columns alone, and so does a driver that has not connected
        return f": {' '.join(str(error).split())}"
    words = "" if state.startswith(QUOTING) else f" {error.diag.message_primary}"  # type: ignore[union-attr]
    return f": SQLSTATE {state}{words}"


def begin_request(proposed: str | None) -> str:
    """Give all lines of this request its id and return it: the proposed one when it is well-formed, else a new one."""
    known = proposed if proposed and WELL_FORMED.fullmatch(proposed) else secrets.token_hex(8)
    bind_contextvars(request_id=known)
    return known


def end_request() -> None:
    """Lines that follow belong to no request."""
    unbind_contextvars("request_id")


def request_id() -> str:
    """The id of this request, for a person to quote; empty outside of one."""
    return str(get_contextvars().get("request_id", ""))
