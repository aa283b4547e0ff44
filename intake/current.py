"""What this application serves: its programme, and the row of its call; it decides nothing."""

from functools import lru_cache

from babel.support import NullTranslations
from flask import current_app
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from intake.extensions import babel, db, spoken
from intake.models import Call
from intake.programme import Programme
from intake.translations import ENGLISH


def programme() -> Programme:
    """The programme that this application serves, in the language of the page or letter."""
    found: Programme = current_app.extensions["programme"]
    locale = spoken()
    return found if locale is None or locale.language == ENGLISH else _spoken(found, babel.domain_instance.words())


@lru_cache(maxsize=16)
def _spoken(programme: Programme, words: NullTranslations) -> Programme:
    """Kept for each language: a page asks for the programme a dozen times."""
    return programme.in_words(words.ugettext)


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
