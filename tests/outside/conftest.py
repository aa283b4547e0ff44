"""What tests of the site from outside may ask for: applications with other settings."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from intake import create_app
from intake.extensions import db, limiter


@pytest.fixture
def another(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Flask]]:
    """Makes an application with other settings."""
    made: list[Flask] = []

    def make(**settings: str) -> Flask:
        made.append(create_app({**environment, **settings}, {"TESTING": True}))
        return made[-1]

    for name in ("enabled", "initialized", "_storage", "_limiter"):
        monkeypatch.setattr(limiter, name, getattr(limiter, name))
    yield make
    for each in made:
        with each.app_context():
            db.session.remove()
            db.engine.dispose()
