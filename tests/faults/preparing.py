"""What a site has before its first visitor, and how time passes for its letters; run in forks, see `forks`."""

import sqlite3
from contextlib import closing
from datetime import timedelta
from functools import cache

from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import func, select, update

from intake import create_app, links, people
from intake.access import public
from intake.advance import advance
from intake.extensions import csrf, db
from intake.models import Expression, Letter, Outcome, now
from intake.notifications.outbox import UNSETTLED
from tests import making
from workflows.expression import State

STAFF = "staff@example.org"
PASSWORD = "a long enough password"


@cache
def application() -> Flask:
    """The application of this process and of all its forks; it has opened nothing yet."""
    app = create_app()
    app.add_url_rule("/mailbox/<reference>", view_func=csrf.exempt(public(mailed)), methods=["POST"])
    return app


def mailed(reference: str) -> str:
    """The token of the link that would come by mail: visitors look for it here, so that none waits for a delivery."""
    about = db.session.scalars(select(Expression).where(Expression.reference == reference)).one()
    _link, token = links.mint(about.id, about.contact_email)
    db.session.commit()
    return token


def prepare(sent: int) -> None:
    """An empty site with one account and some expressions that were sent and judged, their letters waiting."""
    with application().app_context():
        upgrade()
        people.put(STAFF, name="The secretariat", roles=["screener", "secretariat"], password=PASSWORD)
        for _ in range(sent):
            _send(making.expression(State.DRAFT))
        db.session.remove()
        db.engine.dispose()


def _send(draft: Expression) -> None:
    advance(draft, "submit", actor=making.APPLICANT, version=draft.version)
    draft.verdicts = making.verdicts(Outcome.MET)
    draft.criteria_met = len(draft.verdicts)
    db.session.commit()


def time_passes(minutes: int) -> None:
    """Everything that is written down of letters happened so many minutes earlier, leases included."""
    earlier = timedelta(minutes=minutes)
    with application().app_context():
        for letter in db.session.scalars(select(Letter).where(Letter.status.in_(UNSETTLED))):
            moments = {name: getattr(letter, name) for name in ("due_at", "leased_until", "tried_since")}
            moved = {name: moment - earlier for name, moment in moments.items() if moment}
            db.session.execute(update(Letter).where(Letter.id == letter.id).values(**moved))
        db.session.commit()
        db.engine.dispose()


def unsettled() -> None:
    """Print how many letters have not come to rest."""
    with application().app_context():
        waits = select(func.count()).select_from(Letter).where(Letter.status.in_(UNSETTLED))
        print(db.session.scalar(waits))
        db.engine.dispose()


def references() -> None:
    """Print the references of all expressions that were sent; drafts that were left are no page to staff."""
    with application().app_context():
        print(*db.session.scalars(select(Expression.reference).where(Expression.state != State.DRAFT)))
        db.engine.dispose()


def check_sqlite(file: str) -> None:
    """Print what SQLite finds wrong with a file: “ok” for nothing."""
    with closing(sqlite3.connect(file)) as connection:
        for (found,) in connection.execute("PRAGMA integrity_check"):
            print(found)


def mint_links() -> None:
    """Print names and tokens of links to one expression, some of them dead."""
    expires_in = {"revoked": 30, "expired just now": -0.001, "expires in twelve hours": 0.5, "live": 30}
    with application().app_context():
        about = db.session.scalars(select(Expression).limit(1)).one()
        for name, days in expires_in.items():
            link, token = links.mint(about.id, about.contact_email)
            link.expires_at = now() + timedelta(days=days)
            link.revoked_at = now() if name == "revoked" else None
            print(name, token)
        db.session.commit()
        db.engine.dispose()
