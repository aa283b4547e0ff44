"""The secretariat's pages: composition of the groups, figures, the outbox and the texts of letters."""

from intake.secretariat import composing, figures, looking, outbox, people, received, texts
from intake.secretariat.blueprint import bp

__all__ = ["bp", "composing", "figures", "looking", "outbox", "people", "received", "texts"]
