"""The applicants' pages: the form, the link, the status page."""

from intake.applicants.views import bp

__all__ = ["bp"]
