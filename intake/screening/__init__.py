"""The screeners' pages: the queue, one expression with its sheet, and its steps."""

from intake.screening import conflicting, home, keyboard, moves, queueing, saved, sheet
from intake.screening.blueprint import bp

__all__ = ["bp", "conflicting", "home", "keyboard", "moves", "queueing", "saved", "sheet"]
