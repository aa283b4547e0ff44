"""Celery's workers and beat, real ones, on PostgreSQL with Redis and with RabbitMQ: every letter leaves, and once."""

import importlib
import json
import os
import re
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest
import redis
from flask import Flask
from flask_migrate import upgrade
from kombu import Connection
from sqlalchemy import text

from intake import create_app
from intake.advance import advance
from intake.extensions import db
from intake.models import Base, Expression, Letter, LetterStatus, now
from intake.notifications import outbox
from intake.notifications.compose import Text
from intake.programme import demonstration_text
from tests import making
from tests.brokers import BROKERS, PATIENCE_SECONDS, REDIS, eventually, queue_at
from tests.environment import fresh_postgres
from tests.notifications.conftest import leases_end
from tests.smtp import SmtpSink
from tests.test_serving import command, environment
from workflows.expression import State

FEW, MANY = 40, 200
SECRET = "only for tests, only for tests, only for tests"


@dataclass(frozen=True)
class Scaled:
    """A site whose letters leave through workers; `run` starts one of its processes until the block ends."""

    app: Flask
    smtp: SmtpSink
    settings: dict[str, str]
    folder: Path

    @contextmanager
    def run(self, *words: str) -> Iterator[subprocess.Popen[bytes]]:
        with (self.folder / "log").open("ab") as log:
            process = subprocess.Popen(
                [*command(words[0]), *words[1:]],
                cwd=self.folder,
                env=environment(**self.settings),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        try:
            yield process
        finally:
            process.terminate()
            assert process.wait(timeout=PATIENCE_SECONDS) in {0, -signal.SIGKILL}, self.log

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text()

    def write(self, number: int) -> None:
        """Put letters into the outbox without telling anybody."""
        for each in range(number):
            outbox.enqueue_test(f"reader{each}@example.org", Text("A letter", "The text.\n"))
        db.session.commit()

    def waiting(self) -> int:
        db.session.rollback()
        return db.session.query(Letter).filter(Letter.status.in_(outbox.UNSETTLED)).count()

    def copies(self) -> Counter[str]:
        """How often each letter arrived, by its Message-ID."""
        return Counter(str(received.message["Message-ID"]) for received in self.smtp.messages)

    def all_left(self) -> bool:
        return eventually(lambda: self.waiting() == 0)


@pytest.fixture(scope="module")
def database(worker_id: str) -> Iterator[str]:
    with fresh_postgres(f"{worker_id}_scale") as url:
        yield url


@pytest.fixture(params=BROKERS, ids=["redis", "rabbitmq"])
def broker(request: pytest.FixtureRequest) -> str:
    url: str = request.param
    return url


@pytest.fixture
def scaled(database: str, broker: str, worker_id: str, tmp_path: Path) -> Iterator[Scaled]:
    """A migrated, empty database, a mail server and a broker; no process is running yet."""
    programme = tmp_path / "programme.toml"
    text_ = demonstration_text(now().date()).replace("[roundtable]", "lapse_after_days = 30\n\n[roundtable]")
    programme.write_text(text_, encoding="utf-8")
    with ExitStack() as stack:
        smtp = stack.enter_context(SmtpSink())
        settings = {
            "INTAKE_SECRET_KEY": SECRET,
            "INTAKE_DATABASE_URL": database,
            "INTAKE_PROGRAMME": str(programme),
            "INTAKE_MAIL_PORT": str(smtp.port),
            "INTAKE_CELERY_BROKER_URL": broker,
            "INTAKE_CELERY_QUEUE": stack.enter_context(queue_at(broker, worker_id)),
        }
        app = create_app(settings, {"TESTING": True})
        with app.app_context():
            upgrade()
            _empty()
            yield Scaled(app, smtp, settings, tmp_path)
            app.extensions["nudges"].stop()
            db.session.remove()
            db.engine.dispose()


def _empty() -> None:
    names = ", ".join(f'"{table.name}"' for table in Base.metadata.sorted_tables)
    with db.engine.begin() as connection:
        connection.execute(text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))


only_redis = pytest.mark.parametrize("broker", [REDIS], ids=["redis"], indirect=True)


def test_workers_deliver_what_they_are_nudged_for_and_what_beat_finds(scaled: Scaled) -> None:
    with scaled.run("worker", "--processes", "1"):
        draft = making.expression(State.DRAFT)
        advance(draft, "submit", actor=making.APPLICANT, version=draft.version)
        assert scaled.all_left(), scaled.log
        nudged = sorted(scaled.copies())

        silent = making.expression(State.RETURNED, answer_due_on=now().date() - timedelta(days=60))
        scaled.write(1)
        with scaled.run("beat"):
            assert eventually(lambda: _state(silent) is State.LAPSED), scaled.log
            assert scaled.all_left(), scaled.log

    assert nudged == sorted(letter.message_id for letter in draft.letters)
    assert {letter.status for letter in draft.letters} == {LetterStatus.SENT}
    assert set(scaled.copies().values()) == {1}
    assert {silent.contact_email, "reader0@example.org"} <= set(scaled.smtp.recipients)


def _state(expression: Expression) -> State:
    db.session.rollback()
    db.session.refresh(expression)
    return expression.state


@only_redis
def test_a_worker_killed_in_mid_batch_costs_no_letter_and_two_others_deliver_each_once(scaled: Scaled) -> None:
    scaled.write(FEW)
    with scaled.run("worker", "--processes", "1") as victim:
        scaled.smtp.on_letter = _kills(victim, at=10)
        outbox.nudge()
        assert eventually(lambda: victim.poll() is not None), scaled.log
    held, doubtful = scaled.waiting(), set(scaled.copies())
    leases_end()
    scaled.write(MANY)
    with scaled.run("worker", "--processes", "1"), scaled.run("worker", "--processes", "1"):
        outbox.nudge()
        assert eventually(lambda: len(scaled.smtp.messages) > FEW), scaled.log
        outbox.nudge()
        assert scaled.all_left(), scaled.log

    twice = {message_id for message_id, number in scaled.copies().items() if number > 1}
    assert (held > 0, len(scaled.copies()), len(scaled.smtp.messages) <= FEW + MANY + 1) == (True, FEW + MANY, True)
    assert twice <= doubtful


def _kills(victim: subprocess.Popen[bytes], *, at: int) -> Callable[[], None]:
    """Ends a worker with all its processes as the server takes the letter of this number."""
    numbers = count(1)

    def on_letter() -> None:
        if next(numbers) == at:
            os.killpg(victim.pid, signal.SIGKILL)

    return on_letter


@only_redis
def test_a_sweep_ends_in_time_and_lets_another_go_on(scaled: Scaled, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in scaled.settings.items():
        monkeypatch.setenv(name, value)
    scale = importlib.import_module("intake.scale")
    monkeypatch.setattr(scale, "MOST_SECONDS", 0.5)
    slow = scale.Sweep("slow", 60, lambda stop: stop.wait(PATIENCE_SECONDS))
    monkeypatch.setattr(scale, "create_app", lambda: scaled.app)
    scale._application.cache_clear()

    scale._task(slow)()

    with redis.Redis.from_url(REDIS) as client:
        queue = scaled.settings["INTAKE_CELERY_QUEUE"]
        assert eventually(lambda: client.llen(f"{queue}:{queue}") == 1)
    assert {each.name for each in scale.SWEEPS} == set(scale.celery.conf.beat_schedule) <= set(scale.celery.tasks)
    scale._application.cache_clear()
    sys.modules.pop("intake.scale")


def test_a_message_carries_no_data(scaled: Scaled) -> None:
    draft = making.expression(State.DRAFT)
    advance(draft, "submit", actor=making.APPLICANT, version=draft.version)
    queue = scaled.settings["INTAKE_CELERY_QUEUE"]

    with Connection(scaled.settings["INTAKE_CELERY_BROKER_URL"], transport_options=_own_names(scaled)) as connection:
        waiting = connection.SimpleQueue(queue)
        message = waiting.get(timeout=10)
        message.ack()
        waiting.close()

    assert message.payload[:2] == [[], {}]
    assert message.headers["task"] == "intake.deliver"
    assert not re.search("@example|P2C-|Ministry", json.dumps(message.headers))


def _own_names(scaled: Scaled) -> dict[str, str]:
    is_redis = scaled.settings["INTAKE_CELERY_BROKER_URL"] == REDIS
    return {"global_keyprefix": f"{scaled.settings['INTAKE_CELERY_QUEUE']}:"} if is_redis else {}


@pytest.mark.parametrize("name", ["worker", "beat"])
def test_without_a_broker_a_worker_is_refused_with_a_sentence(name: str, tmp_path: Path) -> None:
    settings = {"INTAKE_SECRET_KEY": SECRET, "INTAKE_DATABASE_URL": f"sqlite:///{tmp_path / 'intake.sqlite3'}"}

    done = subprocess.run(
        command(name), cwd=tmp_path, env=environment(**settings), capture_output=True, text=True, timeout=60
    )

    assert (done.returncode, "INTAKE_CELERY_BROKER_URL is not set." in done.stderr, "Traceback" in done.stderr) == (
        2,
        True,
        False,
    )


def test_a_process_without_a_broker_loads_neither_celery_nor_its_drivers(tmp_path: Path) -> None:
    settings = {"INTAKE_SECRET_KEY": SECRET, "INTAKE_DATABASE_URL": f"sqlite:///{tmp_path / 'intake.sqlite3'}"}
    program = (
        "import sys; from intake import create_app, web; create_app().test_client().get('/healthz');"
        "print({'kombu', 'amqp', 'redis', 'celery.app.base'} & set(sys.modules))"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], env=environment(**settings), capture_output=True, text=True, timeout=60
    )

    assert (done.stdout.strip(), done.stderr) == ("set()", "")
