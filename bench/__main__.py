"""`make bench` prints what a run found and leaves it in bench/latest.json; ARGS="pages desk" measures those parts."""

import sys
from collections.abc import Callable, Mapping

from bench import burst, crowd, delivery, desk, door, exports, figures, growth, memory, pages, queue, starting
from bench.place import Place, places

PARTS: Mapping[str, Callable[[Place], list[figures.Figure]]] = {
    "door": door.measure,
    "pages": pages.measure,
    "desk": desk.measure,
    "start": starting.measure,
    "memory": memory.measure,
    "crowd": crowd.measure,
    "burst": burst.measure,
    "queue": queue.measure,
    "exports": exports.measure,
    "delivery": delivery.measure,
    "growth": growth.measure,
}
"""Each measures on one kind of database; one that has nothing to say there gives no figure."""
LONG = {"growth"}
"""Measured only when named."""


def main(names: list[str]) -> None:
    """Measure the parts named, or all that are not long, on SQLite, and on PostgreSQL where one answers."""
    unknown = set(names) - set(PARTS)
    if unknown:
        sys.exit(f"There is no part {', '.join(sorted(unknown))}. There are: {', '.join(PARTS)}.")
    with places() as found:
        if len(found) == 1:
            print("PostgreSQL does not answer here; its figures are left out.")
        parts = names or [name for name in PARTS if name not in LONG]
        figures.report([figure for name in parts for place in found for figure in PARTS[name](place)])


if __name__ == "__main__":
    main(sys.argv[1:])
