"""The screeners' pages: the queue, one expression with its sheet, and its steps."""

from intake.screening import assigning, conflicting, home, keyboard, moves, notes, preferences, queueing, saved, sheet
from intake.screening.blueprint import bp

__all__ = [
    "assigning",
    "bp",
    "conflicting",
    "home",
    "keyboard",
    "moves",
    "notes",
    "preferences",
    "queueing",
    "saved",
    "sheet",
]
