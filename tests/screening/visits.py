"""Visits of staff: a step taken as people take it, and the requests of a test kept apart from one another."""

import re
from typing import Any

from flask import g
from flask.testing import FlaskClient

from intake.extensions import db
from intake.models import Expression

CONFIRMED = re.compile(r'name="confirmed" type="hidden" value="([0-9a-f]{64})"')


def forget() -> None:
    """What the context remembers from earlier requests, such as who is signed in, is read anew by the next."""
    for name in list(g):
        g.pop(name)
    db.session.remove()


def look(browser: FlaskClient, subject: Expression, trigger: str, **facts: Any) -> Any:
    """Send the facts of a step for the version that is known here; the answer shows what it would bring, or why not."""
    data = {"version": subject.version, **facts}
    return browser.post(f"/staff/expressions/{subject.reference}/{trigger}", data=data)


def send(browser: FlaskClient, subject: Expression, trigger: str, **facts: Any) -> Any:
    """Look, and press the button where the page has one: the answer to that, or the one that refused."""
    version = subject.version
    shown = look(browser, subject, trigger, **facts)
    mark = CONFIRMED.search(shown.text)
    if shown.status_code != 200 or mark is None:
        return shown
    data = {"version": version, **facts, "confirmed": mark.group(1)}
    return browser.post(f"/staff/expressions/{subject.reference}/{trigger}", data=data)
