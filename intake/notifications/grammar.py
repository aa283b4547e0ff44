"""What a text of a letter may hold: names in double braces and plain conditions; it renders nothing and stores nothing.

A text is read as Jinja's syntax tree and everything but a few nodes is refused, so that no text, whoever wrote it,
can compute, loop or reach into objects.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from jinja2 import FileSystemLoader, StrictUndefined, Template, TemplateSyntaxError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from intake.models import LINK
from intake.notifications.placeholders import LINK_NAME, Placeholder
from intake.resources import folder
from workflows.workflow import Reason

MOST_BYTES = 20_000
DEEPEST = 4
"""Conditions inside conditions. Python compiles no more than a hundred, and nobody reads more than a few."""
SUBJECT = "Subject: "
LINES_BEFORE_THE_TEXT = 2
ALONE = re.compile(r"\{\{\s*" + LINK_NAME + r"\s*\}\}")


def _environment() -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(folder("templates") / "mail"),
        undefined=StrictUndefined,
        autoescape=False,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals.clear()
    environment.filters.clear()
    environment.tests.clear()
    return environment


ENVIRONMENT = _environment()

REFUSED: Mapping[type[nodes.Node], str] = {
    nodes.For: "Line %(line)s: a text cannot loop. Placeholders such as {{ points }} bring whole lists.",
    nodes.Getattr: "Line %(line)s: nothing can be reached with a point. Use one of the placeholders of the list.",
    nodes.Getitem: "Line %(line)s: nothing can be reached with brackets. Use one of the placeholders of the list.",
    nodes.Filter: "Line %(line)s: filters (with |) are not known. A placeholder brings its words as they are read.",
    nodes.FilterBlock: "Line %(line)s: filters are not known. A placeholder brings its words as they are read.",
    nodes.Call: "Line %(line)s: nothing can be called with parentheses. Use one of the placeholders of the list.",
    nodes.Include: "Line %(line)s: a text cannot include another. The signature comes with {{ signature }}.",
    nodes.Import: "Line %(line)s: a text cannot import another.",
    nodes.FromImport: "Line %(line)s: a text cannot import another.",
    nodes.Extends: "Line %(line)s: a text cannot extend another.",
    nodes.Block: "Line %(line)s: a text has no blocks.",
    nodes.Macro: "Line %(line)s: a text cannot define macros.",
    nodes.CallBlock: "Line %(line)s: a text cannot call macros.",
    nodes.Assign: "Line %(line)s: a text cannot set names.",
    nodes.AssignBlock: "Line %(line)s: a text cannot set names.",
    nodes.With: "Line %(line)s: a text cannot set names.",
}
UNREAD = {"no_subject", "nested", "syntax", "too_long"}
"""Faults after which a part of the text was not read, so that nobody can say what is missing."""
OTHER = "Line %(line)s: only {{ name }} and {%% if name %%} … {%% endif %%} are understood, with a name of the list."


@dataclass(frozen=True, slots=True)
class Named:
    """A placeholder that a text brings. `always`: outside every condition."""

    name: str
    line: int
    always: bool
    in_subject: bool = False


@dataclass(slots=True)
class Reading:
    """What was found in a text: the names that it uses, and what is refused."""

    named: list[Named] = field(default_factory=list)
    asked: list[Named] = field(default_factory=list)
    faults: list[Reason] = field(default_factory=list)

    def refuse(self, code: str, message: str, **params: object) -> None:
        """Note a fault; `message` is a gettext message."""
        self.faults.append(Reason(code, message, params))

    @property
    def always(self) -> frozenset[str]:
        """The names that every letter of this text will hold."""
        return frozenset(each.name for each in self.named if each.always)

    @property
    def names(self) -> frozenset[str]:
        """The names without which it cannot be rendered."""
        return frozenset(each.name for each in (*self.named, *self.asked))


@dataclass(frozen=True, slots=True)
class Parts:
    """A text made ready to be rendered."""

    subject: Template
    body: Template
    names: frozenset[str]


def split(source: str) -> tuple[str, str] | None:
    """Subject and text of a source that begins with a line "Subject: ..." and an empty line, else None."""
    head, _gap, body = source.partition("\n\n")
    subject = head.removeprefix(SUBJECT).strip()
    fine = head.startswith(SUBJECT) and "\n" not in head and subject and body.strip()
    return (subject, body) if fine else None


@lru_cache(maxsize=512)
def read(source: str) -> Reading:
    """Read a text without judging its names; the answer is shared, so it is not to be changed."""
    found = Reading()
    if len(source.encode()) > MOST_BYTES:
        found.refuse("too_long", "The text is too long: write at most %(most)s bytes.", most=f"{MOST_BYTES:,}")
        return found
    parts = split(source)
    if parts is None:
        said = "The first line must be “Subject: …” with some words, the second line empty, and then comes the text."
        found.refuse("no_subject", said)
        return found
    _read_part(parts[0], 1, found, in_subject=True)
    _read_part(parts[1], LINES_BEFORE_THE_TEXT + 1, found, in_subject=False)
    return found


def _read_part(source: str, first: int, found: Reading, *, in_subject: bool) -> None:
    try:
        _refuse_marks(source, first, found)
        tree = ENVIRONMENT.parse(source)
        _walk(tree.body, _Place(first - 1, found, in_subject=in_subject), depth=0)
    except TemplateSyntaxError as error:
        said = "Line %(line)s cannot be read: %(error)s Write {{ name }} with two braces on each side."
        found.refuse("syntax", said, line=error.lineno + first - 1, error=_sentence(error.message or ""))
    except RecursionError:
        found.refuse("nested", "The text is nested too deeply. Take conditions out.")


def _sentence(words: str) -> str:
    return words if words.endswith(".") else f"{words}."


def _refuse_marks(source: str, first: int, found: Reading) -> None:
    """Refuse what changes how the rest is read: signs that eat line ends, and raw text."""
    for line, kind, value in ENVIRONMENT.lex(source):
        if kind.startswith("raw"):
            found.refuse("raw", OTHER, line=line + first - 1)
        elif kind.endswith(("_begin", "_end")) and ("-" in value or "+" in value):
            said = "Line %(line)s: write the braces without - or +, so that lines end where you see them end."
            found.refuse("marks", said, line=line + first - 1)


@dataclass(frozen=True, slots=True)
class _Place:
    offset: int
    found: Reading
    in_subject: bool

    def named(self, node: nodes.Name, *, always: bool) -> Named:
        return Named(node.name, node.lineno + self.offset, always, self.in_subject)

    def refuse(self, node: nodes.Node) -> None:
        message = next((said for kind, said in REFUSED.items() if isinstance(node, kind)), OTHER)
        self.found.refuse("not_understood", message, line=node.lineno + self.offset)


def _walk(found: Iterable[nodes.Node], place: _Place, *, depth: int) -> None:
    for node in found:
        if isinstance(node, nodes.Output):
            _walk(node.nodes, place, depth=depth)
        elif isinstance(node, nodes.Name):
            place.found.named.append(place.named(node, always=depth == 0))
        elif isinstance(node, nodes.If):
            _walk_condition(node, place, depth=depth)
        elif not isinstance(node, nodes.TemplateData):
            place.refuse(node)


def _walk_condition(node: nodes.If, place: _Place, *, depth: int) -> None:
    if depth == DEEPEST:
        place.found.refuse(
            "nested", "Line %(line)s: conditions are nested too deeply.", line=node.lineno + place.offset
        )
        return
    test = node.test.node if isinstance(node.test, nodes.Not) else node.test
    if isinstance(test, nodes.Name):
        place.found.asked.append(place.named(test, always=False))
    else:
        place.refuse(test)
    for part in (node.body, node.elif_, node.else_):
        _walk(part, place, depth=depth + 1)


def faults(source: str, known: Mapping[str, Placeholder], needed: Collection[str] = ()) -> tuple[Reason, ...]:
    """Why a text is refused, each with its line: what it may not hold, unknown names, and needed ones it leaves out."""
    found = read(source)
    judged = Reading(faults=list(found.faults))
    for each in sorted((*found.named, *found.asked), key=lambda each: each.line):
        _judge(each, known, source, judged)
    if not {reason.code for reason in found.faults} & UNREAD:
        _judge_whole(source, found, needed, judged)
    return tuple(judged.faults)


def _judge(each: Named, known: Mapping[str, Placeholder], source: str, judged: Reading) -> None:
    if each.name not in known:
        said = "Line %(line)s: “%(name)s” is no placeholder of this letter. The list under the text has those that are."
        judged.refuse("unknown", said, line=each.line, name=each.name)
    elif each.in_subject and known[each.name].is_long:
        said = "Line %(line)s: %(name)s is too long for a subject; bring it in the text."
        judged.refuse("long", said, line=each.line, name=each.name)
    elif each.name == LINK_NAME and not ALONE.fullmatch(source.split("\n")[each.line - 1].strip()):
        said = (
            "Line %(line)s: {{ link }} must stand alone on its line, or the reader's programme will not see the link."
        )
        judged.refuse("link_not_alone", said, line=each.line)


def _judge_whole(source: str, found: Reading, needed: Collection[str], judged: Reading) -> None:
    if [each.name for each in found.named].count(LINK_NAME) > 1:
        judged.refuse("link_twice", "{{ link }} may stand there only once.")
    if LINK in source:
        said = "Write {{ link }} instead of “%(words)s”; nothing else becomes the recipient's link."
        judged.refuse("link_in_words", said, words=LINK)
    for name in sorted(set(needed) - found.always):
        said = "{{ %(name)s }} is missing: the recipient needs it, outside every condition."
        judged.refuse("missing", said, name=name)


def ready(source: str) -> Parts:
    """The parts of a text that has no faults."""
    parts = split(source)
    assert parts is not None, "its faults were looked for before"  # noqa: S101
    subject, body = (ENVIRONMENT.from_string(part) for part in parts)
    return Parts(subject, body, read(source).names)
