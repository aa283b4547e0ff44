"""Which text of a letter holds: the newest that staff have written, or the shipped one; it renders nothing."""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from jinja2 import TemplateNotFound
from sqlalchemy import ColumnElement, Select, bindparam, func, select
from sqlalchemy.exc import IntegrityError

from intake.extensions import db
from intake.models import LetterText
from intake.notifications import grammar
from intake.notifications.grammar import ENVIRONMENT
from intake.notifications.placeholders import Purpose, known_for
from intake.translations import ENGLISH, LANGUAGES
from workflows.enquiry import ENQUIRY
from workflows.expression import EXPRESSION
from workflows.people import Actor, Audience
from workflows.workflow import Reason, Refused

FILE = re.compile(r"(?P<folder>[a-z_]+)/(?P<kind>[a-z_]+)\.(?P<audience>[a-z_]+)\.txt")
CHANGED = Reason(
    "changed",
    "Somebody has saved a newer version of this text since you opened it. Your words are kept here: compare them with "
    "the newest version below and save again.",
)


@dataclass(frozen=True, slots=True)
class Texts:
    """What staff have written for one kind of letter, by audience and language."""

    written: Mapping[tuple[Audience, str], str]

    def find(self, purpose: Purpose, language: str) -> tuple[str, str]:
        """The text that holds for a reader of this language, and its own language. Raises `TemplateNotFound`."""
        for each in dict.fromkeys((language, ENGLISH)):
            text = self.written.get((purpose.audience, each)) or shipped(purpose, each)
            if text:
                return text, each
        raise TemplateNotFound(f"{purpose}.txt")


def _newest_ids(*which: ColumnElement[bool]) -> Select[int]:
    of_each = (LetterText.folder, LetterText.kind, LetterText.audience, LetterText.language)
    return select(func.max(LetterText.id)).where(*which).group_by(*of_each)


OF_KIND = select(LetterText.audience, LetterText.language, LetterText.text).where(
    LetterText.id.in_(_newest_ids(LetterText.folder == bindparam("folder"), LetterText.kind == bindparam("kind")))
)
"""Written once: every step that tells somebody asks for its texts."""


def of(folder: str, kind: str) -> Texts:
    """The texts of a kind, in one statement."""
    mine = db.session.execute(OF_KIND, {"folder": folder, "kind": kind})
    return Texts({(audience, language): text for audience, language, text in mine})


def _newest(*which: ColumnElement[bool]) -> Sequence[LetterText]:
    return db.session.scalars(select(LetterText).where(LetterText.id.in_(_newest_ids(*which)))).all()


@cache
def shipped(purpose: Purpose, language: str) -> str | None:
    """The text in templates/mail that is written in this language; an English one carries none in its name.

    It is read once: it changes with the program alone.
    """
    assert ENVIRONMENT.loader is not None, "it is made with one"  # noqa: S101
    name = f"{purpose}.txt" if language == ENGLISH else f"{purpose}.{language}.txt"
    try:
        return ENVIRONMENT.loader.get_source(ENVIRONMENT, name)[0]
    except TemplateNotFound:
        return None


@cache
def purposes() -> tuple[Purpose, ...]:
    """Every kind of letter with its audiences, in the order of the table; each has a shipped English text."""
    found = (FILE.fullmatch(name) for name in ENVIRONMENT.list_templates())
    made = (Purpose(each["folder"], each["kind"], Audience(each["audience"])) for each in found if each)
    tables = [(workflow.name, trigger) for workflow in (EXPRESSION, ENQUIRY) for trigger in workflow.triggers]
    order, readers = {row: number for number, row in enumerate(tables)}, list(Audience)

    def place(each: Purpose) -> tuple[int, str, int]:
        return order.get((each.folder, each.kind), len(order)), each.kind, readers.index(each.audience)

    return tuple(sorted(made, key=place))


def digest(text: str) -> str:
    """A mark of a text, by which it shows that the text has changed."""
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Standing:
    """One text as it stands: what is shipped, the newest version of staff, and the English that holds."""

    purpose: Purpose
    language: str
    shipped: str | None
    version: LetterText | None
    english: str
    shipped_english: str

    @property
    def is_written(self) -> bool:
        """Staff have put their own words in place of the shipped ones."""
        return self.version is not None and bool(self.version.text)

    @property
    def is_own(self) -> bool:
        """There are words in this very language; otherwise its readers get the English."""
        return self.is_written or self.shipped is not None

    @property
    def text(self) -> str:
        """The text that holds for readers of this language."""
        return (self.version.text if self.version else "") or self.shipped or self.english

    @property
    def number(self) -> int:
        """How many versions were saved."""
        return self.version.number if self.version else 0

    @property
    def differs(self) -> bool:
        """It is a translation of an English text that no longer holds."""
        if self.language == ENGLISH or not self.is_own:
            return False
        translated = self.version.english_digest if self.version and self.is_written else digest(self.shipped_english)
        return translated != digest(self.english)

    @property
    def faults(self) -> tuple[Reason, ...]:
        """Why it cannot be sent as it is, which can come to be when the programme's placeholders change."""
        return grammar.faults(self.text, known_for(self.purpose), needed(self.purpose)) if self.is_written else ()


def standings() -> Mapping[Purpose, Mapping[str, Standing]]:
    """Every text by purpose and language, in one statement."""
    return _standings(purposes(), _newest())


def standing(purpose: Purpose, language: str) -> Standing:
    """One text."""
    return _standings([purpose], _newest(*_serves(purpose)))[purpose][language]


def _standings(asked: Iterable[Purpose], written: Iterable[LetterText]) -> Mapping[Purpose, Mapping[str, Standing]]:
    versions = {(each.folder, each.kind, each.audience, each.language): each for each in written}
    found: dict[Purpose, dict[str, Standing]] = {}
    for purpose in asked:
        of_english = versions.get((purpose.folder, purpose.kind, purpose.audience, ENGLISH))
        shipped_english = shipped(purpose, ENGLISH) or ""
        english = (of_english.text if of_english else "") or shipped_english
        found[purpose] = {
            language: Standing(
                purpose,
                language,
                shipped(purpose, language),
                versions.get((purpose.folder, purpose.kind, purpose.audience, language)),
                english,
                shipped_english,
            )
            for language in LANGUAGES
        }
    return found


def versions(purpose: Purpose, language: str) -> Sequence[LetterText]:
    """Every version of a text, newest first."""
    mine = select(LetterText).where(*_serves(purpose), LetterText.language == language)
    return db.session.scalars(mine.order_by(LetterText.number.desc())).all()


def _serves(purpose: Purpose) -> tuple[ColumnElement[bool], ...]:
    of_kind = LetterText.folder == purpose.folder, LetterText.kind == purpose.kind
    return *of_kind, LetterText.audience == purpose.audience


def needed(purpose: Purpose) -> frozenset[str]:
    """The placeholders that no text of this purpose may leave out: those that the shipped one always brings."""
    source, known = shipped(purpose, ENGLISH) or "", known_for(purpose)
    return frozenset(name for name in grammar.read(source).always if name in known and not known[name].is_courtesy)


def tidied(text: str) -> str:
    """A text as it is kept: no blanks at the ends of its lines, one line end at its own."""
    lines = "\n".join(line.rstrip() for line in text.strip().split("\n"))
    return f"{lines}\n" if lines else ""


def check(purpose: Purpose, text: str) -> None:
    """Raises `Refused` with everything that is wrong with a text."""
    wrong = grammar.faults(text, known_for(purpose), needed(purpose))
    if wrong:
        raise Refused(wrong)


def save(purpose: Purpose, language: str, text: str, *, by: Actor, seen: int) -> LetterText:
    """Keep a new version, which holds from the commit of the caller on; an empty text lets the shipped one hold again.

    `seen` is the number of the version that the person saw. Raises `Refused`, and then nothing is kept.
    """
    kept = tidied(text)
    if kept:
        check(purpose, kept)
    known = standing(purpose, language)
    if known.number != seen:
        raise Refused([CHANGED])
    english = (kept or shipped(purpose, ENGLISH) or "") if language == ENGLISH else known.english
    version = LetterText(
        folder=purpose.folder,
        kind=purpose.kind,
        audience=purpose.audience,
        language=language,
        number=seen + 1,
        text=kept,
        english_digest=digest(english),
        author_id=by.user_id,
        author_name=by.name,
    )
    db.session.add(version)
    try:
        db.session.flush()
    except IntegrityError as error:
        db.session.rollback()
        raise Refused([CHANGED]) from error
    return version
