"""Links whose time is over: ended for good, in however many batches, by a command, a thread and beat alike."""

import threading
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from sqlalchemy import select

from intake import expiring, links
from intake.cli import main
from intake.extensions import db
from intake.models import AccessLink, Expression, now
from tests.statements import counted

Make = Callable[..., Expression]
DAY = timedelta(days=1)
OPENS, REFUSED = 200, 404


@pytest.fixture
def mint(expression: Make) -> Callable[..., list[str]]:
    """Makes links to one expression that expire in so many days: their tokens."""
    about = expression()

    def make(*expire_in: float) -> list[str]:
        tokens = []
        for days in expire_in:
            link, token = links.mint(about.id, about.contact_email)
            link.expires_at = now() + days * DAY
            tokens.append(token)
        db.session.commit()
        return tokens

    return make


def the_clock_is_put_back(days: float) -> None:
    """For the links, it is as if all of them expired so much later."""
    for link in db.session.scalars(select(AccessLink)):
        link.expires_at += days * DAY
    db.session.commit()


def answers(client: FlaskClient, tokens: Sequence[str]) -> list[int]:
    return [client.get(f"/link/{token}").status_code for token in tokens]


def test_a_link_that_has_expired_stays_dead_when_the_clock_is_put_back(
    client: FlaskClient, mint: Callable[..., list[str]]
) -> None:
    tokens = mint(-2, -0.01, 0.5, 30)

    assert expiring.sweep(now()) == 2
    the_clock_is_put_back(days=3)

    assert answers(client, tokens) == [REFUSED, REFUSED, OPENS, OPENS]


def test_a_browser_that_used_it_is_shut_out_too(client: FlaskClient, mint: Callable[..., list[str]]) -> None:
    (token,) = mint(1)
    page = client.post(f"/link/{token}").location
    opened = client.get(page).status_code

    expiring.sweep(now() + 2 * DAY)

    assert (opened, client.get(page).status_code) == (OPENS, 403)


def test_however_many_there_are_each_is_ended_once(
    mint: Callable[..., list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    mint(-1, -1, -1, -1, -1, 1)
    monkeypatch.setattr(expiring, "BATCH", 2)
    first, later = now(), now() + timedelta(minutes=5)

    assert [expiring.sweep(first), expiring.sweep(later)] == [5, 0]
    ended = [link.revoked_at for link in db.session.scalars(select(AccessLink).order_by(AccessLink.id))]
    assert ended == [first] * 5 + [None]


def test_looking_at_an_expired_link_does_no_more_than_at_an_unknown_one(
    client: FlaskClient, mint: Callable[..., list[str]]
) -> None:
    (expired,) = mint(-1)

    with counted() as for_expired:
        client.get(f"/link/{expired}")
    with counted() as for_unknown:
        client.get(f"/link/{'x' * len(expired)}")

    assert for_expired == for_unknown != []
    assert db.session.scalars(select(AccessLink.revoked_at)).all() == [None]


def test_a_round_ends_links_and_is_the_last_one_once_it_is_told_to_stop(
    client: FlaskClient, mint: Callable[..., list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    tokens, stop = mint(-1), threading.Event()
    sweep = expiring.sweep

    def sweep_and_stop(at: datetime, *, stop: threading.Event) -> int:
        ended = sweep(at, stop=stop)
        stop.set()
        return ended

    monkeypatch.setattr(expiring, "sweep", sweep_and_stop)
    expiring.watch(stop)
    the_clock_is_put_back(days=3)

    assert answers(client, tokens) == [REFUSED]


def test_the_command_says_how_many_it_has_ended(
    mint: Callable[..., list[str]], environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    mint(-1, -1, 1)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    said = [CliRunner().invoke(main, ["expire"]).output for _ in range(2)]

    assert said == ["2 links ended.\n", "0 links ended.\n"]
