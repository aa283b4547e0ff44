"""Notes of staff on an expression, whom they mention, and reminders; it leaves the commit to its caller.

Whoever has a conflict of interest with the applicant neither reads nor writes any of it. No page of an applicant and no
letter holds a word of it: a letter says at most that there is a note, and where.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select, update
from sqlalchemy.orm import joinedload, selectinload

from intake import conflicts
from intake.extensions import db
from intake.models import Expression, Mention, Note, Reminder, User, now
from workflows.expression import State
from workflows.workflow import Reason, Refused

ERASED = Reason("erased", "The personal data are erased; a note would bring some back.")
MOST_WAITING = 50
"""Mentions or reminders that one page or letter shows; the oldest come first, so that none is passed over for ever."""
AT = re.compile(r"(?<![\w@./])@(?=\w)")
ENDS = re.compile(r"(?!\w|[-.'’@]\w)")
"""What may follow a name, so that @anna is not read out of @anna-maria or @anna.keller."""


@dataclass(frozen=True, slots=True)
class Company:
    """The staff around one expression: those free to talk of it, and those whom a conflict of interest keeps out."""

    free: tuple[User, ...]
    barred: tuple[User, ...]
    mine: str | None = None
    """The conflict of interest of whoever asks, in words; None when there is none."""


@dataclass(frozen=True, slots=True)
class Told:
    """Whom a note reached, whom a conflict of interest kept out, and names in it that fit several colleagues."""

    mentioned: tuple[User, ...]
    barred: tuple[User, ...]
    unclear: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Waiting:
    """A mention or a reminder with the expression that it is about."""

    about: Expression
    by: str
    text: str
    key: int
    """The id of the note or of the reminder."""


def company(expression: Expression, person: User) -> Company:
    """Who works here, without the one who asks; two statements."""
    working = select(User).where(User.active.is_(True), User.roles.any()).options(joinedload(User.roles))
    everybody = db.session.scalars(working.order_by(User.name, User.email)).unique().all()
    found = conflicts.among([expression], {person, *everybody})
    barred = {user_id for _expression_id, user_id in found}
    others = [user for user in everybody if user.id != person.id]
    mine = found.get((expression.id, person.id))
    return Company(
        tuple(user for user in others if user.id not in barred),
        tuple(user for user in others if user.id in barred),
        mine.words if mine else None,
    )


def handle(user: User, among: Iterable[User]) -> str:
    """The shortest that one can write after @ so that nobody else of these people is meant."""
    own = _spellings(user)
    taken = {spelling for other in among if other.id != user.id for spelling in _spellings(other)}
    free = [spelling for spelling in own if spelling not in taken and " " not in spelling]
    return min(free, key=len, default=user.email)


def _spellings(user: User) -> set[str]:
    """How colleagues write a name after @: all of it, its first word, without spaces, or the mail address."""
    name, address = " ".join(user.name.casefold().split()), user.email.casefold()
    first = name.partition(" ")[0]
    return {name, first, name.replace(" ", ""), name.replace(" ", "."), address, address.partition("@")[0]} - {""}


def named(text: str, people: Sequence[User]) -> tuple[set[User], list[str]]:
    """The people whom `@name` means in a text, and spellings that fit several of them."""
    by_spelling: dict[str, set[User]] = {}
    for user in people:
        for spelling in _spellings(user):
            by_spelling.setdefault(spelling, set()).add(user)
    longest_first = sorted(by_spelling, key=len, reverse=True)
    meant: set[User] = set()
    unclear: dict[str, None] = {}
    folded = text.casefold()
    for at in AT.finditer(folded):
        spelling = next((each for each in longest_first if _stands(each, folded, at.end())), "")
        candidates = by_spelling.get(spelling, set())
        if len(candidates) > 1:
            unclear[spelling] = None
        else:
            meant |= candidates
    return meant, list(unclear)


def _stands(spelling: str, text: str, at: int) -> bool:
    return text.startswith(spelling, at) and ENDS.match(text, at + len(spelling)) is not None


def add(expression: Expression, *, text: str, author: User, ticked: Collection[int] = ()) -> Told:
    """Store a note that mentions those ticked and those named after @.

    Raises `Refused` for a conflict of interest, and where the personal data are erased.
    """
    conflicts.refuse(expression, author)
    if expression.erased_at is not None:
        raise Refused([ERASED])
    around = company(expression, author)
    meant, unclear = named(text, [*around.free, *around.barred, author])
    told = [user for user in around.free if user in meant or user.id in ticked]
    note = Note(expression_id=expression.id, author_id=author.id, author_name=author.called, text=text)
    note.mentions = [Mention(user_id=user.id) for user in told]
    db.session.add(note)
    barred = tuple(user for user in around.barred if user in meant or user.id in ticked)
    return Told(tuple(told), barred, tuple(unclear))


def of_expression(expression: Expression) -> list[Note]:
    """Every note with whom it mentions, oldest first; the caller asks for no one with a conflict of interest."""
    written = select(Note).where(Note.expression_id == expression.id).order_by(Note.created_at, Note.id)
    return list(db.session.scalars(written.options(selectinload(Note.mentions).joinedload(Mention.user))))


def mentions_of(user: User) -> list[Waiting]:
    """Unread notes that mention somebody, without those that a conflict of interest hides; oldest first."""
    unread = (
        select(Note, Expression)
        .join(Mention, Mention.note_id == Note.id)
        .join(Expression, Expression.id == Note.expression_id)
        .where(Mention.user_id == user.id, Mention.seen_at.is_(None), Expression.state != State.DRAFT)
        .order_by(Note.created_at, Note.id)
        .limit(MOST_WAITING)
    )
    rows = [(note, about) for note, about in db.session.execute(unread)]
    hidden = conflicts.among([about for _note, about in rows], [user]) if rows else {}
    return [
        Waiting(about, note.author_name, note.text, note.id)
        for note, about in rows
        if (about.id, user.id) not in hidden
    ]


def mark_read(user: User, notes: Collection[int]) -> None:
    """Mark mentions of somebody as read; those of others stay as they are."""
    own = update(Mention).where(Mention.user_id == user.id, Mention.note_id.in_(notes), Mention.seen_at.is_(None))
    db.session.execute(own.values(seen_at=now()))


def remind(expression: Expression, *, user: User, on: date, text: str) -> None:
    """Store a reminder of one's own. Raises `Refused` for a conflict of interest."""
    conflicts.refuse(expression, user)
    db.session.add(Reminder(expression_id=expression.id, user_id=user.id, on=on, text=text))


def reminders_on(expression: Expression, user: User) -> list[Reminder]:
    """Somebody's own reminders of an expression that are not done, the next one first."""
    own = select(Reminder).where(Reminder.expression_id == expression.id, Reminder.user_id == user.id)
    return list(db.session.scalars(own.where(Reminder.done_at.is_(None)).order_by(Reminder.on, Reminder.id)))


def reminders_due(user: User, day: date) -> list[Waiting]:
    """Somebody's reminders whose day has come and that are not done, without those a conflict hides."""
    due = (
        select(Reminder, Expression)
        .join(Expression, Expression.id == Reminder.expression_id)
        .where(Reminder.user_id == user.id, Reminder.done_at.is_(None), Reminder.on <= day)
        .order_by(Reminder.on, Reminder.id)
        .limit(MOST_WAITING)
    )
    rows = [(reminder, about) for reminder, about in db.session.execute(due)]
    hidden = conflicts.among([about for _reminder, about in rows], [user]) if rows else {}
    return [
        Waiting(about, user.called, reminder.text, reminder.id)
        for reminder, about in rows
        if (about.id, user.id) not in hidden
    ]


def finish(user: User, reminders: Collection[int]) -> None:
    """Mark reminders of somebody as done; those of others stay as they are."""
    own = update(Reminder).where(Reminder.user_id == user.id, Reminder.id.in_(reminders), Reminder.done_at.is_(None))
    db.session.execute(own.values(done_at=now()))
