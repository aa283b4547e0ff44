"""Separates the requests of a test, which share its application context, from one another; it sends none."""

from flask import g

from intake.extensions import db


def forget() -> None:
    """What the context remembers from earlier requests, such as who is signed in, is read anew by the next."""
    for name in list(g):
        g.pop(name)
    db.session.remove()
