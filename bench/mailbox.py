"""The mailbox of applicants who are measured: it brings the link to their expression without waiting for a delivery."""

from collections.abc import Mapping
from functools import lru_cache

from flask import Flask
from sqlalchemy import select

from bench.browsing import Browser
from intake import create_app, links
from intake.extensions import db
from intake.models import Expression


class Mailbox:
    """Mints links as a delivery does; it is asked by a process of its own, whose time is not measured."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = tuple(sorted(environment.items()))

    def confirm(self, browser: Browser, reference: str) -> None:
        """Ask for the letter on the check of an expression, open its link, and come back to the check."""
        browser.post(f"{reference}/link", {"back": "check"})
        where = f"/link/{self._token(reference.rpartition('/')[2])}"
        browser.get(where)
        browser.post(where, {})

    def _token(self, reference: str) -> str:
        with _application(self._environment).app_context():
            about = db.session.scalars(select(Expression).where(Expression.reference == reference)).one()
            _link, token = links.mint(about.id, about.contact_email)
            db.session.commit()
            db.session.remove()
            return token


@lru_cache(maxsize=4)
def _application(environment: tuple[tuple[str, str], ...]) -> Flask:
    return create_app(dict(environment))
