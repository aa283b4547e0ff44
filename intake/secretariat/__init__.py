"""The secretariat's pages: composition of the groups and the outbox."""

from intake.secretariat import composing, outbox
from intake.secretariat.blueprint import bp

__all__ = ["bp", "composing", "outbox"]
