"""What is different between two texts, word by word, as pieces to be shown; it knows nothing of what the texts say."""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

Kind = Literal["same", "gone", "new"]
TOKENS = re.compile(r"\w+|\s+|[^\w\s]")
CONTEXT = 24
"""Words and spaces that are shown on each side of a change; what lies further away is left out."""
LEFT_OUT = " … "


@dataclass(frozen=True, slots=True)
class Piece:
    """Some words that stand in both texts, in the one before alone, or in the one after alone."""

    kind: Kind
    text: str


def differences(before: str, after: str) -> list[Piece]:
    """The pieces that lead from one text to the other; none when they are the same."""
    if before == after:
        return []
    old, new = TOKENS.findall(before), TOKENS.findall(after)
    pieces: list[Piece] = []
    gone, added = "", ""
    for tag, start, end, new_start, new_end in SequenceMatcher(None, old, new).get_opcodes():
        kept = "".join(old[start:end])
        if tag == "equal" and (kept.strip() or not (gone or added)):
            pieces += _changed(gone, added)
            begins, ends = start == new_start == 0, (end, new_end) == (len(old), len(new))
            pieces.append(_kept(old[start:end], begins=begins, ends=ends))
            gone, added = "", ""
        else:
            gone, added = gone + kept, added + "".join(new[new_start:new_end])
    return [*pieces, *_changed(gone, added)]


def _kept(words: list[str], *, begins: bool, ends: bool) -> Piece:
    """Words that stand in both, without those that are far from any change."""
    head = [] if begins else words[:CONTEXT]
    tail = [] if ends else words[max(len(head), len(words) - CONTEXT) :]
    left_out = [LEFT_OUT] if len(head) + len(tail) < len(words) else []
    return Piece("same", "".join([*head, *left_out, *tail]))


def _changed(gone: str, added: str) -> list[Piece]:
    pieces = (Piece("gone", gone), Piece("new", added))
    return [piece for piece in pieces if piece.text]
