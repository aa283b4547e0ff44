"""Two texts beside each other: what is gone, what is new, and how much around it is shown."""

import pytest

from intake.screening.differences import Piece, differences


@pytest.mark.parametrize(
    ("before", "after", "pieces"),
    [
        ("We connect.", "We connect.", []),
        ("", "Now.", [("new", "Now.")]),
        ("Once.", "", [("gone", "Once.")]),
        ("40 schools by 2027", "90 schools by 2027", [("gone", "40"), ("new", "90"), ("same", " schools by 2027")]),
        ("We connect.", "We connect. And train.", [("same", "We connect."), ("new", " And train.")]),
        ("the old way", "our new way", [("gone", "the old"), ("new", "our new"), ("same", " way")]),
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
