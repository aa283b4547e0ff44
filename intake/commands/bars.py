"""How commands show how far they are, on the error stream."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click


@contextmanager
def bar(label: str, length: int) -> Iterator[Callable[[int], object]]:
    """A bar over `length` things; gives the function that is told how many more are done."""
    with click.progressbar(length=length, label=label, file=sys.stderr) as shown:
        yield shown.update
