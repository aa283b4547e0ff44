"""The record of who looked at which expression: a line a look, never lost to a busy database, kept for a time.

On SQLite a page does not write while others do: a line that cannot be written now waits in this process and goes with
the next. What looks at the same thing within a minute is one look.
"""

import logging
import threading
from collections import deque
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, insert, select
from sqlalchemy.exc import IntegrityError, OperationalError

from intake import batches, rounds, storage
from intake.current import programme
from intake.extensions import db
from intake.models import Look, Shown, SignIn, now

MOST_WAITING = 10_000
BATCH = 1_000
EVERY_SECONDS = 3_600

Line = dict[str, Any]
log = logging.getLogger(__name__)
_waiting: deque[Line] = deque(maxlen=MOST_WAITING)
_one_at_a_time = threading.Lock()


def line(user_id: int, what: Shown, *, expression_id: int | None = None, detail: str = "") -> Line:
    """A look of this moment."""
    return {"at": now(), "user_id": user_id, "expression_id": expression_id, "what": what, "detail": detail[:200]}


def write(connection: Connection, lines: Iterable[Line]) -> None:
    """Write lines within a transaction; one about what is no longer there is left out."""
    for each in lines:
        try:
            with connection.begin_nested():
                connection.execute(insert(Look), [each])
        except IntegrityError:
            log.warning("a look is left out: its account or expression is no longer there")


def keep(lines: Iterable[Line]) -> None:
    """Let lines wait that could not be written."""
    _waiting.extend(lines)


def waiting() -> list[Line]:
    """The lines that wait, which whoever asks now has to write or to keep again."""
    with _one_at_a_time:
        found = list(_waiting)
        _waiting.clear()
    return found


def note(user_id: int, what: Shown, *, expression_id: int | None = None, detail: str = "") -> None:
    """Write a look in a small transaction of its own. It ends what the session was reading: call it last."""
    db.session.rollback()
    lines = [*waiting(), line(user_id, what, expression_id=expression_id, detail=detail)]
    try:
        with storage.in_passing(db.engine) as connection:
            write(connection, lines)
    except OperationalError:
        keep(lines)


def sweep(at: datetime, *, stop: threading.Event | None = None) -> int:
    """Delete looks and tries to sign in that are older than the programme keeps them: how many; commits in batches."""
    limit = at - timedelta(days=programme().retention.access_log_days)
    return sum(_forget(table, limit, stop) for table in (Look, SignIn))


def _forget(table: type[Look] | type[SignIn], limit: datetime, stop: threading.Event | None) -> int:
    old = select(table.id).where(table.at < limit).limit(BATCH)
    return batches.change_all(old, lambda ids: delete(table).where(table.id.in_(ids)), stop=stop)


def watch(stop: threading.Event, *, clock: Callable[[], datetime] = now) -> None:
    """Sweep until `stop` is set; needs an app context."""
    rounds.repeat(lambda: sweep(clock(), stop=stop), "looks", every=EVERY_SECONDS, stop=stop)
