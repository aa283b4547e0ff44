"""Follows each request: its id, its line in the log, its place in the measures; it looks at no word of it."""

import logging
import time
from typing import Any

from flask import Flask, Response, g, request

from intake import logs, measures

HEADER = "X-Request-ID"
log = logging.getLogger(__name__)


def follow(app: Flask) -> None:
    """Follow every request of an application; call it before any other part sees the requests."""
    app.before_request(_begin)
    app.after_request(_answered)
    app.teardown_request(_end)
    app.log_exception = _failed  # type: ignore[method-assign, assignment]


def _begin() -> None:
    g.began = time.perf_counter()
    believed = request.headers.get(HEADER) if _through_a_proxy() else None
    g.request_id = logs.begin_request(believed)


def _through_a_proxy() -> bool:
    """ProxyFix stands in front where INTAKE_TRUSTED_PROXIES is set, and leaves its mark on each request."""
    return "werkzeug.proxy_fix.orig" in request.environ


def _answered(response: Response) -> Response:
    seconds = time.perf_counter() - g.began
    measures.count_request(request.endpoint, request.method, response.status_code, seconds)
    response.headers[HEADER] = g.request_id
    log.info(
        "request",
        extra={
            "method": request.method if request.method in measures.METHODS else measures.OTHER,
            "endpoint": request.endpoint or measures.OTHER,
            "status": response.status_code,
            "milliseconds": round(seconds * 1000, 1),
        },
    )
    return response


def _failed(error: Any) -> None:
    """Not even an error page could be made; Flask's own line would hold the path."""
    log.error("no page could be made for %s", request.endpoint, exc_info=error)


def _end(error: BaseException | None) -> None:
    logs.end_request()
