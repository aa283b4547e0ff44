"""What is different between two texts, word by word, as pieces to be shown; it knows nothing of what the texts say."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

Kind = Literal["same", "gone", "new"]
TOKENS = re.compile(r"\S+\s*|\s+")
CONTEXT = 12
"""Words that are shown on each side of a change; what lies further away is left out."""
LEFT_OUT = "… "


@dataclass(frozen=True, slots=True)
class Piece:
    """Some words that stand in both texts, in the one before alone, or in the one after alone."""

    kind: Kind
    text: str


def differences(before: str, after: str) -> list[Piece]:
    """The pieces that lead from one text to the other; none when they are the same."""
    old, new = TOKENS.findall(before), TOKENS.findall(after)
    steps = SequenceMatcher(None, old, new).get_opcodes()
    if all(tag == "equal" for tag, *_ in steps):
        return []
    pieces: list[Piece] = []
    for tag, start, end, new_start, new_end in steps:
        if tag == "equal":
            pieces += _kept(old[start:end], first=start == 0, last=end == len(old))
        else:
            pieces += _changed(old[start:end], new[new_start:new_end])
    return pieces


def _kept(words: list[str], *, first: bool, last: bool) -> Iterator[Piece]:
    """Words that stand in both, without those that are far from any change."""
    head = [] if first else words[:CONTEXT]
    tail = [] if last else words[max(len(head), len(words) - CONTEXT) :]
    left_out = [LEFT_OUT] if len(head) + len(tail) < len(words) else []
    yield Piece("same", "".join([*head, *left_out, *tail]))


def _changed(gone: list[str], new: list[str]) -> Iterator[Piece]:
    if gone:
        yield Piece("gone", "".join(gone))
    if new:
        yield Piece("new", "".join(new))
