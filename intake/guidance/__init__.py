"""The pages of help: how an expression goes its way, read from the table."""

from intake.guidance.views import bp

__all__ = ["bp"]
