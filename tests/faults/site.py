"""A site of real processes that may be killed: web servers, deliveries and an SMTP server that counts; and its verdict.

It ends what it has started and nothing else.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

from intake.models import now
from intake.programme import demonstration_text
from tests.faults import verdict
from tests.faults.sink import taken
from tests.faults.visitors import Crowd, Ledger
from tests.test_serving import free_port, wait_for

ROOT = Path(__file__).parents[2]
REST_SECONDS = 60
DAY_MINUTES = 24 * 60
HALF = 0.5
PREPARED = 12
"""How many expressions are there from the start, sent and judged."""


@dataclass
class Running:
    """One process of the site with what it has started."""

    name: str
    work: str
    arguments: tuple[Any, ...]
    letters: int
    """How many letters it may have on their way when it is killed, so that they leave again."""
    number: int = 0
    bereft: bool = False
    """Something that it had started was killed, upon which it may have ended by itself."""


class Site:
    """Processes on one database in one folder; `prefix` is put before the command that starts them all."""

    def __init__(self, folder: Path, database_url: str, *, prefix: Sequence[str] = (), **settings: str) -> None:
        self.folder, self.sink_file = folder, folder / "arrived.jsonl"
        self.sink_port = free_port()
        self._programme()
        self._environment = {
            "INTAKE_SECRET_KEY": "only for tests, only for tests, only for tests",
            "INTAKE_DATABASE_URL": database_url,
            "INTAKE_PROGRAMME": str(folder / "programme.toml"),
            "INTAKE_RATE_LIMITS": "no",
            "INTAKE_FORM_SECONDS": "0",
            "INTAKE_SECOND_FACTOR": "none",
            "INTAKE_MAIL_PORT": str(self.sink_port),
            **settings,
        }
        self._prefix = prefix
        self.running: dict[str, Running] = {}
        self.kills = 0
        self.in_doubt = 0
        """How many letters may have left without anybody noting it, so that they leave again."""
        self._jobs = count(1)

    def _programme(self) -> None:
        text = demonstration_text(now().date())
        access = 'id = "access"'
        assert access in text
        told = text.replace(access, f'{access}\nlead_email = "{verdict.LEAD}"', 1)
        (self.folder / "programme.toml").write_text(told, encoding="utf-8")

    def __enter__(self) -> "Site":
        kept = {name: value for name, value in os.environ.items() if not name.startswith("INTAKE_")}
        self._forks = subprocess.Popen(
            [*self._prefix, sys.executable, "-m", "tests.faults.forks", str(self.folder.parent)],
            cwd=self.folder,
            env={**kept, **self._environment, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.run("prepare", PREPARED)
        self.start("sink", "sink", self.sink_port, str(self.sink_file))
        wait_for(self.sink_port)
        return self

    def __exit__(self, *error: object) -> None:
        self._forks.communicate()

    def _order(self, *order: Any) -> int:
        assert self._forks.poll() is None, "the process that forks has ended; it said why above"
        assert self._forks.stdin is not None
        assert self._forks.stdout is not None
        print(json.dumps(order), file=self._forks.stdin, flush=True)
        answer: int = json.loads(self._forks.stdout.readline())
        return answer

    def log(self, name: str) -> Path:
        """What a process has said, all its lives together."""
        return self.folder / f"{name}.log"

    def run(self, work: str, *arguments: Any) -> str:
        """Do some work in a process of its own: what it printed."""
        log = self.log(f"{work}-{next(self._jobs)}")
        status = self._order("wait", self._order("start", work, arguments, str(log)))
        said = log.read_text(encoding="utf-8")
        assert status == 0, said
        return said

    def start(self, name: str, work: str, *arguments: Any, letters: int = 0) -> None:
        """Start a process that goes on."""
        process = self.running[name] = Running(name, work, arguments, letters)
        process.number = self._order("start", work, arguments, str(self.log(name)))

    def web(self, name: str) -> int:
        """Start a web server that also delivers, and wait until it answers: its port."""
        port = free_port()
        self.start(name, "serve", port, letters=1)
        wait_for(port)
        return port

    def web_at_scale(self, name: str, *, port: int = 0) -> int:
        """Start a web server of two processes, which leave delivery to workers, and wait until it answers: its port."""
        port = port or free_port()
        self.start(name, "command", "web", "--listen", f"127.0.0.1:{port}", "--processes", "2")
        wait_for(port)
        return port

    def delivery(self, name: str) -> None:
        """Start a delivery."""
        self.start(name, "command", "mail", "deliver", "--watch", letters=1)

    def workers(self) -> None:
        """Start two Celery workers in one, and beat."""
        self.start("worker", "command", "worker", "--processes", "2", letters=2)
        self.start("beat", "command", "beat")

    @property
    def mortal(self) -> list[Running]:
        """What may be killed: every process but the SMTP server, which counts."""
        return [process for process in self.running.values() if process.work != "sink"]

    def end(self, process: Running, number: int = signal.SIGTERM) -> int:
        """End a process and wait for it: its exit status."""
        del self.running[process.name]
        return self._order("end", process.number, number)

    def kill(self, process: Running) -> None:
        """Kill a process in the middle of whatever it does. It must have lived until then, unless it was bereft."""
        status = self.end(process, signal.SIGKILL)
        assert process.bereft or status == -signal.SIGKILL, self.log(process.name).read_text(encoding="utf-8")
        self.kills += 1
        self.in_doubt += process.letters

    def again(self, process: Running) -> None:
        """Start a process that was ended once more, as a supervisor does."""
        self.start(process.name, process.work, *process.arguments, letters=process.letters)

    def kill_and_restart(self, name: str) -> None:
        """Kill a process and start it again."""
        process = self.running[name]
        self.kill(process)
        self.again(process)

    def kill_one(self, dice: Random) -> None:
        """Kill a process, or one that it has started, whichever, and see to it that it comes again."""
        victim = dice.choice(self.mortal)
        if dice.random() < HALF and self._order("orphan", victim.number, dice.random()):
            self.kills += 1
            victim.bereft = True
            self.in_doubt += min(victim.letters, 1)
            return
        self.kill_and_restart(victim.name)

    def power_cut(self) -> None:
        """Kill all of them at once, let the leases end, and start them again."""
        victims = self.mortal
        for victim in victims:
            self.kill(victim)
        self.run("time_passes", DAY_MINUTES)
        for victim in victims:
            self.again(victim)

    def comes_to_rest(self) -> None:
        """Stop everything, let a day pass for all letters, and deliver until nothing is due."""
        for process in self.mortal:
            assert self.end(process) == 0 or process.bereft, self.log(process.name).read_text(encoding="utf-8")
        until = time.monotonic() + REST_SECONDS
        while int(self.run("unsettled")):
            assert time.monotonic() < until, "letters do not come to rest"
            self.run("time_passes", DAY_MINUTES)
            self.run("command", "mail", "deliver")

    def verdict(self, ledger: Ledger) -> list[str]:
        """What does not hold, after everything has come to rest; empty when nothing is lost."""
        self.comes_to_rest()
        self.run("command", "history", "verify")
        self.run("command", "doctor", "--thorough")
        found: list[str] = json.loads(
            self.run("verdict", ledger.answered, str(self.sink_file), self.in_doubt, PREPARED)
        )
        return found

    @property
    def arrived(self) -> int:
        """How many letters the SMTP server has taken."""
        return len(taken(self.sink_file))

    def crowd(self, ports: Sequence[int], *, ledger: Ledger | None = None, **who: int) -> Crowd:
        """Visitors who decide on what was there from the start, and on what they send themselves."""
        crowd = Crowd(ports, ledger or Ledger(), **who)
        crowd.pool += self.run("references").split()
        return crowd
