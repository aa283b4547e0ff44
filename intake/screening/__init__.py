"""The screeners' pages: the queue, one expression with its sheet, and its steps."""

from intake.screening import home, keyboard, moves, queueing, sheet
from intake.screening.blueprint import bp

__all__ = ["bp", "home", "keyboard", "moves", "queueing", "sheet"]
