"""Celery's workers and beat, real ones, on PostgreSQL with Redis and with RabbitMQ: every letter leaves, and once."""

import signal
import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask_migrate import upgrade
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
from tests.smtp import SmtpSink
from tests.test_serving import command, environment
from workflows.expression import State

MANY = 200
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


def test_a_worker_delivers_the_letters_of_a_step_when_it_is_nudged(scaled: Scaled) -> None:
    with scaled.run("worker", "--processes", "1"):
        draft = making.expression(State.DRAFT)
        advance(draft, "submit", actor=making.APPLICANT, version=draft.version)

        assert scaled.all_left(), scaled.log

    db.session.refresh(draft)
    assert draft.contact_email in scaled.smtp.recipients
    assert sorted(scaled.copies()) == sorted(letter.message_id for letter in draft.letters)
    assert {letter.status for letter in draft.letters} == {LetterStatus.SENT}


def test_beat_finds_what_nobody_was_nudged_for(scaled: Scaled) -> None:
    silent = making.expression(State.RETURNED, answer_due_on=now().date() - timedelta(days=60))
    scaled.write(1)
    with scaled.run("worker", "--processes", "1"), scaled.run("beat"):
        assert eventually(lambda: _state(silent) is State.LAPSED), scaled.log
        assert scaled.all_left(), scaled.log

    assert set(scaled.copies().values()) == {1}
    assert {silent.contact_email, "reader0@example.org"} <= set(scaled.smtp.recipients)


def _state(expression: Expression) -> State:
    db.session.rollback()
    db.session.refresh(expression)
    return expression.state


@only_redis
def test_two_workers_deliver_each_of_many_letters_once(scaled: Scaled) -> None:
    scaled.write(MANY)
    with scaled.run("worker", "--processes", "1"), scaled.run("worker", "--processes", "1"):
        outbox.nudge()
        assert scaled.all_left(), scaled.log

    assert (len(scaled.smtp.messages), set(scaled.copies().values())) == (MANY, {1})
