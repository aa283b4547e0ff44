"""A process that is killed again and again while it copies a database; run by tests/test_copying.py with FROM and TO.

Each child goes on with the copy and is killed before some later statement of its own. Prints what the last one, which
lives, did, and how many there were.
"""

import contextlib
import json
import os
import signal
import sys
from collections.abc import Iterator
from itertools import count

from sqlalchemy import event

from intake import copying
from intake.copying import rows

STATEMENTS_MORE = 60
"""Each child lives longer than the one before by so many statements, a commit counting as one."""


@contextlib.contextmanager
def silent(_label: str, _length: int) -> Iterator[object]:
    """No bar."""
    yield lambda _number: None


def work(deadly: int) -> None:
    """Copy; the process is killed before its statement number `deadly` in the target."""
    numbers = count(1)

    def die(*_: object) -> None:
        if next(numbers) == deadly:
            os.kill(os.getpid(), signal.SIGKILL)

    with copying.opened(*sys.argv[1:]) as pair:
        event.listen(pair.target.engine, "before_cursor_execute", die)
        event.listen(pair.target.engine, "commit", die)
        done = copying.copy(pair, silent)
        print(json.dumps([done.rows, done.added, done.changed, done.removed, list(copying.differences(pair, silent))]))


rows.ROWS = 20
for number in count(1):
    child = os.fork()
    if child == 0:
        work(number * STATEMENTS_MORE)
        sys.stdout.flush()
        os._exit(0)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if status == 0:
        print(json.dumps(number))
        break
    if status != -signal.SIGKILL:
        sys.exit(f"The copy itself failed with status {status}.")
