"""The applicants' pages: the form, the link, the status page."""

from intake.applicants import attaching, entry, filling, following, linking, people, personal, versions
from intake.applicants.blueprint import bp

__all__ = ["attaching", "bp", "entry", "filling", "following", "linking", "people", "personal", "versions"]
