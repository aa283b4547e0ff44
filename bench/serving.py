"""Serves an application in processes of its own and tells what they use: processor time, memory; it asks for no page.

The processor time on PostgreSQL includes that of the backends of the application's connections, which PostgreSQL names
in `pg_stat_activity`. What it writes out later, in the background, is left out. That needs a server on this machine.
"""

import http.client
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import psutil
import psycopg
import waitress
from flask import Flask
from sqlalchemy import make_url

from bench.mailbox import Mailbox
from intake import create_app

PATIENCE = 60
BACKENDS = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
GUNICORN = (sys.executable, "-m", "gunicorn", "--worker-class", "sync", "--log-level", "warning", "--no-control-socket")
BARE, INTAKE = "bare", "intake"
APPLICATIONS = {BARE: "bench.serving:bare()", INTAKE: "wsgi:app"}


def bare() -> Flask:
    """A bare Flask application with one page."""
    app = Flask("bare")
    app.add_url_rule("/", view_func=lambda: "hello")
    return app


class Server:
    """A server that has given its first answer, `seconds_to_answer` after it was started."""

    def __init__(self, command: list[str], listener: socket.socket, environment: Mapping[str, str]) -> None:
        self.port: int = listener.getsockname()[1]
        self.mailbox = Mailbox(environment)
        self._database = make_url(environment["INTAKE_DATABASE_URL"])
        self._has_database = not {BARE, APPLICATIONS[BARE]} & set(command)
        begun = time.perf_counter()
        self._said = tempfile.TemporaryFile(mode="w+")  # noqa: SIM115 - `stop` closes it
        options = {"env": dict(environment), "pass_fds": [listener.fileno()], "stderr": self._said}
        self._process = psutil.Popen(command, **options)
        self._answer()
        self.seconds_to_answer = time.perf_counter() - begun

    def _answer(self) -> None:
        """Ask once: the socket listens already, so that the question waits until somebody reads it."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.request("GET", "/")
            connection.getresponse().read()
        except OSError as error:
            self._said.seek(0)
            raise RuntimeError(f"The server does not answer. It said: {self._said.read()}") from error
        finally:
            connection.close()

    def _processes(self) -> list[psutil.Process]:
        return [self._process, *self._process.children(recursive=True), *self._backends()]

    def _backends(self) -> list[psutil.Process]:
        if not self._has_database or self._database.get_backend_name() == "sqlite":
            return []
        plain = self._database.set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(plain) as connection:
            pids = [pid for (pid,) in connection.execute(BACKENDS)]
        return [psutil.Process(pid) for pid in pids]

    def cpu(self) -> float:
        """Processor time in seconds so far, of the server and its backends together."""
        times = [process.cpu_times() for process in self._processes()]
        return sum(each.user + each.system for each in times)

    def spent(self, count: int, work: Callable[[], object]) -> float:
        """The processor time in seconds that each of `count` times of some work of a visitor takes the server."""
        begun = self.cpu()
        for _ in range(count):
            work()
        return (self.cpu() - begun) / count

    def megabytes(self) -> float:
        """The memory that the largest of its processes has in use."""
        processes = [self._process, *self._process.children(recursive=True)]
        largest: int = max(process.memory_info().rss for process in processes)
        return largest / 2**20

    def stop(self) -> None:
        """End the process."""
        self._process.terminate()
        self._process.wait(timeout=PATIENCE)
        self._said.close()


@contextmanager
def gunicorn(application: str, environment: Mapping[str, str], *, workers: int = 2) -> Iterator[Server]:
    """gunicorn with sync workers, which take one request a connection: that is how the aims were measured."""
    with _listener() as listener:
        where = ["--workers", str(workers), "--bind", f"fd://{listener.fileno()}", APPLICATIONS[application]]
        yield from _until_left(Server([*GUNICORN, *where], listener, environment))


@contextmanager
def embedded(application: str, environment: Mapping[str, str]) -> Iterator[Server]:
    """waitress with its threads, which keeps connections: that is how one process serves everything."""
    with _listener() as listener:
        command = [sys.executable, "-m", "bench.serving", application, str(listener.fileno())]
        yield from _until_left(Server(command, listener, environment))


def _listener() -> socket.socket:
    return socket.create_server(("127.0.0.1", 0), backlog=512)


def _until_left(server: Server) -> Iterator[Server]:
    try:
        yield server
    finally:
        server.stop()


def main(application: str, descriptor: str) -> None:
    """Serve on a socket that was inherited."""
    app = bare() if application == BARE else create_app()
    waitress.serve(app, sockets=[socket.socket(fileno=int(descriptor))], threads=8, _quiet=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
