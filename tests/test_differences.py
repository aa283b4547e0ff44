"""Two texts beside each other: what is gone, what is new, and how much around it is shown."""

from difflib import SequenceMatcher

import pytest

from intake.differences import MOST_PAIRS, Piece, differences


@pytest.mark.parametrize(
    ("before", "after", "pieces"),
    [
        ("We connect.", "We connect.", []),
        ("", "Now.", [("new", "Now.")]),
        ("Once.", "", [("gone", "Once.")]),
        ("40 schools by 2027", "90 schools by 2027", [("gone", "40"), ("new", "90"), ("same", " schools by 2027")]),
        ("We connect.", "We connect. And train.", [("same", "We connect."), ("new", " And train.")]),
        ("the old way", "our new way", [("gone", "the old"), ("new", "our new"), ("same", " way")]),
        (
            "连接四十所学校。",
            "连接九十所学校。",
            [("same", "连接"), ("gone", "四"), ("new", "九"), ("same", "十所学校。")],
        ),
        (
            "نربط أربعين مدرسة",
            "نربط تسعين مدرسة",
            [("same", "نربط "), ("gone", "أربعين"), ("new", "تسعين"), ("same", " مدرسة")],
        ),
        ("كِتَابٌ", "كِتَابًا", [("gone", "كِتَابٌ"), ("new", "كِتَابًا")]),
        ("<b>", "<i>", [("same", "<"), ("gone", "b"), ("new", "i"), ("same", ">")]),
    ],
)
def test_texts_differ_by_words_and_signs(before: str, after: str, pieces: list[tuple[str, str]]) -> None:
    assert [(piece.kind, piece.text) for piece in differences(before, after)] == pieces


def test_what_is_far_from_every_change_is_left_out() -> None:
    same = "word " * 100

    assert differences(f"{same}end", f"{same}END") == [
        Piece("same", " … " + " ".join(["", *["word"] * 12, ""])[1:]),
        Piece("gone", "end"),
        Piece("new", "END"),
    ]


def said(before: str, after: str) -> tuple[str, str]:
    """Both texts, put together again from the pieces; nothing may be left out of them."""
    pieces = differences(before, after)
    sides = [[piece.text for piece in pieces if piece.kind != other] for other in ("new", "gone")]
    return "".join(sides[0]), "".join(sides[1])


def sentences(count: int, first: str, last: str) -> str:
    """A text with another first and last word."""
    between = " ".join(f"School {number} gets a line and a teacher." for number in range(count))
    return f"{first} we begin. {between} We end {last}."


def test_a_long_text_that_changed_at_both_ends_is_compared_by_sentences() -> None:
    pieces = differences(sentences(100, "Today", "here"), sentences(100, "Now", "there"))

    assert [(piece.kind, piece.text) for piece in pieces if piece.kind != "same"] == [
        ("gone", "Today"),
        ("new", "Now"),
        ("gone", "here"),
        ("new", "there"),
    ]


def test_what_is_too_long_to_compare_is_shown_whole() -> None:
    before, after = "a." * 30_000 + "b", "c." * 30_000 + "d"

    assert differences(before, after) == [Piece("gone", before), Piece("new", after)]


@pytest.mark.parametrize("rows", [1, 40, 1000])
def test_both_texts_can_be_read_from_the_pieces(rows: int) -> None:
    before = "".join(f"{number % 7}+" for number in range(rows))
    after = "".join(f"{number % 5}-" for number in range(rows))

    assert said(before, after) == (before, after)


def test_hostile_texts_are_compared_within_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    class Counting(SequenceMatcher[str]):
        def __init__(self, junk: None, old: list[str], new: list[str]) -> None:
            asked.append(len(old) * len(new))
            super().__init__(junk, old, new)

    monkeypatch.setattr("intake.differences.SequenceMatcher", Counting)
    for sign in ("a ", ". ", "字", "\n", "\u064b", "a.b "):
        differences("x" + sign * 5000 + "y", "z" + sign * 4999 + "w")

    assert max(asked, default=0) <= MOST_PAIRS
    assert sum(asked) <= 12 * MOST_PAIRS
