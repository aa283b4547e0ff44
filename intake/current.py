"""What this application serves: its programme, and the row of its call; it decides nothing."""

from flask import current_app
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from intake.extensions import db
from intake.models import Call
from intake.programme import Programme


def programme() -> Programme:
    """The programme that this application serves."""
    found: Programme = current_app.extensions["programme"]
    return found


def call_row() -> Call:
    """The row of the programme's call, made when it is first asked for; two who ask at once get the same."""
    known = select(Call).where(Call.slug == programme().call.slug)
    row = db.session.scalar(known)
    if row is None:
        try:
            with db.session.begin_nested():
                row = Call(slug=programme().call.slug, title=programme().call.title)
                db.session.add(row)
        except IntegrityError:
            row = db.session.scalars(known).one()
    return row
