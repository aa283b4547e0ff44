"""Copies on paper: what a person has answered or what is kept about them, as text or PDF; it reads no database."""

from intake.papers.paper import Paper, Row, Section
from intake.papers.plain import as_text
from intake.papers.printing import CannotPrint, as_pdf

__all__ = ["CannotPrint", "Paper", "Row", "Section", "as_pdf", "as_text"]
