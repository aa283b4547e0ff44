"""Crowds on SQLite, and clients who never finish a request: everybody else is served, and nothing is lost."""

import re
import socket
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from random import Random

import pytest

from tests.faults.site import Site
from tests.faults.visitors import Applicant, Browser, Ledger
from tests.test_deploy import Nginx, nginx  # noqa: F401 - a fixture
from tests.test_serving import wait_for

ANSWERED_WELL = {200, 302, 303, 403, 409}
"""Pages, forms that were taken, steps that were not open, and steps that somebody else was faster with."""
SLOW_CLIENTS = 100
ANOTHER_ADDRESS = ("127.0.0.2", 0)
"""Not that of other visitors, as the proxy counts by address."""
BYTE_EVERY_SECONDS = 1.0


@pytest.mark.parametrize("people", [8, 50])
def test_a_crowd_that_sends_and_decides_at_once_on_sqlite_is_served(site: Site, people: int, seed: int) -> None:
    ports = [site.web("web-1"), site.web("web-2")]
    site.delivery("delivery")

    with site.crowd(ports, applicants=people // 2, deciders=people - people // 2, seed=seed) as crowd:
        crowd.work_until(steps=people)

    assert site.verdict(crowd.ledger) == []
    assert (set(crowd.ledger.codes) - ANSWERED_WELL, crowd.ledger.unanswered) == (set(), 0)
    logs = "".join(site.log(name).read_text(encoding="utf-8") for name in ("web-1", "web-2", "delivery"))
    assert [line for line in logs.splitlines() if "locked" in line or "Traceback" in line] == []


@contextmanager
def slow_clients(port: int, beginning: bytes) -> Iterator[Sequence[socket.socket]]:
    """Clients who have begun a request and go on with it byte by byte, as long as the block lasts."""
    stop = threading.Event()
    with ExitStack() as stack:
        place = ("127.0.0.1", port)
        clients = [
            stack.enter_context(socket.create_connection(place, source_address=ANOTHER_ADDRESS))
            for _ in range(SLOW_CLIENTS)
        ]
        for client in clients:
            client.sendall(beginning)
        thread = threading.Thread(target=_trickle, args=(clients, stop), daemon=True)
        thread.start()
        try:
            yield clients
        finally:
            stop.set()
            thread.join()


def _trickle(clients: Sequence[socket.socket], stop: threading.Event) -> None:
    """Send a byte of each now and then; whoever was hung up on stays away."""
    alive = list(clients)
    while not stop.wait(BYTE_EVERY_SECONDS):
        for client in list(alive):
            try:
                client.sendall(b"x")
            except OSError:
                alive.remove(client)


BEGINNINGS = {
    "head": b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ",
    "body": b"POST /expressions HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 100000\r\n\r\nkey=",
}


def somebody_else_is_served(site: Site, port: int, beginning: bytes, seed: int) -> None:
    """An applicant goes all the way while others dawdle."""
    ledger = Ledger()
    with slow_clients(port, beginning):
        sent = Applicant(Browser([port], ledger, Random(seed))).goes_on(threading.Event())

    assert (sent, ledger.unanswered, set(ledger.codes)) == (True, 0, {200, 303})
    assert site.verdict(ledger) == []


@pytest.mark.parametrize("beginning", BEGINNINGS.values(), ids=BEGINNINGS)
def test_clients_who_never_finish_keep_nobody_else_waiting(site: Site, beginning: bytes, seed: int) -> None:
    somebody_else_is_served(site, site.web("web"), beginning, seed)


@pytest.mark.parametrize("beginning", BEGINNINGS.values(), ids=BEGINNINGS)
def test_nginx_keeps_those_who_never_finish_away_from_several_processes(
    site: Site,
    nginx: Nginx,  # noqa: F811 - the fixture
    beginning: bytes,
    tmp_path: Path,
    seed: int,
) -> None:
    upstream = re.search(r"server 127.0.0.1:(\d+)", (tmp_path / "nginx.conf").read_text(encoding="utf-8"))
    assert upstream is not None
    site.web_at_scale("web", port=int(upstream[1]))
    with subprocess.Popen([*nginx.command, "-g", "daemon off;"]) as proxy:
        try:
            wait_for(nginx.port)
            somebody_else_is_served(site, nginx.port, beginning, seed)
        finally:
            proxy.terminate()
