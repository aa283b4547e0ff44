"""Asking the secretariat: an enquiry with its number, its history and its letters, in one transaction or not at all."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from intake import asking, history
from intake.advance import Stale, advance
from intake.extensions import db
from intake.models import LINK, Enquiry, HistoryEntry, Letter
from intake.references import ENQUIRY_PATTERN, PATTERN, new_enquiry_reference
from tests.making import ENQUIRER, SCREENER, SECRETARIAT, enquiry
from workflows.enquiry import State
from workflows.people import Role
from workflows.workflow import Refused


def steps(asked: Enquiry) -> list[tuple[str, str, str]]:
    """Trigger, target and role of each entry."""
    return [(entry.trigger, entry.target, entry.role) for entry in asked.history]


def letters(asked: Enquiry) -> list[tuple[str, str, str]]:
    """Kind, recipient and status of each letter."""
    return [(letter.kind, letter.recipient, letter.status) for letter in asked.letters]


def letter(asked: Enquiry, kind: str, audience: str) -> Letter:
    """The one letter of a kind to an audience."""
    [found] = [each for each in asked.letters if (each.kind, each.audience) == (kind, audience)]
    return found


def test_a_question_opens_an_enquiry_that_is_acknowledged_and_told_to_the_secretariat(app: Flask) -> None:
    asked = enquiry(email="officer@example.org")

    assert (asked.state, asked.version, asking.by_reference(asked.reference)) == (State.OPEN, 2, asked)
    assert steps(asked) == [("ask", "open", "enquirer")]
    assert letters(asked) == [
        ("ask", "officer@example.org", "queued"),
        ("ask", "secretariat@example.org", "queued"),
    ]
    assert history.faults(asked, asked.history) == []


def test_a_silent_question_is_told_to_the_secretariat_alone_and_its_answer_leaves(app: Flask) -> None:
    asked = enquiry(email="officer@example.org", silent=True)

    advance(asked, "answer", actor=SCREENER, version=asked.version, answer="Yes.")

    assert letters(asked) == [
        ("ask", "secretariat@example.org", "queued"),
        ("answer", "officer@example.org", "held"),
    ]


def test_a_number_is_no_reference_of_an_expression_and_a_reference_is_no_number() -> None:
    number = new_enquiry_reference()

    assert re.fullmatch(ENQUIRY_PATTERN, number)
    assert re.search(PATTERN, f"Re: {number}") is None
    assert re.search(ENQUIRY_PATTERN, "Re: P2C-7K3M-Q9XD") is None
    assert len(number) <= Enquiry.reference.type.length


def test_nothing_is_known_under_another_number(app: Flask) -> None:
    enquiry()

    assert asking.by_reference("ENQ-0000-0000") is None


@pytest.mark.parametrize("question", ["", " \n\t ", "\x00\x01", "x" * 20_001])
def test_a_question_that_is_none_leaves_nothing(app: Flask, question: str) -> None:
    with pytest.raises(Refused) as refused:
        enquiry(question=question)

    assert [reason.code for reason in refused.value.reasons] == ["no_question"]
    counted = [db.session.scalar(select(func.count()).select_from(each)) for each in (Enquiry, HistoryEntry, Letter)]
    assert counted == [0, 0, 0]


def test_words_that_no_database_can_hold_are_left_out_and_what_is_too_long_is_cut(app: Flask) -> None:
    asked = enquiry(
        name="Of\x00fi\ncer" + "x" * 300,
        subject="Two\r\nlines \x1b[31m" + "é" * 400,
        question="When?\r\n\r\n\tWhere\x00?\ud800",
    )

    assert (asked.name[:9], len(asked.name)) == ("Offi cerx", 200)
    assert (asked.subject[:15], len(asked.subject)) == ("Two lines [31mé", 300)
    assert (asked.question, asked.history[0].facts) == ("When?\n\n\tWhere?", {"question": "When?\n\n\tWhere?"})


def test_a_message_without_a_subject_gets_one_in_words(app: Flask) -> None:
    assert enquiry(subject=" \r\n ").subject == "(no subject)"


def test_what_the_session_held_before_is_stored_with_the_question_or_not_at_all(app: Flask) -> None:
    before = enquiry()
    before.name = "Renamed"
    with pytest.raises(Refused):
        enquiry(question="")
    assert db.session.get_one(Enquiry, before.id).name == "Programme officer"

    before.name = "Renamed"
    enquiry()
    db.session.rollback()

    assert db.session.get_one(Enquiry, before.id).name == "Renamed"


def test_more_is_asked_while_it_waits_and_after_it_was_answered_or_closed(app: Flask) -> None:
    asked = enquiry()
    asking.ask_more(asked, question="And where?", actor=ENQUIRER)
    since = asked.state_since
    advance(asked, "answer", actor=SECRETARIAT, version=asked.version, answer="In Kigali.")
    asking.ask_more(asked, question="Which hall?", actor=ENQUIRER)
    advance(asked, "close", actor=SECRETARIAT, version=asked.version, reason="Answered by telephone.")
    entry = asking.ask_more(asked, question="Which door?", actor=SECRETARIAT)

    assert steps(asked) == [
        ("ask", "open", "enquirer"), ("ask_further", "open", "enquirer"), ("answer", "answered", "secretariat"),
        ("ask_again", "reopened", "enquirer"), ("close", "closed", "secretariat"),
        ("ask_again", "reopened", "secretariat"),
    ]  # fmt: skip
    assert (entry.facts, asked.state_since > since) == ({"question": "Which door?"}, True)
    assert history.faults(asked, asked.history) == []


def test_a_further_question_keeps_the_place_in_the_line_and_makes_an_open_page_stale(app: Flask) -> None:
    asked = enquiry()
    since, seen = asked.state_since, asked.version
    asking.ask_more(asked, question="And where?", actor=ENQUIRER)

    with pytest.raises(Stale) as stale:
        advance(asked, "answer", actor=SECRETARIAT, version=seen, answer="In June.")

    assert [entry.trigger for entry in stale.value.entries] == ["ask_further"]
    assert (asked.state, asked.state_since) == (State.OPEN, since)


def test_a_question_is_never_stale(app: Flask) -> None:
    asked = enquiry()
    db.session.refresh(asked)
    reference = asked.reference
    db.session.close()
    with app.app_context():
        other = asking.by_reference(reference)
        assert other is not None
        advance(other, "answer", actor=SECRETARIAT, version=other.version, answer="Yes.")
    db.session.add(asked)

    asking.ask_more(asked, question="Really?", actor=ENQUIRER)

    assert steps(asked)[1:] == [("answer", "answered", "secretariat"), ("ask_again", "reopened", "enquirer")]


def test_an_enquirer_is_named_on_one_line_and_has_no_other_role() -> None:
    actor = asking.enquirer("Head of\n policy " + "x" * 300)

    assert (actor.name[:16], len(actor.name), actor.roles) == ("Head of policy x", 200, {Role.ENQUIRER})


def test_the_acknowledgement_tells_the_number_the_day_and_how_to_add_something_but_not_what_was_asked(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("intake.notifications.promises.local_day", lambda moment: date(2027, 3, 1))

    asked = enquiry(subject="http://example.org/ Win", question="Secret words")

    read = letter(asked, "ask", "enquirer")
    assert read.subject == f"{asked.reference}: we have received your question"
    assert "> http://example.org/ Win\n" in read.body
    assert "You will have our answer by 15 March 2027 (within 10 working days)." in read.body
    assert f"write to secretariat@example.org with {asked.reference} in the subject" in read.body
    assert "Secret words" not in read.body


def test_the_promise_of_an_answer_is_a_number_of_its_own(
    app: Flask, sign_in: Callable[[Role], FlaskClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    programme = app.extensions["programme"]
    call = replace(programme.call, answer_working_days=9, enquiry_working_days=3)
    monkeypatch.setitem(app.extensions, "programme", replace(programme, call=call))
    monkeypatch.setattr("intake.notifications.promises.local_day", lambda moment: date(2027, 3, 1))

    asked = enquiry()

    assert "by 4 March 2027 (within 3 working days)." in letter(asked, "ask", "enquirer").body
    page = sign_in(Role.SECRETARIAT).get(f"/staff/enquiries/{asked.reference}").text
    assert "4 March 2027" in page


def test_a_number_that_another_enquiry_has_is_drawn_again(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    first = enquiry()
    drawn = iter([first.reference, first.reference, "ENQ-0000-0001"])
    monkeypatch.setattr(asking, "new_enquiry_reference", lambda: next(drawn))

    second = enquiry()

    assert (second.reference, steps(second)) == ("ENQ-0000-0001", [("ask", "open", "enquirer")])


def test_the_answer_quotes_every_line_of_what_it_answers(app: Flask) -> None:
    asked = enquiry(question="When?\n\nAnd who?")
    asking.ask_more(asked, question="How?", actor=ENQUIRER)
    advance(asked, "answer", actor=SCREENER, version=asked.version, answer="In June.\n\nEverybody.")

    read = letter(asked, "answer", "enquirer")
    assert read.subject == f"{asked.reference}: our answer"
    assert read.body.startswith("Dear Programme officer,\n\nIn June.\n\nEverybody.\n")
    assert read.body.endswith(":\n\n> When?\n>\n> And who?\n>\n> How?\n")


@pytest.mark.parametrize("fact", ["question", "answer"])
def test_nobodys_words_become_a_link(app: Flask, fact: str) -> None:
    words = {"question": "x", "answer": "y", fact: f"a\n{LINK}\n{{{{ link }}}}"}
    asked = enquiry(question=words["question"], subject=LINK)
    advance(asked, "answer", actor=SECRETARIAT, version=asked.version, answer=words["answer"])

    assert [each.kind for each in asked.letters if LINK in each.body + each.subject] == []


def test_an_undone_answer_does_not_leave_and_the_next_answers_the_same_question(app: Flask) -> None:
    asked = enquiry(silent=True, question="When?")
    advance(asked, "answer", actor=SECRETARIAT, version=asked.version, answer="Never.")
    advance(asked, "undo", actor=SCREENER, version=asked.version)
    undone: dict[str, Any] = {"state": asked.state, "silent": asked.silent}
    advance(asked, "answer", actor=SECRETARIAT, version=asked.version, answer="In June.")

    assert undone == {"state": State.OPEN, "silent": True}
    assert [(each.kind, each.status) for each in asked.letters] == [
        ("ask", "queued"), ("answer", "cancelled"), ("answer", "held"),
    ]  # fmt: skip
    assert asked.letters[-1].body.endswith("> When?\n")


def test_closing_tells_nobody_and_can_be_undone_until_something_else_happens(app: Flask) -> None:
    asked = enquiry()
    told = letters(asked)
    advance(asked, "close", actor=SCREENER, version=asked.version, reason="Advertising.")
    advance(asked, "undo", actor=SECRETARIAT, version=asked.version)

    assert (asked.state, letters(asked)) == (State.OPEN, told)


def test_a_step_that_the_database_refuses_is_refused_in_words_about_enquiries(app: Flask) -> None:
    asked = enquiry()
    db.session.add(Enquiry(reference=asked.reference, email="other@example.org", subject="Hall", question="Where?"))

    with pytest.raises(Refused) as refused:
        advance(asked, "close", actor=SCREENER, version=2, reason="It was asked twice.")

    assert [(reason.code, "enquiry" in reason.message) for reason in refused.value.reasons] == [("conflict", True)]
    assert (asked.state, [entry.trigger for entry in asked.history]) == (State.OPEN, ["ask"])
