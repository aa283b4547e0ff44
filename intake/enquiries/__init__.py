"""Pages of the enquiries: what waits for an answer, one conversation with its steps, and entering one by hand."""

from intake.enquiries import entering, listing, moves, showing
from intake.enquiries.blueprint import bp

__all__ = ["bp", "entering", "listing", "moves", "showing"]
