"""What is different between two texts, word by word, as pieces to be shown; it knows nothing of what the texts say."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

Kind = Literal["same", "gone", "new"]
SIGN = "\u3005-\u3007\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
"""Chinese and Japanese writing, which puts no space between words: each sign is compared by itself."""
MARK = (
    "\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u0900-\u0963\u0966-\u0dff"
    "\u0e31-\u0e4e\u1ab0-\u1aff\u200c\u200d\ufe00-\ufe0f\ufe20-\ufe2f"
)
"""What is written on or between the letters of one word, such as vowels in Arabic; never parted from its letter."""
TOKENS = re.compile(rf"[{SIGN}][{MARK}]*|(?:(?![{SIGN}])[\w{MARK}])+|\s+|[^\w\s{MARK}]")
SENTENCES = re.compile(r"[^.!?؟。！？\n]*(?:[.!?؟。！？\n]+\s*|\Z)")
MOST_PAIRS = 40_000
"""So many pairs of words, or of sentences, are compared at most, which takes some milliseconds at the worst."""
CONTEXT = 24
"""Words and spaces that are shown on each side of a change; what lies further away is left out."""
LEFT_OUT = " … "
Change = tuple[list[str], list[str], list[str]]
"""Words that stand in both texts, and after them what is gone and what is new."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Some words that stand in both texts, in the one before alone, or in the one after alone."""

    kind: Kind
    text: str


def differences(before: str, after: str) -> list[Piece]:
    """The pieces that lead from one text to the other; none when they are the same.

    Where too many words lie between the first and the last change, sentences are compared, or both are shown whole.
    """
    if before == after:
        return []
    old, new = TOKENS.findall(before), TOKENS.findall(after)
    pieces: list[Piece] = []
    found = list(_joined(_changes(old, new)))
    for place, (kept, gone, added) in enumerate(found):
        ends = place == len(found) - 1 and not (gone or added)
        pieces += [_kept(kept, begins=place == 0, ends=ends)] if kept else []
        pieces += _changed("".join(gone), "".join(added))
    return pieces


def _joined(changes: Iterator[Change]) -> Iterator[Change]:
    """The same with changes in one that have nothing but a space between them."""
    last: Change | None = None
    for kept, gone, added in changes:
        if last is None:
            last = (kept, gone, added)
        elif (last[1] or last[2]) and not "".join(kept).strip():
            last = (last[0], [*last[1], *kept, *gone], [*last[2], *kept, *added])
        elif not (last[1] or last[2]):
            last = ([*last[0], *kept], gone, added)
        else:
            yield last
            last = (kept, gone, added)
    if last is not None:
        yield last


def _changes(old: list[str], new: list[str]) -> Iterator[Change]:
    """What both begin with, the changes between, what both end with."""
    shorter = min(len(old), len(new))
    head = next((place for place in range(shorter) if old[place] != new[place]), shorter)
    rest = shorter - head
    tail = next((place for place in range(rest) if old[-1 - place] != new[-1 - place]), rest)
    yield old[:head], [], []
    yield from _between(old[head : len(old) - tail], new[head : len(new) - tail])
    yield old[len(old) - tail :], [], []


def _between(old: list[str], new: list[str]) -> Iterator[Change]:
    if len(old) * len(new) <= MOST_PAIRS:
        yield from _compared(old, new)
        return
    before, after = (SENTENCES.findall("".join(words)) for words in (old, new))
    if len(before) * len(after) > MOST_PAIRS:
        yield [], old, new
        return
    found = [(_words(kept), _words(gone), _words(added)) for kept, gone, added in _compared(before, after)]
    is_little = sum(len(gone) * len(added) for _kept, gone, added in found) <= MOST_PAIRS
    for kept, gone, added in found:
        yield kept, [], []
        yield from _compared(gone, added) if is_little else [([], gone, added)]


def _words(sentences: list[str]) -> list[str]:
    return TOKENS.findall("".join(sentences))


def _compared(old: Sequence[str], new: Sequence[str]) -> Iterator[Change]:
    kept: list[str] = []
    for tag, start, end, new_start, new_end in SequenceMatcher(None, old, new).get_opcodes():
        if tag == "equal":
            kept = list(old[start:end])
        else:
            yield kept, list(old[start:end]), list(new[new_start:new_end])
            kept = []
    if kept:
        yield kept, [], []


def _kept(words: list[str], *, begins: bool, ends: bool) -> Piece:
    """Words that stand in both, without those that are far from any change."""
    head = [] if begins else words[:CONTEXT]
    tail = [] if ends else words[max(len(head), len(words) - CONTEXT) :]
    left_out = [LEFT_OUT] if len(head) + len(tail) < len(words) else []
    return Piece("same", "".join([*head, *left_out, *tail]))


def _changed(gone: str, added: str) -> list[Piece]:
    pieces = (Piece("gone", gone), Piece("new", added))
    return [piece for piece in pieces if piece.text]
