"""A copy as PDF, tagged and with its language, made by a child process that is gone afterwards.

WeasyPrint and Pango would stay in the memory of every web process that has once printed; see decision 0018.
"""

import os
import subprocess
import sys
import threading
from pathlib import Path

from flask import render_template

from intake.papers.paper import Paper
from intake.papers.press import NO_FONT, NO_LIBRARY

PRESS = Path(__file__).with_name("press.py")
SECONDS = 60
"""How long a copy may take; one takes about one second."""
AT_ONCE = threading.BoundedSemaphore(2)
"""How many are made at once in one process, so that copies take no memory from everybody else."""
WAIT_SECONDS = 20


class CannotPrint(Exception):
    """No PDF can be made now; the sentence says why, for whoever looks after the site."""


SENTENCES = {
    NO_LIBRARY: "WeasyPrint or the system library Pango is missing: install libpango-1.0-0 and libpangoft2-1.0-0.",
    NO_FONT: "No font is installed that has Latin letters: install fonts-noto.",
}


def as_pdf(paper: Paper) -> bytes:
    """The whole copy. Raises `CannotPrint`; the text copy holds the same words."""
    page = render_template("papers/paper.html", paper=paper)
    if not AT_ONCE.acquire(timeout=WAIT_SECONDS):
        raise CannotPrint("Too many copies are being made at this moment.")
    try:
        done = _pressed(page)
    finally:
        AT_ONCE.release()
    if done.returncode:
        raise CannotPrint(SENTENCES.get(done.returncode) or f"The printing process ended with {done.returncode}.")
    return done.stdout


def _pressed(page: str) -> subprocess.CompletedProcess[bytes]:
    """The child sees no setting of ours, and so no secret."""
    outside = {name: value for name, value in os.environ.items() if not name.startswith("INTAKE_")}
    try:
        return subprocess.run(  # noqa: S603 - our own file, with nothing of a person in its arguments
            [sys.executable, str(PRESS)], input=page.encode(), capture_output=True, timeout=SECONDS, env=outside
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CannotPrint(f"The printing process did not end well ({type(error).__name__}).") from error
