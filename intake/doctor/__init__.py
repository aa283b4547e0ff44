"""Looks at a whole installation and says of each part whether it is well and how to mend it; it changes nothing."""

from intake.doctor.examining import examine
from intake.doctor.finding import Finding, ill

__all__ = ["Finding", "examine", "ill"]
