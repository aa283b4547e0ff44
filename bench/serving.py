"""Serves an application in a process of its own and tells how much processor time it has used."""

import subprocess
import sys
import threading
import time
from collections.abc import Mapping

import waitress
from flask import Flask

from intake import create_app


def bare() -> Flask:
    """A bare Flask application with one page."""
    app = Flask("bare")
    app.add_url_rule("/", view_func=lambda: "hello")
    return app


class Server:
    """A running server; `cpu()` is the processor time of its process so far, in seconds."""

    def __init__(self, kind: str, environment: Mapping[str, str]) -> None:
        command = [sys.executable, "-m", "bench.serving", kind]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        self._process = subprocess.Popen(command, env=dict(environment), text=True, **pipes)  # type: ignore[call-overload]
        self.port = int(self._process.stdout.readline())

    def cpu(self) -> float:
        """Processor time in seconds."""
        self._process.stdin.write("cpu\n")
        self._process.stdin.flush()
        return float(self._process.stdout.readline())

    def stop(self) -> None:
        """End the process."""
        self._process.stdin.close()
        self._process.wait(timeout=10)


def main(kind: str) -> None:
    """Serve until the standard input ends; print the port, and the processor time whenever a line comes."""
    app = bare() if kind == "bare" else create_app()
    server = waitress.create_server(app, host="127.0.0.1", port=0, threads=4)
    threading.Thread(target=server.run, daemon=True).start()
    print(server.effective_port, flush=True)
    for _ in sys.stdin:
        print(time.process_time(), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
