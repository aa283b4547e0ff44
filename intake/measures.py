"""What this process counts for Prometheus: steps by outcome, requests by time; it reads no database and shows no page.

The metrics belong to the process, not to an application. Where PROMETHEUS_MULTIPROC_DIR names a folder, all processes
that share it are counted together.
"""

import os

from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics
from prometheus_client.multiprocess import MultiProcessCollector

from intake.contradictions import FOLDER_OF_MEASURES

METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE"})
OTHER = "other"
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

disable_created_metrics()  # type: ignore[no-untyped-call]
REGISTRY = CollectorRegistry()
STEPS = Counter(
    "intake_steps",
    "Steps that were asked for, by workflow, trigger and outcome.",
    ("workflow", "trigger", "outcome"),
    registry=REGISTRY,
)
REQUESTS = Histogram(
    "intake_request_seconds",
    "Requests by endpoint, method and class of status, and the time until the answer began.",
    ("endpoint", "method", "status"),
    buckets=SECONDS,
    registry=REGISTRY,
)


def count_step(workflow: str, trigger: str, outcome: str) -> None:
    """Count one attempt at a step; the trigger must be one of the table's, or `OTHER`."""
    STEPS.labels(workflow, trigger, outcome).inc()


def count_request(endpoint: str | None, method: str, status: int, seconds: float) -> None:
    """Count one answered request; `endpoint` None: there is no such page."""
    known = method if method in METHODS else OTHER
    REQUESTS.labels(endpoint or OTHER, known, f"{status // 100}xx").observe(seconds)


def registry() -> CollectorRegistry:
    """A registry of what this process has counted, or of what all processes have that share the folder."""
    found = CollectorRegistry()
    if os.environ.get(FOLDER_OF_MEASURES):
        MultiProcessCollector(found)  # type: ignore[no-untyped-call]
    else:
        found.register(REGISTRY)
    return found
