"""The brokers of this machine, each with a queue of a test's own that is taken away afterwards; it stops none."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import redis
from kombu import Connection
from kombu.exceptions import OperationalError

REDIS, RABBITMQ = "redis://127.0.0.1:6379/7", "amqp://guest:guest@127.0.0.1:5672//"
ENABLE = {
    REDIS: "to enable: apt-get install -y redis-server && service redis-server start",
    RABBITMQ: "to enable: apt-get install -y rabbitmq-server && service rabbitmq-server start",
}
BROKERS = (REDIS, RABBITMQ)
PATIENCE_SECONDS = 90


@contextmanager
def queue_at(url: str, worker_id: str) -> Iterator[str]:
    """The name of a queue that nobody else uses; without the broker, the test ends here."""
    name = f"intake_test_{os.getpid()}_{worker_id}"
    try:
        with Connection(url, connect_timeout=2, transport_options={"socket_connect_timeout": 2}) as connection:
            connection.ensure_connection(max_retries=1, interval_start=0)
    except (OperationalError, OSError):
        pytest.skip(f"no broker at {url} ({ENABLE[url]})")
    try:
        yield name
    finally:
        _take_away(url, name)


def _take_away(url: str, name: str) -> None:
    if url.startswith("redis"):
        with redis.Redis.from_url(url) as client:
            for key in client.scan_iter(f"{name}:*"):
                client.delete(key)
        return
    with Connection(url) as connection, connection.channel() as channel:
        channel.queue_delete(name)
        for exchange in (name, f"{name}.pidbox", f"reply.{name}.pidbox"):
            channel.exchange_delete(exchange)


def eventually(holds: Callable[[], bool]) -> bool:
    """Whether something comes true in time."""
    until = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        if time.monotonic() > until:
            return False
        time.sleep(0.1)
    return True
