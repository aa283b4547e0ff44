"""Brokers of a test's own, on free ports and in its own folder, that may be killed; they touch no others."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from kombu import Connection
from kombu.exceptions import OperationalError

from tests.test_serving import free_port, wait_for

ENABLE = "to enable: apt-get install -y redis-server"
ENABLE_RABBITMQ = "to enable: apt-get install -y rabbitmq-server"
RABBITMQ = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
"""Debian's own script; the one on the PATH changes the user and with it the settings."""
PATIENCE_SECONDS = 120


class Redis:
    """A Redis that keeps nothing when it is killed."""

    def __init__(self, folder: Path) -> None:
        self._program = shutil.which("redis-server") or pytest.skip(f"no redis-server on the PATH ({ENABLE})")
        self._port, self._folder = free_port(), folder
        self.url = f"redis://127.0.0.1:{self._port}/0"

    def start(self) -> None:
        """Start it and wait until it answers."""
        options = ("--port", str(self._port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no")
        self._process = subprocess.Popen([self._program, *options], cwd=self._folder, stdout=subprocess.DEVNULL)
        wait_for(self._port)

    def kill(self) -> None:
        """Kill it in the middle of whatever it does."""
        self._process.kill()
        self._process.wait()

    def close(self) -> None:
        """End all that it has started."""
        self.kill()


class RabbitMq:
    """A node of RabbitMQ with its own name, folder, ports and register of names; started again, it has its queues."""

    def __init__(self, folder: Path) -> None:
        if not RABBITMQ.exists():
            pytest.skip(f"no {RABBITMQ} ({ENABLE_RABBITMQ})")
        self._port, names, self._home = free_port(), free_port(), folder / "rabbitmq"
        self._home.mkdir()
        for empty, words in (("env.conf", ""), ("none.config", "[].\n")):
            (self._home / empty).write_text(words, encoding="utf-8")
        self.url = f"amqp://guest:guest@127.0.0.1:{self._port}//"
        self._environment = {**os.environ, **self._settings(names)}
        self._names = self._run("epmd", "-port", str(names), "-address", "127.0.0.1")

    def _settings(self, names: int) -> dict[str, str]:
        here = {"CONF_ENV_FILE": "env.conf", "CONFIG_FILE": "none", "MNESIA_BASE": "data", "LOG_BASE": "log"}
        here |= {"ENABLED_PLUGINS_FILE": "plugins", "GENERATED_CONFIG_DIR": "generated", "PID_FILE": "pid"}
        return {
            **{f"RABBITMQ_{name}": str(self._home / place) for name, place in here.items()},
            "RABBITMQ_NODENAME": f"faults{self._port}@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(self._port),
            "RABBITMQ_DIST_PORT": str(free_port()),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
            "ERL_EPMD_PORT": str(names),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "HOME": str(self._home),
        }

    def _run(self, *command: str) -> subprocess.Popen[bytes]:
        with (self._home / "said").open("ab") as said:
            return subprocess.Popen(
                command, env=self._environment, cwd=self._home, stdout=said, stderr=said, start_new_session=True
            )

    def start(self) -> None:
        """Start it and wait until it answers."""
        self._node = self._run(str(RABBITMQ))
        until = time.monotonic() + PATIENCE_SECONDS
        while not self._answers():
            assert self._node.poll() is None, (self._home / "said").read_text()
            assert time.monotonic() < until, (self._home / "said").read_text()
            time.sleep(0.2)

    def _answers(self) -> bool:
        try:
            with Connection(self.url, connect_timeout=2) as connection:
                connection.ensure_connection(max_retries=1, interval_start=0)
        except (OperationalError, OSError):
            return False
        return True

    def kill(self) -> None:
        """Kill it with all its processes in the middle of whatever they do."""
        os.killpg(self._node.pid, signal.SIGKILL)
        self._node.wait()

    def close(self) -> None:
        """End all that it has started."""
        self.kill()
        self._names.kill()
        self._names.wait()


@contextmanager
def own_redis(folder: Path) -> Iterator[str]:
    """The URL of a running Redis."""
    broker = Redis(folder)
    broker.start()
    try:
        yield broker.url
    finally:
        broker.close()
