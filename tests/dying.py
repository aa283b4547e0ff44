"""A process that is killed before each statement of a step in turn; run by tests/test_dying.py, prints what is left.

It makes one expression, then forks a child for each statement: the child takes the step and is killed just before
that statement, and another child reads what the database holds. The first child that lives ends it.
"""

import json
import os
import signal
import sys
from itertools import count
from typing import Any

from sqlalchemy import event

from intake import create_app
from intake.advance import advance
from intake.extensions import db
from intake.models import Expression
from tests import making
from workflows.expression import State


def in_child(work: Any, *arguments: Any) -> int:
    """The exit status of a child that does the work; negative when a signal ended it."""
    child = os.fork()
    if child == 0:
        with app.app_context():
            work(*arguments)
            sys.stdout.flush()
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def make() -> None:
    """The expression whose step is interrupted."""
    making.expression(State.SCREENED)
    db.session.remove()


def step(deadly: int) -> None:
    """Take the step; the process is killed before its statement number `deadly`, a commit counting as one."""
    numbers = count(1)

    def die(*_: object) -> None:
        if next(numbers) == deadly:
            os.kill(os.getpid(), signal.SIGKILL)

    subject = db.session.scalars(db.select(Expression)).one()
    event.listen(db.engine, "before_cursor_execute", die)
    event.listen(db.engine, "commit", die)
    advance(subject, "assign", actor=making.SECRETARIAT, version=subject.version, focus_area="access")


def look() -> None:
    """Print the state, the focus area, and how many entries and letters there are."""
    subject = db.session.scalars(db.select(Expression)).one()
    print(json.dumps([subject.state, subject.focus_area, len(subject.history), len(subject.letters)]))


app = create_app()
in_child(make)
for number in count(1):
    status = in_child(step, number)
    in_child(look)
    if status == 0:
        break
    if status != -signal.SIGKILL:
        sys.exit(f"The step itself failed with status {status}.")
