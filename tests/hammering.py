"""A process that takes steps one after the other until its input ends; run by tests/test_backups.py.

Says "begun" after the first step, and how many it took at the end. An error of a step ends it.
"""

import os
import select
import sys

from intake import create_app
from intake.extensions import db
from intake.models import Expression
from tests import databases
from workflows.expression import State
from workflows.workflow import UNDO

app = create_app()
taken = 0
with app.app_context():
    while not select.select([sys.stdin], [], [], 0)[0]:
        subject = db.session.scalars(db.select(Expression).where(Expression.state == State.SCREENED)).first()
        assert subject is not None
        databases.step(subject, "assign", focus_area="access")
        databases.step(subject, UNDO)
        databases.submitted(organisation_name=f"Hammering {os.getpid()} {taken}", communities="x" * 2_000)
        taken += 3
        if taken == 3:
            print("begun", flush=True)
    db.session.remove()
    db.engine.dispose()
print(taken)
