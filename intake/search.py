"""Finds expressions by their words, with the same results on SQLite and PostgreSQL; it decides nobody's access.

An expression's words and marks stand in `search_words`; a search asks for words by how they begin. A mark says in which
country or category an expression is, so that a rare one is found without looking at all. A draft has no words here.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    Select,
    and_,
    bindparam,
    cast,
    column,
    delete,
    event,
    func,
    insert,
    inspect,
    literal,
    select,
    table,
)
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.orm import PassiveFlag, Session, UOWTransaction
from sqlalchemy.orm.attributes import History, get_history

from intake.extensions import db
from intake.models import Expression
from intake.models.search_words import SEARCH_INDEX, SearchWords
from workflows.expression import State

LONGEST_WORD = 64
"""Characters of a word that count; what follows is not looked at, neither here nor in a search."""
SAID = ("statement", "target", "link")
"""The facts of a criterion in which somebody may search; the others are codes, dates, sums and people."""
WATCHED = ("reference", "organisation_name", "communities", "criteria", "category", "country", "preferences")
BATCH = 500
PLAIN = re.compile("[a-z0-9]+")
ACCENTS = re.compile(
    "[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f\u0483-\u0489\u0591-\u05bd\u05bf\u05c1\u05c2"
    "\u05c4\u05c5\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed]"
)
"""Marks of Latin, Greek, Cyrillic, Hebrew and Arabic letters, and the stroke that only makes an Arabic word longer."""
UNSPACED = re.compile(
    "[\u0e00-\u0edf\u1000-\u109f\u1780-\u17dd\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uf900-\ufaff\U0001b000-\U0001b16f\U00020000-\U0003ffff]+"
)
"""Han, Kana, Thai, Lao, Burmese and Khmer, which are written without spaces between words."""


def words(text: str) -> frozenset[str]:
    """The words of a text in the form in which they are compared: small letters, no accents, no signs.

    What is written without spaces gives every pair of neighbours, and the last character alone.
    """
    if text.isascii():
        return frozenset(word[:LONGEST_WORD] for word in PLAIN.findall(text.lower()))
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    bare = unicodedata.normalize("NFC", ACCENTS.sub("", plain))
    spaced = "".join(_parted(letter) for letter in bare)
    return frozenset(part for run in spaced.split() for part in _parts(run))


@lru_cache(maxsize=4_096)
def _parted(letter: str) -> str:
    """A letter, number or mark as it is; nothing for what nobody sees, such as a soft hyphen; a space for all else."""
    kind = unicodedata.category(letter)
    return letter if kind[0] in "LNM" else "" if kind == "Cf" else " "


def _parts(run: str) -> Iterator[str]:
    end = 0
    for unspaced in UNSPACED.finditer(run):
        yield from filter(None, [run[end : unspaced.start()][:LONGEST_WORD]])
        yield from (unspaced[0][place : place + 2] for place in range(len(unspaced[0])))
        end = unspaced.end()
    yield from filter(None, [run[end:][:LONGEST_WORD]])


def mark(kind: str, value: str) -> str:
    """A word that no text contains, for a code of an expression."""
    return "_" + re.sub(r"[^a-z0-9]", "_", f"{kind}_{value}".casefold())


def words_of(row: Mapping[str, Any] | RowMapping) -> str:
    """All words and marks of one expression, each once, between spaces."""
    texts = [row["reference"], row["organisation_name"], row["communities"]]
    for facts in row["criteria"].values():
        texts += [str(facts.get(name) or "") for name in SAID]
    preferences = row["preferences"]
    marks = [mark("country", row["country"]), mark("category", row["category"])]
    marks += [mark("first", area) for area in preferences[:1]] + [mark("any", area) for area in preferences]
    return " ".join(sorted({*words("\n".join(texts)), *marks}))


def store(connection: Connection, rows: Sequence[Mapping[str, Any] | RowMapping]) -> None:
    """Write the words of expressions anew; a row has the columns of `WATCHED` and `id`."""
    if not rows:
        return
    connection.execute(delete(SearchWords).where(SearchWords.expression_id.in_([row["id"] for row in rows])))
    given: ColumnElement[Any] = bindparam("given")
    if connection.dialect.name == "postgresql":
        given = func.array_to_tsvector(func.string_to_array(given, " "))
    put = insert(SearchWords).values(expression_id=bindparam("key"), words=given)
    connection.execute(put, [{"key": row["id"], "given": words_of(row)} for row in rows])


@event.listens_for(db.session, "after_flush")
def _follow(session: Session, _context: UOWTransaction) -> None:
    """Whatever way an expression is stored or changed, its words follow in the same transaction.

    A deleted one takes its words along in the database.
    """
    changed = [thing for thing in {*session.new, *session.dirty} if isinstance(thing, Expression) and _needs(thing)]
    store(session.connection(), [_row(expression) for expression in changed])


def _needs(expression: Expression) -> bool:
    if expression.state is State.DRAFT:
        return False
    touched = {"state", *WATCHED} - inspect(expression).unmodified
    changes = ((name, get_history(expression, name, PassiveFlag.PASSIVE_NO_INITIALIZE)) for name in touched)
    return any(_is_news(name, change) for name, change in changes)


def _is_news(name: str, change: History) -> bool:
    return State.DRAFT in (change.deleted or ()) if name == "state" else change.has_changes()


def _row(expression: Expression) -> dict[str, Any]:
    return {name: getattr(expression, name) for name in ("id", *WATCHED)}


def rebuild() -> int:
    """Write the words of all expressions anew, in batches that are committed, and give their number."""
    db.session.execute(delete(SearchWords))
    columns = [getattr(Expression, name) for name in ("id", *WATCHED)]
    submitted = select(*columns).where(Expression.state != State.DRAFT).order_by(Expression.id).limit(BATCH)
    done = last = 0
    while batch := db.session.execute(submitted.where(Expression.id > last)).mappings().all():
        store(db.session.connection(), batch)
        db.session.commit()
        done, last = done + len(batch), batch[-1]["id"]
    db.session.commit()
    return done


@dataclass(frozen=True, slots=True)
class Sought:
    """What is looked for: each word as the beginning of one, and of each group of marks at least one."""

    words: frozenset[str] = frozenset()
    marks: tuple[frozenset[str], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.words or self.marks)


def matching(sought: Sought) -> Select[int]:
    """The ids of the expressions that have it all, in no order. `sought` must not be empty."""
    if db.engine.dialect.name == "postgresql":
        asked = _for_postgres(sought)
        return select(SearchWords.expression_id).where(SearchWords.words.bool_op("@@")(asked))
    index = table(SEARCH_INDEX, column("rowid"))
    wanted = literal(_asked(sought, '"{}"', " OR ", " AND ", '"{}"*'))
    return select(index.c.rowid).where(column(SEARCH_INDEX).bool_op("MATCH")(wanted))


def _for_postgres(sought: Sought) -> ColumnElement[str]:
    """Written out in the statement: a plan made for any query whatever reads all that match before it stops."""
    asked = _asked(sought, "'{}'", " | ", " & ", "'{}':*")
    return cast(literal(asked, literal_execute=True), TSQUERY)


def _asked(sought: Sought, marked: str, either: str, both: str, begins: str) -> str:
    """A query in the language of the database; words hold letters and numbers alone, so that nothing needs escaping."""
    groups = [f"({either.join(marked.format(one) for one in sorted(group))})" for group in sought.marks]
    return both.join([*groups, *(begins.format(word) for word in sorted(sought.words))])


def has_words(sought: Iterable[str]) -> ColumnElement[bool]:
    """Whether an expression has words that begin so: asked of one row after the other, where very many match."""
    of_this = select(_test(frozenset(sought))).where(SearchWords.expression_id == Expression.id)
    return of_this.correlate(Expression).scalar_subquery()


def _test(sought: frozenset[str]) -> ColumnElement[bool]:
    if db.engine.dialect.name == "postgresql":
        return SearchWords.words.bool_op("@@")(_for_postgres(Sought(sought)))
    all_words = literal(" ") + SearchWords.words
    return and_(*(func.instr(all_words, f" {word}") > 0 for word in sorted(sought)))
