"""A run on many that is killed before each statement in turn; run by tests/test_bulk.py, prints what is left.

For each statement it makes two expressions and a run, then forks a child that goes on with the run and is killed just
before that statement, and another that goes on to the end. The first child that lives ends it.
"""

import json
import os
import signal
import sys
from itertools import count
from typing import Any

from sqlalchemy import event

from intake import bulk, create_app
from intake.extensions import db
from intake.models import BulkItem, BulkRun, Expression
from tests import making
from workflows.expression import State

EXPRESSIONS = 2


def in_child(work: Any, *arguments: Any) -> int:
    """The exit status of a child that does the work; negative when a signal ended it."""
    child = os.fork()
    if child == 0:
        with app.app_context():
            work(*arguments)
            sys.stdout.flush()
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def begin(number: int) -> None:
    """A run that assigns new expressions."""
    names = [f"Ministry {number}.{each}" for each in range(EXPRESSIONS)]
    made = [making.expression(State.SCREENED, organisation_name=name) for name in names]
    items = [(each.id, each.version, []) for each in made]
    bulk.start(bulk.Plan(f"run {number}", "assign", {"focus_area": bulk.EACH_FIRST, "reason": ""}, items), user_id=None)


def go_on(number: int, deadly: int = 0) -> None:
    """Go on with a run; the process is killed before its statement number `deadly`, a commit counting as one."""
    numbers = count(1)

    def die(*_: object) -> None:
        if next(numbers) == deadly:
            os.kill(os.getpid(), signal.SIGKILL)

    run_id = db.session.scalars(db.select(BulkRun.id).where(BulkRun.key == f"run {number}")).one()
    if deadly:
        event.listen(db.engine, "before_cursor_execute", die)
        event.listen(db.engine, "commit", die)
    bulk.go_on(run_id, actor=making.SECRETARIAT)


def look(number: int) -> None:
    """Print whether the run is finished, and of each expression its fate, state, and its entries and letters."""
    run = db.session.scalars(db.select(BulkRun).where(BulkRun.key == f"run {number}")).one()
    items = db.session.scalars(db.select(BulkItem).where(BulkItem.run_id == run.id).order_by(BulkItem.id))
    subjects = [(item.fate, db.session.get_one(Expression, item.expression_id)) for item in items]
    each = [[fate, one.state, len(one.history), len(one.letters)] for fate, one in subjects]
    print(json.dumps([run.finished_at is not None, each]))


def look_and_go_on(number: int) -> None:
    """Print what the killed process left, go on to the end, and print that."""
    look(number)
    go_on(number)
    look(number)


def warm_up() -> None:
    """A whole run in this process, so that no child has to read templates anew; no connection is left to inherit."""
    with app.app_context():
        begin(0)
        go_on(0)
        db.session.remove()
        db.engine.dispose()


app = create_app()
warm_up()
for number in count(1):
    in_child(begin, number)
    status = in_child(go_on, number, number)
    in_child(look_and_go_on, number)
    if status == 0:
        break
    if status != -signal.SIGKILL:
        sys.exit(f"The run itself failed with status {status}.")
