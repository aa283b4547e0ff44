"""How a sweep changes many rows: some at a time, so that nobody waits long for it; it knows no tables."""

import threading
from collections.abc import Callable, Sequence

from sqlalchemy import Executable, Select

from intake import storage
from intake.extensions import db


def change_all(
    some: Select[int], change: Callable[[Sequence[int]], Executable], *, stop: threading.Event | None = None
) -> int:
    """Change what `some` finds until it finds nothing more, a transaction each time: how many rows; `stop` ends it.

    `some` finds ids, a limited number of them; to look for them keeps no writer waiting. Needs an app context.
    """
    changed = 0
    while not (stop and stop.is_set()):
        with storage.reading():
            found = db.session.scalars(some).all()
            db.session.rollback()
        if not found:
            break
        db.session.execute(change(found))
        db.session.commit()
        changed += len(found)
    return changed
