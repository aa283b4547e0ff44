"""Views for load balancers and Prometheus; they hold no personal data and set no cookie."""

import hmac
from collections.abc import Callable

from flask import Blueprint, Response, abort, current_app, jsonify, request
from flask.typing import ResponseReturnValue
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from intake import measures
from intake.access import View, public
from intake.extensions import limiter, talisman
from intake.outside import readiness
from intake.outside.gauges import Stored
from intake.outside.readiness import Status

bp = Blueprint("outside", __name__)
by_plain_http: Callable[[View], View] = talisman(force_https=False)
"""Load balancers and Prometheus ask inside the network, by HTTP also where people come by HTTPS."""


@bp.get("/healthz")
@public
@limiter.exempt
@by_plain_http
def healthz() -> ResponseReturnValue:
    """This process answers; nothing else is looked at."""
    return Response("ok\n", mimetype="text/plain")


@bp.get("/readyz")
@public
@limiter.exempt
@by_plain_http
def readyz() -> ResponseReturnValue:
    """This process can serve: 200, or 503 with what is in the way."""
    found = readiness.checks()
    ready = all(check.status is not Status.FAULT for check in found)
    return jsonify(ready=ready, checks=found), 200 if ready else 503


@bp.get("/metrics")
@public
@limiter.exempt
@by_plain_http
def metrics() -> ResponseReturnValue:
    """Figures for Prometheus, to whoever says the token; without one in the settings there is no such page."""
    token = current_app.config["METRICS_TOKEN"]
    if not token:
        abort(404)
    if not hmac.compare_digest(request.headers.get("Authorization", "").encode(), f"Bearer {token}".encode()):
        return Response("Say the token.\n", 401, {"WWW-Authenticate": "Bearer"}, mimetype="text/plain")
    registry = measures.registry()
    registry.register(Stored())
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
