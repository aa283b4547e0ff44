"""The site as machines see it: whether it lives, whether it is ready, what it counts; no page for people."""

from intake.outside.following import follow
from intake.outside.views import bp

__all__ = ["bp", "follow"]
