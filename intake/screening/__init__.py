"""The screeners' pages: the queue and one expression."""

from intake.screening.views import bp

__all__ = ["bp"]
