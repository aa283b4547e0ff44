"""Delivering a waiting batch against smtplib, which has the same messages ready and one connection open.

Both talk to an SMTP server in a process of its own, which takes everything and keeps nothing.
"""

import contextlib
import signal
import smtplib
import subprocess
import sys
import time
from collections.abc import Iterator

from aiosmtpd.smtp import SMTP, Session
from aiosmtpd.smtp import Envelope as Taken
from flask import current_app
from sqlalchemy import delete, select

from bench import figures
from bench.filling import fill
from bench.place import Place
from intake import create_app
from intake.extensions import db
from intake.models import Expression, Letter
from intake.notifications import deliver, leases, outbox
from intake.notifications.message import Envelope, envelope
from intake.notifications.recipients import Recipient
from intake.sink import SmtpServer
from workflows.expression import State

LETTERS, ROUNDS = 500, 5
AIM = 1 / 0.8


def measure(place: Place) -> list[figures.Figure]:
    """The ratio of wall time for `LETTERS` letters, each with a link of its own; the two take turns."""
    app = create_app(place.settings("delivery"))
    times: tuple[list[float], list[float]] = ([], [])
    with app.app_context(), _server() as port:
        app.config["MAIL_PORT"] = port
        keys = fill(LETTERS, State.SUBMITTED)
        built = _built(keys)
        for _ in range(ROUNDS):
            times[0].append(_ours(keys))
            times[1].append(_theirs(port, built))
        db.session.remove()
        db.engine.dispose()
    return [figures.Figure(f"delivery of {LETTERS} letters / smtplib, {place.name}", figures.ratio(*times), AIM)]


def _write(keys: list[int]) -> None:
    """A letter to each applicant, and none else."""
    db.session.execute(delete(Letter))
    for subject in db.session.scalars(select(Expression).where(Expression.id.in_(keys))):
        outbox.enqueue_link(subject, Recipient(subject.contact_email, subject.contact_name))
    db.session.commit()


def _built(keys: list[int]) -> list[Envelope]:
    """The messages as they would leave."""
    _write(keys)
    return [envelope(letter) for letter in leases.claim(len(keys))]


def _ours(keys: list[int]) -> float:
    """Seconds from a full outbox to an empty one, connecting included."""
    _write(keys)
    begun = time.perf_counter()
    done = deliver.everything_due()
    seconds = time.perf_counter() - begun
    if done.sent != len(keys):
        raise RuntimeError(f"{done.sent} of {len(keys)} letters were delivered.")
    return seconds


def _theirs(port: int, built: list[Envelope]) -> float:
    """Seconds for the same messages over a connection that is open."""
    with smtplib.SMTP(current_app.config["MAIL_SERVER"], port, local_hostname="localhost") as smtp:
        smtp.ehlo()
        begun = time.perf_counter()
        for each in built:
            smtp.sendmail(each.sender, each.recipient, each.content)
        return time.perf_counter() - begun


class _Taker:
    """Takes every letter and forgets it."""

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Taken) -> str:  # noqa: N802 - aiosmtpd's
        """Called by aiosmtpd."""
        return "250 taken"


@contextlib.contextmanager
def _server() -> Iterator[int]:
    """The port of the server."""
    command = [sys.executable, "-m", "bench.delivery"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.terminate()


def main() -> None:
    """Take letters until the process is ended."""
    with SmtpServer(_Taker()) as server:
        print(server.port, flush=True)
        signal.pause()


if __name__ == "__main__":
    main()
