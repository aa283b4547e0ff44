"""How long a server takes from its start to its first answer, with bytecode compiled."""

from statistics import median

from bench import figures
from bench.place import Place
from bench.serving import INTAKE, gunicorn

STARTS = 5
AIM = 2.5


def measure(place: Place) -> list[figures.Figure]:
    """Seconds, the median of several starts; the first one compiles what is not compiled yet and does not count."""
    environment = {**place.settings("start")}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    seconds = []
    for _ in range(1 + STARTS):
        with gunicorn(INTAKE, environment) as server:
            seconds.append(server.seconds_to_answer)
    return [figures.Figure(f"start to first answer, seconds, {place.name}", median(seconds[1:]), AIM)]
