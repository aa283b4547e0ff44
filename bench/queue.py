"""The queue with 100,000 expressions against the queue with 1,000: the same pages, as wall time of whole requests.

Of many visits the quickest counts, since others on the machine only ever make one slower.
"""

import itertools
import random
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, insert, select, text

from bench import figures
from bench.place import Place
from intake import create_app, people, search
from intake.current import call_row, programme
from intake.extensions import accounts, db
from intake.models import Expression, Mode
from intake.organisations import organisation_key
from intake.programme import countries
from intake.references import new_reference
from workflows.expression import JUDGED, PLACED, State
from workflows.people import Role

FEW, MANY, BATCH, AIM = 1_000, 100_000, 2_000, 1.3
ROUNDS, WARMING, VISITS = 4, 2, 8
ROLES = [Role.SCREENER.value, Role.SECRETARIAT.value]
SIGN_IN = {"email": "screener@example.org", "password": "only for measuring"}
FIRST = datetime(2026, 1, 1, tzinfo=UTC)
STATES = [state for state in State if state is not State.DRAFT]
SYLLABLES = [
    consonant + vowel for consonant in "bcdfglmnprstv" for vowel in ("a", "e", "i", "o", "u", "an", "er", "in")
]
VOCABULARY = ["".join(random.Random(-number).choices(SYLLABLES, k=3)) for number in range(1, 6_001)]
OFTEN = list(itertools.accumulate(1 / number for number in range(1, len(VOCABULARY) + 1)))
"""Few words are frequent and many are rare, as in people's texts."""
RARE, COMMON = "lighthouse", "connect"
PAGES: Mapping[str, str] = {
    "first page": "",
    "first page, all states": "state=all",
    "newest first": "sort=newest",
    "decision due first": "sort=due",
    "by name": "sort=name",
    "search, rare word": f"state=all&q={RARE}",
    "search, common word": f"state=all&q={COMMON}",
    "search, one letter": "state=all&q=c",
    "search, two words": f"state=all&q={COMMON}+{VOCABULARY[1]}",
    "search, no match": "state=all&q=zzzzz",
    "a page in the middle": "state=all&from={middle}",
    "category": "category=academia",
    "least developed countries": "group=LDC",
    "search, a word of one in a hundred": "state=all&q=harbour",
    "one country": "country=TUV",
    "one country and a common word": f"country=TUV&q={COMMON}",
    "mine": "screener=me",
    "nobody's": "screener=nobody",
    "overdue": "overdue=yes",
    "unread": "unread=yes",
    "duplicates": "duplicate=yes",
}
"""Name to query."""
WITHOUT_AIM = "category"
"""From here on they are printed and no more: some of them show ten rows of a thousand, but fifty of the many."""


def measure(place: Place) -> list[figures.Figure]:
    """The ratios of first pages and searches; it prints those of filters as well. Both sizes are visited in turn."""
    sizes = [(create_app(place.settings(str(size)), {"WTF_CSRF_ENABLED": False}), size) for size in (FEW, MANY)]
    for app, size in sizes:
        with app.app_context():
            sign_up()
            fill(size)
    rounds = [[_times(app) for app, _ in sizes] for _ in range(ROUNDS)]
    quickest = [{name: min(times[size][name] for times in rounds) for name in PAGES} for size in (0, 1)]
    found = [_figure(name, quickest[0][name], quickest[1][name], place.name) for name in PAGES]
    return found[: tuple(PAGES).index(WITHOUT_AIM)]


def _figure(name: str, few: float, many: float, database: str) -> figures.Figure:
    label = f"queue, {name}: 100,000 / 1,000 expressions, {database}"
    print(f"({label}: {few * 1000:.1f} ms, {many * 1000:.1f} ms: {many / few:.2f})")
    return figures.Figure(label, many / few, AIM)


def sign_up() -> None:
    """Add the one who visits, a screener who belongs to the secretariat too."""
    people.put(SIGN_IN["email"], name="Screener", roles=ROLES, password=SIGN_IN["password"])


def fill(count: int) -> None:
    """Store so many expressions with their words, and let the database take note as it does by itself in time."""
    me = accounts.find_user(email=SIGN_IN["email"]).id
    call = call_row().id
    for begin in range(0, count, BATCH):
        rows = [_row(number, call, me) for number in range(begin, min(begin + BATCH, count))]
        added = insert(Expression).returning(Expression.id, sort_by_parameter_order=True)
        ids = db.session.scalars(added, rows).all()
        search.store(db.session.connection(), [{**row, "id": id} for id, row in zip(ids, rows, strict=True)])
        db.session.commit()
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE" if connection.dialect.name == "postgresql" else "SELECT 1"))


def _row(number: int, call: int, me: int) -> dict[str, Any]:
    chance = random.Random(number)
    state = chance.choices(STATES, [1 + 5 * (state is State.SUBMITTED) for state in STATES])[0]
    name = f"{chance.choice(('The', 'Ministry of', 'Institute for', 'University of'))} {_word(chance)} {number}"
    sent = FIRST + timedelta(minutes=number)
    areas = [area.id for area in programme().focus_areas]
    words = {criterion.id: {"statement": _statement(chance, number)} for criterion in programme().criteria}
    return {
        "reference": new_reference(),
        "call_id": call,
        "state": state,
        "submitted_at": sent,
        "decision_due_on": (sent + timedelta(days=20)).date(),
        "organisation_name": name,
        "organisation_key": organisation_key(name),
        "category": chance.choice(programme().categories).id,
        "country": chance.choice(list(countries())),
        "contact_email": f"{number}@example.org",
        "preferences": chance.sample(areas, 2),
        "criteria": words,
        "communities": _statement(chance, number),
        "participation_mode": Mode.IN_PERSON,
        "criteria_count": len(programme().criteria),
        "criteria_met": len(programme().criteria) if state in JUDGED else 0,
        "focus_area": areas[0] if state in PLACED else None,
        "seat_mode": Mode.IN_PERSON if state in {State.CONFIRMED, State.WAITLISTED} else None,
        "screener_id": me if chance.random() < 0.5 else None,
        "unread": chance.random() < 0.01,
        "duplicate_acknowledged": True,
        "answer_due_on": None,
    }


def _word(chance: random.Random) -> str:
    return chance.choices(VOCABULARY, cum_weights=OFTEN)[0]


def _statement(chance: random.Random, number: int) -> str:
    said = chance.choices(VOCABULARY, cum_weights=OFTEN, k=40)
    said += [COMMON] if number % 2 else []
    said += ["harbour"] if number % 100 == 0 else []
    said += [RARE] if number in {3, 500, 700} else []
    return " ".join(said)


def _times(app: Flask) -> dict[str, float]:
    with app.app_context():
        client = app.test_client()
        client.post("/staff/login", data=SIGN_IN)
        last = db.session.scalar(select(func.max(Expression.submitted_at))) or FIRST
        middle = f"n{(FIRST + (last - FIRST) / 2).timestamp() * 1_000_000:.0f}-0"
        found = {name: _quickest(client, query.format(middle=middle)) for name, query in PAGES.items()}
        db.session.remove()
        db.engine.dispose()
        return found


def _quickest(client: FlaskClient, query: str) -> float:
    """The seconds of the quickest of some visits; the first ones find nothing prepared and do not count."""
    return min([_visit(client, query) for _ in range(WARMING + VISITS)][WARMING:])


def _visit(client: FlaskClient, query: str) -> float:
    begun = time.perf_counter()
    answer = client.get(f"/staff/queue?{query}")
    if answer.status_code != 200:
        raise RuntimeError(f"{query} answered {answer.status}")
    return time.perf_counter() - begun
