"""What a screener has typed on a sheet and not saved as verdicts; each person's own, and never shown to another."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from intake.extensions import db
from intake.models import Expression, SheetDraft, User, now

Typed = Mapping[str, Mapping[str, str]]
"""Criterion to its outcome and reason; either may be empty."""


def of(expression: Expression, user: User) -> SheetDraft | None:
    """The draft of this person, if there is one."""
    mine = (SheetDraft.expression_id == expression.id, SheetDraft.user_id == user.id)
    return db.session.scalar(select(SheetDraft).where(*mine))


def keep(expression: Expression, user: User, typed: Typed) -> None:
    """Keep what is typed in place of what was kept before; nothing typed leaves no draft. The caller commits."""
    if not typed:
        discard(expression, user)
        return
    draft = of(expression, user) or _begin(expression, user)
    draft.typed, draft.saved_at = {id: dict(words) for id, words in typed.items()}, now()


def _begin(expression: Expression, user: User) -> SheetDraft:
    """A new draft; when two pages of one person send their first words at once, both get the same."""
    draft = SheetDraft(expression_id=expression.id, user_id=user.id, typed={})
    try:
        with db.session.begin_nested():
            db.session.add(draft)
    except IntegrityError:
        known: Any = of(expression, user)
        return known  # type: ignore[no-any-return]
    return draft


def discard(expression: Expression, user: User) -> None:
    """Forget what this person has typed. The caller commits."""
    mine = (SheetDraft.expression_id == expression.id, SheetDraft.user_id == user.id)
    db.session.execute(delete(SheetDraft).where(*mine))
