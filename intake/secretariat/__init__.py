"""The secretariat's pages: composition of the groups and the outbox."""

from intake.secretariat.views import bp

__all__ = ["bp"]
