"""The secretariat's pages: composition of the groups, figures, the outbox and the texts of letters."""

from intake.secretariat import composing, figures, outbox, people, received, texts
from intake.secretariat.blueprint import bp

__all__ = ["bp", "composing", "figures", "outbox", "people", "received", "texts"]
