"""What commands share: the application of this process's settings, and how a command says that something failed."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import click
from flask import Flask
from sqlalchemy.exc import OperationalError, ProgrammingError

from intake import create_app, logs, storage
from intake.config import SettingError
from intake.extensions import db
from intake.outside import readiness
from intake.outside.readiness import Status
from intake.programme import ProgrammeError

F = TypeVar("F", bound=Callable[..., Any])


class Failed(click.ClickException):
    """Something was refused or is not whole; exit code 1."""

    exit_code = 1


def application(**chosen: str) -> Flask:
    """The application of this process's settings, with those of `chosen` in their place.

    Raises `click.UsageError` with a sentence when one is wrong.
    """
    try:
        app = create_app({**os.environ, **chosen})
    except (SettingError, ProgrammeError) as error:
        raise click.UsageError(str(error)) from error
    logs.configure(app.config["LOG_FORMAT"])
    return app


def need_migrations() -> None:
    """Go on only with a database that answers and has the tables of this version; needs an application context."""
    found = readiness.migrations()
    if found.status is not Status.OK:
        raise Failed(found.text)
    db.session.remove()
    db.engine.dispose()


@contextmanager
def within(app: Flask) -> Iterator[None]:
    """Inside, the application's context; at the end its connections to the database are closed."""
    with app.app_context():
        try:
            yield
        finally:
            db.session.remove()
            db.engine.dispose()


def with_app(command: F) -> F:
    """Run a command with the application of this process's settings, in its context."""

    def run(*args: Any, **kwargs: Any) -> Any:
        with within(application()):
            try:
                return command(*args, **kwargs)
            except (OperationalError, ProgrammingError) as error:
                raise Failed(storage.fault(db.engine.url, error)) from error

    run.__name__, run.__doc__ = command.__name__, command.__doc__
    run.__dict__.update(command.__dict__)
    return run  # type: ignore[return-value]
