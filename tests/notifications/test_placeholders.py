"""What a text of a letter may hold: the names of one table and plain conditions, and nothing that computes."""

import ast
import inspect

import pytest
from flask import Flask

from intake.notifications import grammar, placeholders, texts
from intake.notifications.grammar import faults
from intake.notifications.placeholders import TABLE, Purpose, known_for
from intake.translations import LANGUAGES
from workflows.people import Audience

SCREENED = Purpose("expression", "screen", Audience.APPLICANT)
ASSIGNED = Purpose("expression", "assign", Audience.APPLICANT)
HEAD = "Subject: {{ reference }}: news\n\n"


def said(body: str, *, head: str = HEAD, purpose: Purpose = SCREENED) -> list[str]:
    """Why a text is refused, as sentences."""
    return [str(reason) for reason in faults(head + body, known_for(purpose))]


def codes(source: str, *needed: str) -> list[str]:
    """Why a whole source is refused, as codes."""
    return [reason.code for reason in faults(source, known_for(SCREENED), needed)]


def test_names_and_plain_conditions_are_allowed(app: Flask) -> None:
    body = (
        "Dear {{ recipient_name }},\n{% if reason %}\nWhy: {{ reason }}\n{% elif delegate %}\n{{ delegate }}\n"
        "{% else %}\nNone.\n{% endif %}\n{% if not delegate %}\nName one.\n{% endif %}\n{# a note #}\n{{ link }}\n"
    )

    assert said(body, purpose=ASSIGNED) == []


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("{% for point in points %}{{ point }}{% endfor %}", "not_understood"),
        ("{{ organisation.__class__.__mro__ }}", "not_understood"),
        ("{{ organisation['__class__'] }}", "not_understood"),
        ("{{ organisation|upper }}", "not_understood"),
        ("{% filter upper %}x{% endfilter %}", "not_understood"),
        ("{{ organisation() }}", "not_understood"),
        ("{{ range(10**9) }}", "not_understood"),
        ('{{ "a" * 10**9 }}', "not_understood"),
        ("{{ 2**2**2**2**2**2 }}", "not_understood"),
        ("{{ 7 }}", "not_understood"),
        ("{{ organisation ~ reference }}", "not_understood"),
        ("{{ organisation if reference else category }}", "not_understood"),
        ("{{ [organisation] }}", "not_understood"),
        ("{{ none }}", "not_understood"),
        ('{% include "signature.txt" %}', "not_understood"),
        ('{% import "x" as y %}', "not_understood"),
        ('{% from "x" import y %}', "not_understood"),
        ('{% extends "x" %}', "not_understood"),
        ("{% block x %}{% endblock %}", "not_understood"),
        ("{% macro x() %}{% endmacro %}", "not_understood"),
        ("{% set x = 1 %}", "not_understood"),
        ("{% set x %}y{% endset %}", "not_understood"),
        ("{% with x = 1 %}{% endwith %}", "not_understood"),
        ("{% if organisation == reference %}x{% endif %}", "not_understood"),
        ("{% if organisation is defined %}x{% endif %}", "not_understood"),
        ("{% if organisation and reference %}x{% endif %}", "not_understood"),
        ("{% raw %}{{ organisation }}{% endraw %}", "raw"),
        ("a\n{{- organisation }}", "marks"),
        ("{{ organisation -}}\nb", "marks"),
        ("{%- if organisation %}x{% endif %}", "marks"),
        ("{% do x %}", "syntax"),
        ("{{ organisation", "syntax"),
        ("{{ organisation }", "syntax"),
        ("{% if organisation %}x", "syntax"),
        ("{% endif %}", "syntax"),
        ("{{ }}", "syntax"),
        ("{{ self }}", "unknown"),
        ("{{ loop }}", "unknown"),
        ("{{ range }}", "unknown"),
        ("{{ staff_page }}", "unknown"),
        ("{{ points }}", "unknown"),
        ("{% if secret %}x{% endif %}", "unknown"),
    ],
)
def test_everything_else_is_refused_with_its_line(app: Flask, body: str, code: str) -> None:
    found = faults(f"{HEAD}First.\n{body}\n", known_for(SCREENED))

    assert [reason.code for reason in found][:1] == [code]
    assert str(found[0]).startswith("Line ")
    assert found[0].params["line"] in {3, 4, 5}


def test_the_sentence_names_the_line_and_the_way_out(app: Flask) -> None:
    assert said("One.\nTwo.\n{{ organisation.name }}\n") == [
        "Line 5: nothing can be reached with a point. Use one of the placeholders of the list."
    ]
    assert said("{{ organization }}\n") == [
        "Line 3: “organization” is no placeholder of this letter. The list under the text has those that are."
    ]


@pytest.mark.parametrize("deep", ["{% if reference %}" * 900 + "{% endif %}" * 900, "{{ " + "(" * 5_000 + " }}"])
def test_what_is_nested_too_deeply_is_refused(app: Flask, deep: str) -> None:
    assert set(codes(HEAD + deep)) <= {"nested", "too_long", "syntax"}
    assert codes(HEAD + deep)


def test_conditions_may_stand_in_each_other_a_few_times_and_still_be_rendered(app: Flask) -> None:
    deepest = "{% if reference %}" * grammar.DEEPEST + "x" + "{% endif %}" * grammar.DEEPEST

    assert codes(HEAD + deepest) == []
    assert grammar.ready(HEAD + deepest).body.render(reference="y") == "x"
    assert codes(f"{HEAD}{{% if reference %}}{deepest}{{% endif %}}") == ["nested"]


@pytest.mark.parametrize(
    "source",
    [
        "",
        "Text",
        "Subject:\n\nText",
        "Subject: \n\nText",
        "Subject: x\nText",
        "Subject: x\nBcc: y\n\nText",
        "Subject: x\n\n",
    ],
)
def test_a_text_needs_a_subject_an_empty_line_and_words(app: Flask, source: str) -> None:
    assert codes(source) == ["no_subject"]


def test_a_text_has_a_longest_size_in_bytes(app: Flask) -> None:
    assert codes(HEAD + "é" * 9_000) == []
    assert codes(HEAD + "é" * 10_000) == ["too_long"]


def test_what_is_of_several_lines_is_no_part_of_a_subject(app: Flask) -> None:
    assert codes("Subject: {{ signature }}\n\nText") == ["long"]
    assert codes("Subject: {{ link }}\n\nText") == ["long"]


def test_the_link_stands_once_and_alone_on_its_line(app: Flask) -> None:
    assert codes(f"{HEAD}  {{{{ link }}}}\n") == []
    assert codes(f"{HEAD}Here: {{{{ link }}}}\n") == ["link_not_alone"]
    assert codes(f"{HEAD}{{{{ link }}}}{{{{ reference }}}}\n") == ["link_not_alone"]
    assert codes(f"{HEAD}{{{{ link }}}}\n\n{{{{ link }}}}\n") == ["link_twice"]
    assert codes(f"{HEAD}[[your personal link]]\n") == ["link_in_words"]


def test_a_needed_placeholder_must_stand_outside_every_condition(app: Flask) -> None:
    assert codes(f"{HEAD}Text {{{{ organisation }}}}\n", "organisation", "reference") == []
    assert codes(f"{HEAD}{{% if organisation %}}{{{{ organisation }}}}{{% endif %}}\n", "organisation") == ["missing"]
    assert codes(f"{HEAD}Text\n", "organisation", "link") == ["missing", "missing"]


def test_every_shipped_text_keeps_to_what_staff_may_write(app: Flask) -> None:
    found = {
        (str(purpose), language): [str(reason) for reason in faults(source, known_for(purpose), texts.needed(purpose))]
        for purpose in texts.purposes()
        for language in LANGUAGES
        if (source := texts.shipped(purpose, language)) is not None
    }

    assert {where: said for where, said in found.items() if said} == {}
    assert len(found) >= 33


def test_every_letter_to_an_applicant_needs_its_link(app: Flask) -> None:
    to_applicants = [each for each in texts.purposes() if each.audience is Audience.APPLICANT]

    assert {each.kind for each in to_applicants if "link" not in texts.needed(each)} == set()
    assert {
        each.kind for each in texts.purposes() if "link" in texts.needed(each) and each not in to_applicants
    } == set()


def test_kinds_of_letters_have_one_folder_each(app: Flask) -> None:
    assert len({(each.kind, each.audience) for each in texts.purposes()}) == len(texts.purposes())


def test_every_placeholder_is_used_or_offered_and_has_a_meaning(app: Flask) -> None:
    offered = {name for purpose in texts.purposes() for name in known_for(purpose)}

    assert {row.name for row in TABLE} - offered == set()
    assert [row.name for row in TABLE if not row.meaning] == []
    assert all(row.name.isidentifier() and row.name.islower() for row in TABLE)


def test_the_table_is_the_only_place_that_knows_placeholders() -> None:
    tree = ast.parse(inspect.getsource(placeholders))

    tables = [node for node in tree.body if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "TABLE"]
    assert len(tables) == 1
