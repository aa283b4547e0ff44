"""The broker is killed and stays away while people send: they are answered, nothing is lost, and all letters leave."""

import threading
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from tests.brokers import eventually
from tests.environment import fresh_postgres
from tests.faults import visitors
from tests.faults.broker import RabbitMq, Redis
from tests.faults.sink import taken
from tests.faults.site import Site
from tests.faults.visitors import Applicant, Browser, Ledger

PROMPT_SECONDS = 10


@pytest.fixture(params=[Redis, RabbitMq])
def broker(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Redis | RabbitMq]:
    """A running broker of each kind."""
    broker: Redis | RabbitMq = request.param(tmp_path)
    broker.start()
    yield broker
    broker.close()


@pytest.fixture
def site(broker: Redis | RabbitMq, tmp_path: Path, worker_id: str) -> Iterator[Site]:
    """A web server that delivers nothing itself, and a worker."""
    with (
        fresh_postgres(f"{worker_id}_broker") as url,
        Site(tmp_path, url, INTAKE_MAIL_EMBEDDED="no", INTAKE_CELERY_BROKER_URL=broker.url) as site,
    ):
        site.start("worker", "command", "worker", "--processes", "1")
        yield site


def arrived(site: Site) -> set[str]:
    return {recipient for _, recipient in taken(site.sink_file)}


def sends(port: int, ledger: Ledger) -> str:
    """Somebody fills in everything and sends it: their address."""
    applicant = Applicant(Browser([port], ledger, Random(1)))
    applicant.goes_on(threading.Event())
    return f"officer.{applicant.mark}@example.org"


@pytest.mark.parametrize("mended_by", ["the nudge", "the sweep"])
def test_a_broker_that_is_lost_delays_letters_and_loses_none(
    site: Site, broker: Redis | RabbitMq, mended_by: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(visitors, "ANSWER_SECONDS", PROMPT_SECONDS)
    ledger, port = Ledger(), site.web("web")
    before = sends(port, ledger)
    assert eventually(lambda: before in arrived(site)), site.log("worker").read_text()

    broker.kill()
    during = {sends(port, ledger)}
    left_meanwhile = arrived(site) & during
    if mended_by == "the sweep":
        site.kill(site.running["web"])
    broker.start()
    if mended_by == "the sweep":
        site.start("beat", "command", "beat")

    assert eventually(lambda: during <= arrived(site)), site.log("worker").read_text()
    assert (left_meanwhile, ledger.unanswered, set(ledger.codes)) == (set(), 0, {200, 303})
    assert site.verdict(ledger) == []
