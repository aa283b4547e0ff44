"""Full-text search: what a word is, and that both databases find what plain Python finds."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text

from intake import search
from intake.extensions import db
from intake.models import Expression, SearchWords
from workflows.expression import State

Make = Callable[..., Expression]

CORPUS = (
    "Ministère de la Transition numérique – Bénin",
    "MINISTERE DES POSTES",
    "Jean-Luc's Rock & Roll O'Reilly (South)",
    "Straße und Schienen GmbH",
    "数字化转型联盟",
    "数码学校",
    "ひらがなとカタカナ",
    "องค์การโทรศัพท์",
    "وزارة الاتصالات",
    "إتّصالات",
    "Министерство цифрового развития",
    "Ёлка",
    "Ινστιτούτο Ψηφιακό",
    "İstanbul Üniversitesi",
    "한국 통신",
    "भारत दूरसंचार",
    "AND OR NOT NEAR",
    "100% of 10_000 schools",
    "Café №5 ½ ﬁbre",
    "soft\u00adhyphen",
    "x" * 200,
    "🚀 Rocket 🚀",
    "null\\backslash",
    "Nothing here",
)
QUERIES = (
    *("ministere", "MINISTÈRE", "minist", "benin num", "numerique benin", "transition-numérique", "inistere"),
    *("o'reilly", "jean-luc", "rock & roll", '"south"', "(south)", "strasse", "STRASSE und", "schienen gmbh"),
    *("数字", "字", "数", "数学", "化转", "カ", "ひらがな", "โทร", "การ", "وزارة", "وزاره", "اتصالات", "إتّ"),
    *("министерство", "МИНИСТ", "елка", "ινστιτουτο", "ψηφ", "istanbul", "üni", "한국", "한", "भारत", "भा"),
    *("and", "AND", "not near", "OR", "near(", "NOT x", "*", "minist*", "100%", "%", "10_000", "_", "10_00"),
    *("cafe 5", "fibre", "½", "softhyphen", "soft hyphen", "x" * 64, "x" * 150, "x" * 63 + "y", "🚀", "🚀 rocket"),
    *("null\\back", "'", '"', "'foo' | 'bar'", "words: nothing", "^nothing", "{here}", "a" * 500, "nothing " * 60, ""),
)


def found(query: str) -> set[str]:
    """The names that the database finds; all of them where no word is asked for."""
    sought = search.Sought(search.words(query))
    ids = search.matching(sought) if sought else select(Expression.id)
    return set(db.session.scalars(select(Expression.organisation_name).where(Expression.id.in_(ids))))


def walked(query: str) -> set[str]:
    """The same, asked of each row."""
    asked = search.words(query)
    rows = select(Expression.organisation_name)
    return set(db.session.scalars(rows.where(search.has_words(asked)) if asked else rows))


def expected(query: str) -> set[str]:
    """What plain Python finds among the names and the numbers that are their references."""
    asked = search.words(query)
    known = {name: search.words(f"{name} {number}") for number, name in enumerate(CORPUS)}
    return {name for name, words in known.items() if all(any(word.startswith(one) for word in words) for one in asked)}


@pytest.fixture
def corpus(expression: Make) -> None:
    """An expression of each name, with its number as the only other word."""
    alone: dict[str, Any] = {"criteria": {}, "communities": "", "duplicate_acknowledged": True}
    for number, name in enumerate(CORPUS):
        expression(organisation_name=name, reference=str(number), **alone)


def test_both_ways_to_search_find_what_plain_python_finds(corpus: None) -> None:
    wanted = {query: expected(query) for query in QUERIES}

    assert {query: found(query) for query in QUERIES} == wanted
    assert {query: walked(query) for query in QUERIES} == wanted


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("ministere", ["MINISTERE DES POSTES", "Ministère de la Transition numérique – Bénin"]),
        ("numérique BENIN", ["Ministère de la Transition numérique – Bénin"]),
        ("strasse", ["Straße und Schienen GmbH"]),
        ("数字", ["数字化转型联盟"]),
        ("数", ["数字化转型联盟", "数码学校"]),
        ("اتصالات", ["إتّصالات"]),
        ("o'reilly", ["Jean-Luc's Rock & Roll O'Reilly (South)"]),
        ("not near", ["AND OR NOT NEAR"]),
        ("softhyphen", ["soft\u00adhyphen"]),
        ("inistere", []),
    ],
)
def test_a_search_finds(query: str, names: list[str], corpus: None) -> None:
    assert sorted(found(query)) == names


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("Ministère", {"ministere"}),
        ("L’eau, l'air", {"l", "eau", "air"}),
        ("P2C-7K3M-Q9XD", {"p2c", "7k3m", "q9xd"}),
        ("数字化", {"数字", "字化", "化"}),
        ("IT部門2", {"it", "部門", "門", "2"}),
        ("ガギ", {"ガギ", "ギ"}),
        ("한국", {"한국"}),
        ("भारत", {"भारत"}),
        ("کتاب‌ها", {"کتابها"}),
        ("مــحــمــد", {"محمد"}),
        ("x" * 65, {"x" * 64}),
        ("% _ * ' \" 🚀 \x00", set()),
    ],
)
def test_a_word_is(written: str, words: set[str]) -> None:
    assert search.words(written) == words


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(query=st.text(max_size=60))
def test_no_text_breaks_a_search(query: str, app: Flask) -> None:
    sought = search.Sought(search.words(query), (frozenset({search.mark("country", query)}),))

    assert db.session.scalars(search.matching(sought)).all() == []
    assert db.session.scalars(select(Expression.id).where(search.has_words({*sought.words, "x"}))).all() == []


def test_statements_targets_communities_and_references_are_searched(expression: Make) -> None:
    facts = {"pledge": {"statement": "We lay fibre.", "target": "Forty islands", "pledge_type": "financial"}}
    stored = expression(organisation_name="Asked", criteria=facts, communities="Fishers", reference="P2C-AAAA-BBBB")

    words = ("fibre", "islands", "fishers", "p2c-aaaa", "bbbb", "financial")

    assert [bool(found(word)) for word in words] == [True, True, True, True, True, False]
    assert db.session.scalars(select(SearchWords.expression_id)).all() == [stored.id]


def test_words_follow_every_change_in_the_same_transaction(expression: Make) -> None:
    stored = expression(organisation_name="Before")

    stored.organisation_name = "After"
    db.session.flush()
    during = (found("before"), found("after"))
    db.session.rollback()
    undone = (found("before"), found("after"))
    stored.criteria = {**stored.criteria, "commitment": {"statement": "Lighthouses"}}
    db.session.commit()

    assert during == (set(), {"After"})
    assert undone == ({"Before"}, set())
    assert found("lighthouses") == {"Before"}


def test_a_deleted_expression_is_not_found(expression: Make) -> None:
    stored = expression(organisation_name="Gone")

    db.session.delete(stored)
    db.session.commit()

    assert db.session.scalars(search.matching(search.Sought(frozenset({"gone"})))).all() == []


def test_a_draft_has_no_words_until_it_is_sent(expression: Make) -> None:
    draft = expression(State.DRAFT, organisation_name="Secret")
    before = db.session.scalars(select(SearchWords.expression_id)).all()

    sent: Any = {"state": State.SUBMITTED, "submitted_at": draft.created_at}
    for name, value in sent.items():
        setattr(draft, name, value)
    db.session.commit()

    assert before == []
    assert found("secret") == {"Secret"}


def test_a_change_of_something_else_leaves_the_words_alone(expression: Make) -> None:
    stored = expression(organisation_name="Same")
    db.session.execute(text("DELETE FROM search_words"))

    stored.screener_id = None
    stored.contact_name = "Another officer"
    db.session.commit()

    assert found("same") == set()


def test_rebuilding_brings_back_what_was_lost(expression: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "BATCH", 2)
    names = {f"Number {number}" for number in range(5)}
    for name in names:
        expression(organisation_name=name)
    expression(State.DRAFT)
    db.session.execute(text("DELETE FROM search_words"))
    db.session.commit()

    assert search.rebuild() == 5
    assert found("number") == names
