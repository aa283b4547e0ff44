"""What commands share: the application of this process's settings, and how a command says that something failed."""

from collections.abc import Callable
from typing import Any, TypeVar

import click
from flask import Flask
from sqlalchemy.exc import OperationalError

from intake import create_app
from intake.config import SettingError
from intake.extensions import db
from intake.programme import ProgrammeError

F = TypeVar("F", bound=Callable[..., Any])


class Failed(click.ClickException):
    """Something was refused or is not whole; exit code 1."""

    exit_code = 1


def application() -> Flask:
    """The application of this process's settings. Raises `click.UsageError` with a sentence when one is wrong."""
    try:
        return create_app()
    except (SettingError, ProgrammeError) as error:
        raise click.UsageError(str(error)) from error


def with_app(command: F) -> F:
    """Run a command with the application of this process's settings, in its context."""

    def run(*args: Any, **kwargs: Any) -> Any:
        with application().app_context():
            try:
                return command(*args, **kwargs)
            except OperationalError as error:
                message = f"The database does not answer, or `intake db upgrade` has not run: {error.orig}"
                raise Failed(message) from error
            finally:
                db.session.remove()
                db.engine.dispose()

    run.__name__, run.__doc__ = command.__name__, command.__doc__
    run.__dict__.update(command.__dict__)
    return run  # type: ignore[return-value]
