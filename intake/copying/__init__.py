"""Takes a whole database over into another one of either kind, again and again, until both hold the same."""

from intake.copying.places import CopyError, opened
from intake.copying.running import Counts, copy, differences

__all__ = ["CopyError", "Counts", "copy", "differences", "opened"]
