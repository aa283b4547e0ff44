"""What a measurement gives, how it is printed and where it is left."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

LATEST = Path(__file__).parent / "latest.json"


@dataclass(frozen=True, slots=True)
class Figure:
    """One ratio with its aim; it is met when it is at most the aim."""

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
    """Print the figures and leave them as a list of {"name", "ratio", "aim", "met"}."""
    for figure in figures:
        verdict = "met" if figure.met else "MISSED"
        print(f"{figure.name:<72} {figure.ratio:7.2f}   aim {figure.aim:5.1f}   {verdict}")
    kept = [{**asdict(figure), "ratio": round(figure.ratio, 2), "met": figure.met} for figure in figures]
    LATEST.write_text(json.dumps(kept, indent=2) + "\n", encoding="utf-8")
