"""The screeners' pages: the queue, one expression with its sheet, and its steps."""

from intake.screening import (
    assigning,
    attached,
    bulk,
    conflicting,
    copying,
    exporting,
    home,
    keeping,
    keyboard,
    moves,
    notes,
    preferences,
    queueing,
    saved,
    sheet,
)
from intake.screening.blueprint import bp

__all__ = [
    "assigning",
    "attached",
    "bp",
    "bulk",
    "conflicting",
    "copying",
    "exporting",
    "home",
    "keeping",
    "keyboard",
    "moves",
    "notes",
    "preferences",
    "queueing",
    "saved",
    "sheet",
]
