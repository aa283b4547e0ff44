"""The settings of gunicorn for `intake web`: limits, and what each process begins and ends with; it holds no page.

Address, processes and threads come from the command. gunicorn reads the names of this module in small letters.
"""

import contextlib
import logging
import socket
import struct
from typing import Any

from intake import logs
from intake.threads import running

PATIENCE_SECONDS = 30
"""How long a client may pause within a request or an answer."""

worker_class = "gthread"
worker_connections = 200
timeout = 120
graceful_timeout = 30
keepalive = 5
max_requests, max_requests_jitter = 20_000, 2_000
limit_request_line, limit_request_fields, limit_request_field_size = 4_094, 60, 8_190
accesslog, errorlog = None, "-"
secure_scheme_headers: dict[str, str] = {}  # the scheme is the business of INTAKE_TRUSTED_PROXIES alone
control_socket_disable = True

_running = contextlib.ExitStack()


def when_ready(server: Any) -> None:
    """Let no silent client hold a thread: connections inherit the timeouts of the socket that accepts them.

    One that sends a byte now and then is the business of the proxy in front, which reads whole requests first.
    """
    server.log.error_log.addFilter(_is_worth_saying)
    timeouts = struct.pack("@ll", PATIENCE_SECONDS, 0)
    for listener in server.LISTENERS:
        for direction in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
            listener.sock.setsockopt(socket.SOL_SOCKET, direction, timeouts)


def _is_worth_saying(record: logging.LogRecord) -> bool:
    """A client that paused for too long is no error of ours, and needs no trace."""
    return not (record.exc_info and isinstance(record.exc_info[1], BlockingIOError))


def post_worker_init(worker: Any) -> None:
    """Begin, after the fork and with the application of this process, its log and what it does besides answering."""
    logs.configure(worker.wsgi.config["LOG_FORMAT"])
    _running.enter_context(running(worker.wsgi))


def worker_exit(server: Any, worker: Any) -> None:
    """End it, so that no letter stays leased."""
    _running.close()
