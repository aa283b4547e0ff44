"""What a measurement gives, how it is printed and where it is left."""

import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

LATEST = Path(__file__).parent / "latest.json"
EXPLAINED = Path(__file__).parents[1] / "docs" / "performance.md"
REASON = re.compile(r"^- \*\*(?P<figure>[^*]+)\*\*: (?P<why>.+(?:\n  .+)*)", re.M)
"""How `docs/performance.md` says why a figure is missed; a reason holds for every figure whose name begins so."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One ratio, or another number that its name says, with its aim; it is met when it is at most the aim."""

    name: str
    ratio: float
    aim: float

    @property
    def met(self) -> bool:
        """Whether the aim is met."""
        return self.ratio <= self.aim


def ratio(ours: list[float], theirs: list[float]) -> float:
    """The median of one list over that of the other."""
    return median(ours) / median(theirs)


def report(figures: list[Figure]) -> None:
    """Print the figures and leave them as a list of {"name", "ratio", "aim", "met"}; say why one is missed."""
    for figure in figures:
        verdict = "met" if figure.met else "MISSED"
        print(f"{figure.name:<72} {figure.ratio:7.2f}   aim {figure.aim:5.1f}   {verdict}")
    for figure in figures:
        if not figure.met:
            print(f"\n{figure.name} is {figure.ratio:.2f} where at most {figure.aim:g} is aimed at. {_why(figure)}")
    kept = [{**asdict(figure), "ratio": round(figure.ratio, 2), "met": figure.met} for figure in figures]
    LATEST.write_text(json.dumps(kept, indent=2) + "\n", encoding="utf-8")


def _why(figure: Figure) -> str:
    for reason in REASON.finditer(EXPLAINED.read_text(encoding="utf-8")):
        if figure.name.startswith(reason["figure"]):
            return " ".join(reason["why"].split())
    return "It is usually met: look for what has changed, or whether the machine was busy."
