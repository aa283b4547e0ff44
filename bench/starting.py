"""How long a server takes from its start to its first answer, with bytecode compiled."""

from bench import figures
from bench.place import Place
from bench.serving import INTAKE, gunicorn

STARTS = 5
AIM = 2.5


def measure(place: Place) -> list[figures.Figure]:
    """Seconds, the quickest of several starts, since others on the machine only ever make one slower.

    The first start compiles what is not compiled yet.
    """
    environment = place.settings("start")
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    seconds, processor = [], []
    for _ in range(1 + STARTS):
        with gunicorn(INTAKE, environment) as server:
            seconds.append(server.seconds_to_answer)
            processor.append(server.cpu())
    print(f"(processor time of a start with two workers: {min(processor):.2f} s, {place.name})")
    return [figures.Figure(f"start to first answer, seconds, {place.name}", min(seconds), AIM)]
