"""A process that has read the product once and forks what a test asks for; each fork is a process of its own.

So a web server or a delivery is there again a moment after it was killed. It reads one JSON order a line and answers
each with one line. It alone kills what it has forked, so that no number of a process is ever taken for another's, and
takes everything along when its input ends.
"""

import ctypes
import gc
import json
import os
import runpy
import signal
import sys
from collections.abc import Callable
from typing import Any

import psutil
from flask import Flask
from jinja2 import FileSystemBytecodeCache

import intake
from intake import cli, serving
from intake.extensions import db
from intake.threads import running
from tests.faults import preparing, sink, verdict
from tests.faults.preparing import application

DIES_WITH_ITS_PARENT = 1
"""PR_SET_PDEATHSIG of Linux."""


def serve(port: int) -> None:
    """The site as `intake serve` has it, without making anything first."""
    app = application()
    with running(app):
        serving._serve(app, port, print)


def command(*words: str) -> None:
    """A command of the product; one that becomes another program does so without reading everything again."""
    os.execv = _become  # type: ignore[assignment]
    cli.main(list(words), standalone_mode=False)


def _become(path: str, words: list[str]) -> None:
    intake.create_app = application
    db.session.remove()
    db.engine.dispose()
    sys.argv = words[words.index("-m") + 1 :]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


WORK: dict[str, Callable[..., Any]] = {
    "serve": serve,
    "command": command,
    "sink": sink.run,
    "prepare": preparing.prepare,
    "time_passes": preparing.time_passes,
    "sqlite": preparing.check_sqlite,
    "links": preparing.mint_links,
    "references": preparing.references,
    "unsettled": preparing.unsettled,
    "verdict": verdict.write,
}


def start(work: str, arguments: list[Any], log: str) -> int:
    """The number of a new process that does the work and writes what it says into a file."""
    child = os.fork()
    if child:
        return child
    status = 1
    try:
        os.setsid()
        ctypes.CDLL(None).prctl(DIES_WITH_ITS_PARENT, signal.SIGKILL)
        written = os.open(log, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(written, 1)
        os.dup2(written, 2)
        WORK[work](*arguments)
        status = 0
    except BaseException as error:
        status = _ended_by(error)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def _ended_by(error: BaseException) -> int:
    if isinstance(error, SystemExit):
        return int(error.code or 0)
    sys.excepthook(type(error), error, error.__traceback__)
    return 1


def wait(child: int) -> int:
    """The exit status of a process that ends by itself; negative when a signal ended it."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def end(child: int, number: int) -> int:
    """Send a signal and wait; SIGKILL takes what the process has started along, as the end of a container does."""
    if number == signal.SIGKILL:
        os.killpg(child, number)
    else:
        os.kill(child, number)
    return wait(child)


def orphan(child: int, chance: float) -> int:
    """Kill one of the processes that a process has started, and leave the rest to it; how many were killed."""
    found = psutil.Process(child).children()
    if found:
        found[int(chance * len(found))].kill()
    return min(len(found), 1)


ORDERS: dict[str, Callable[..., int]] = {"start": start, "wait": wait, "end": end, "orphan": orphan}


def main() -> None:
    """Take orders until the input ends. Templates are read before, so that a fork's first page takes no longer."""
    Flask.jinja_options = {"bytecode_cache": FileSystemBytecodeCache(sys.argv[1])}
    pages = application().jinja_env
    for name in pages.list_templates(extensions=["html"]):
        pages.get_template(name)
    gc.freeze()
    for line in sys.stdin:
        order, *arguments = json.loads(line)
        print(json.dumps(ORDERS[order](*arguments)), flush=True)


if __name__ == "__main__":
    main()
