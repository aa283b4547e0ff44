"""The pages of enquiries: what waits, one conversation with its steps, what is refused, and entering one by hand."""

import html
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from intake import asking
from intake.advance import advance
from intake.extensions import db
from intake.models import Enquiry, Expression, Kind, LetterStatus, LetterText, ReceivedMessage
from tests.making import ENQUIRER, SCREENER, SECRETARIAT, enquiry
from tests.statements import counted
from workflows.enquiry import State
from workflows.expression import State as ExpressionState
from workflows.people import Audience, Role

Make = Callable[..., Expression]
SignIn = Callable[[Role], FlaskClient]
LIST = "/staff/enquiries"


@pytest.fixture
def browser(sign_in: SignIn) -> FlaskClient:
    """The secretariat's browser."""
    return sign_in(Role.SECRETARIAT)


def page_of(asked: Enquiry, step: str = "") -> str:
    """The address of an enquiry, or of one of its steps."""
    return f"{LIST}/{asked.reference}/{step}".rstrip("/")


def send(browser: FlaskClient, asked: Enquiry, step: str, **facts: Any) -> TestResponse:
    """Take a step as the page does that shows the enquiry as it is now."""
    return browser.post(page_of(asked, step), data={"version": asked.version, **facts})


def numbers(page: str) -> list[str]:
    """The numbers of the enquiries in a list, in its order."""
    return re.findall(r'href="/staff/enquiries/(ENQ-[0-9A-Z-]+)"', page)


def since(asked: Enquiry, days: int) -> Enquiry:
    """The enquiry, waiting for so many days."""
    asked.state_since = datetime.now(UTC) - timedelta(days=days)
    db.session.commit()
    return asked


def answered(**changes: Any) -> Enquiry:
    """An enquiry with an answer."""
    asked = enquiry(**changes)
    advance(asked, "answer", actor=SCREENER, version=asked.version, answer="In June.")
    return asked


def words(page: TestResponse) -> str:
    """A page without its white space and its entities."""
    return " ".join(html.unescape(page.text).split())


def test_the_list_shows_those_that_wait_the_longest_wait_first(browser: FlaskClient) -> None:
    late, new, again = since(enquiry(), 30), since(enquiry(), 1), answered()
    asking.ask_more(again, question="Which day?", actor=ENQUIRER)
    again = since(again, 5)
    answered()

    page = browser.get(LIST)

    assert numbers(page.text) == [late.reference, again.reference, new.reference]
    assert (page.text.count("Overdue"), page.text.count(">Open again<")) == (1, 1)
    assert f"{(datetime.now(UTC) - timedelta(days=30)):%-d %B %Y}" in page.text
    assert "(Geneva time)" in page.text


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?state=all", ["answered", "closed", "open"]),
        ("?state=open", ["open"]),
        ("?state=answered", ["answered"]),
        ("?state=closed", ["closed"]),
        ("?state=reopened", []),
        ("?q=EXAMPLE.org", ["answered", "closed", "open"]),
        ("?q=officer@", ["closed"]),
        ("?q=roundTABLE", ["answered"]),
        ("?state=open&q=roundtable", []),
        ("?q=%25", []),
        ("?q=head+of", ["open"]),
    ],
)
def test_enquiries_are_found_by_state_address_name_and_subject(
    browser: FlaskClient, query: str, found: list[str]
) -> None:
    closed = enquiry(email="officer@example.org", name="")
    advance(closed, "close", actor=SECRETARIAT, version=closed.version, reason="Advertising.")
    named = {
        since(enquiry(name="Head of policy"), 9).reference: "open",
        since(closed, 5).reference: "closed",
        since(answered(subject="Language of the Roundtable", name=""), 2).reference: "answered",
    }

    assert [named[number] for number in numbers(browser.get(LIST + query).text)] == found


def test_an_enquiry_is_found_by_its_number(browser: FlaskClient) -> None:
    enquiry()
    wanted = answered()

    assert numbers(browser.get(f"{LIST}?q={wanted.reference.lower()}").text) == [wanted.reference]


def test_pages_of_the_list_follow_each_other_both_ways(browser: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("intake.enquiries.queries.PAGE", 2)
    wanted = [since(enquiry(), days).reference for days in (9, 8, 7, 6, 5)]

    first = browser.get(LIST).text
    second = browser.get(link(first, "next")).text
    third = browser.get(link(second, "next")).text
    back = browser.get(link(second, "prev")).text

    assert [*numbers(first), *numbers(second), *numbers(third)] == wanted
    assert (numbers(back), 'rel="next"' in third) == (numbers(first), False)


def link(page: str, rel: str) -> str:
    """The address of the next or the previous page."""
    return html.unescape(page.split(f'rel="{rel}" href="')[1].split('"')[0])


def test_the_number_of_statements_does_not_grow_with_the_rows(browser: FlaskClient) -> None:
    found = []
    for more in (1, 2):
        for _ in range(more):
            enquiry()
        db.session.rollback()
        with counted() as statements:
            assert len(numbers(browser.get(LIST).text)) in {1, 3}
        found.append(len(statements))

    assert found[0] == found[1]


def test_a_page_of_letters_names_what_each_is_about_with_as_many_statements_as_one(
    browser: FlaskClient, expression: Make
) -> None:
    found = []
    for more in (1, 2):
        for _ in range(more):
            enquiry()
            ghana = expression(ExpressionState.SUBMITTED, met=True)
            advance(ghana, "screen", actor=SCREENER, version=ghana.version)
        db.session.rollback()
        with counted() as statements:
            page = browser.get("/staff/outbox").text
        found.append(len(statements))

    assert found[0] == found[1]
    assert (page.count("<dt>Enquiry</dt>"), page.count("<dt>Expression</dt>")) == (6, 6)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("", "Nobody waits for an answer"),
        ("?state=closed", "No enquiry is in this state."),
        ("?q=zebra", "No enquiry in this list holds “zebra”."),
        ("?state=lost", "“lost” is not known here and was left out."),
        ("?from=nowhere", "“nowhere” is not known here and was left out."),
    ],
)
def test_an_empty_list_says_why(browser: FlaskClient, query: str, said: str) -> None:
    assert said in words(browser.get(LIST + query))


def test_an_enquiry_shows_the_whole_conversation_its_letters_and_its_mail(
    browser: FlaskClient, expression: Make
) -> None:
    ghana = expression(organisation_name="Ministry of Roads")
    asked = enquiry(question="When <b>?", name="Head of policy")
    asking.ask_more(asked, question="And where?", actor=ENQUIRER)
    advance(asked, "answer", actor=SCREENER, version=asked.version, answer="In June.")
    advance(asked, "undo", actor=SECRETARIAT, version=asked.version)
    advance(asked, "relate", actor=SECRETARIAT, version=asked.version, expression=ghana.reference)
    keep_mail(asked)

    page = browser.get(page_of(asked)).text

    told = ["When &lt;b&gt;?", "And where?", "Answered (taken back)", "Last step undone", "Linked"]
    assert sorted(told, key=page.index) == told
    assert re.findall(r'class="tag tone-[a-z]+">([^<]+)<', page) == [
        "Open", "Cancelled", "Waiting to be sent", "Waiting to be sent", "Waiting to be sent",
    ]  # fmt: skip
    assert f'href="/staff/expressions/{ghana.reference}"><bdi>Ministry of Roads</bdi>' in page
    assert "As it came, word for word" in page


@pytest.mark.parametrize(
    ("role", "opens"), [(Role.SCREENER, False), (Role.SECRETARIAT, True), (Role.ADMINISTRATOR, True)]
)
def test_a_message_is_opened_by_those_who_may_open_mail(sign_in: SignIn, role: Role, opens: bool) -> None:
    asked = enquiry()
    message = keep_mail(asked)

    page = sign_in(role).get(page_of(asked)).text

    assert ("As it came, word for word" in page, f'href="/staff/received/{message.id}"' in page) == (True, opens)


def keep_mail(asked: Enquiry) -> ReceivedMessage:
    """A message that belongs to an enquiry."""
    message = ReceivedMessage(
        identity="one", source="maildir", kind=Kind.ENQUIRY, sender=asked.email, size=90, enquiry_id=asked.id,
        words="As it came, word for word",
    )  # fmt: skip
    db.session.add(message)
    db.session.commit()
    return message


@pytest.mark.parametrize("role", [Role.SCREENER, Role.SECRETARIAT])
def test_an_answer_is_held_and_can_be_undone_from_the_page(sign_in: SignIn, role: Role) -> None:
    browser, asked = sign_in(role), enquiry()

    answer = send(browser, asked, "answer", answer="In June.\r\nIn Kigali.")

    db.session.refresh(asked)
    page = words(browser.get(page_of(asked)))
    assert (answer.status_code, answer.location, asked.state) == (303, page_of(asked), State.ANSWERED)
    assert asked.history[-1].facts == {"answer": "In June.\nIn Kigali."}
    assert "The answer is written. It leaves at " in page
    assert "Takes back “Answered” and its letters. Possible until" in page

    assert send(browser, asked, "undo").status_code == 303
    db.session.refresh(asked)
    assert (asked.state, asked.letters[-1].status) == (State.OPEN, LetterStatus.CANCELLED)
    assert "It is again: Open." in browser.get(page_of(asked)).text


def test_an_answer_that_has_left_can_no_longer_be_undone(browser: FlaskClient) -> None:
    asked = answered()
    asked.letters[-1].status = LetterStatus.SENT
    db.session.commit()

    refused = send(browser, asked, "undo")

    assert "“Answered” can no longer be undone: its letters have left." in words(browser.get(page_of(asked)))
    assert (refused.status_code, "The letters of this step have left" in refused.text) == (409, True)


def test_a_closed_enquiry_is_opened_again_by_undo_as_nobody_was_told(browser: FlaskClient) -> None:
    asked = enquiry()

    assert send(browser, asked, "close", reason="Advertising.").status_code == 303
    assert "Takes back “Closed”, of which nobody was told." in words(browser.get(page_of(asked)))


def test_a_stale_answer_keeps_its_words_and_shows_what_happened_meanwhile(browser: FlaskClient) -> None:
    asked = enquiry()
    seen = asked.version
    asking.ask_more(asked, question="And where?", actor=ENQUIRER)

    late = browser.post(page_of(asked, "answer"), data={"version": seen, "answer": "Long & careful."})

    notice = late.text.split("Something happened since you opened the page")[1].split("</ol>")[0]
    assert (late.status_code, "And where?" in notice, "When" in notice) == (409, True, False)
    assert ">\nLong &amp; careful.</textarea>" in late.text.replace("\r", "")
    assert re.findall(r'name="version" type="hidden" value="([0-9]+)"', late.text) == [str(asked.version)]
    db.session.refresh(asked)
    assert (asked.state, asked.version) == (State.OPEN, 3)


def test_words_for_a_step_that_is_no_longer_open_can_be_copied(browser: FlaskClient) -> None:
    asked = enquiry()
    seen = asked.version
    advance(asked, "close", actor=SCREENER, version=seen, reason="Advertising.")

    late = browser.post(page_of(asked, "answer"), data={"version": seen, "answer": "Long and careful."})

    assert (late.status_code, "This step is no longer open" in late.text) == (409, True)
    assert "Long and careful." in late.text.split("What you had written")[1]


@pytest.mark.parametrize(
    ("step", "facts", "status", "said"),
    [
        ("answer", {"answer": " "}, 409, "Write the answer, in at most 20000 characters."),
        ("answer", {"answer": "x" * 20_001}, 422, "write at most 20,000 characters"),
        ("close", {"reason": ""}, 409, "Say why it is closed without an answer"),
        ("relate", {"expression": "P2C-0000-0000"}, 409, "has the reference “P2C-0000-0000”"),
        ("ask_further", {"question": ""}, 409, "Write the question"),
        ("undo", {}, 403, "is not a step that can follow"),
        ("ask_again", {"question": "x"}, 403, "is not a step that can follow"),
    ],
)
def test_what_cannot_be_done_is_refused_with_the_way_out(
    browser: FlaskClient, step: str, facts: dict[str, str], status: int, said: str
) -> None:
    asked = enquiry()

    refused = send(browser, asked, step, **facts)

    db.session.refresh(asked)
    assert (refused.status_code, said in words(refused)) == (status, True)
    assert (asked.state, asked.version) == (State.OPEN, 2)


def test_an_enquiry_is_linked_to_an_expression_and_the_link_taken_away(browser: FlaskClient, expression: Make) -> None:
    asked, ghana, draft = enquiry(), expression(), expression(ExpressionState.DRAFT)

    of_draft = send(browser, asked, "relate", expression=draft.reference)
    send(browser, asked, "relate", expression=f" {ghana.reference.lower()} ")
    db.session.refresh(asked)
    linked = asked.expression_id
    known = browser.get(page_of(asked, "relate")).text
    send(browser, asked, "relate", expression="")

    db.session.refresh(asked)
    assert (of_draft.status_code, linked, asked.expression_id) == (409, ghana.id, None)
    assert f'value="{ghana.reference}"' in known
    assert "It is about no expression any more." in browser.get(page_of(asked)).text


def test_administrators_read_and_take_no_step(sign_in: SignIn) -> None:
    browser, asked = sign_in(Role.ADMINISTRATOR), enquiry(question="When?")

    page = browser.get(page_of(asked)).text

    assert ("When?" in page, "<textarea" in page) == (True, False)
    assert "no step from this state belongs to your role" in page
    assert send(browser, asked, "answer", answer="x").status_code == 403


def test_screeners_answer_and_do_not_ask(sign_in: SignIn) -> None:
    browser, asked = sign_in(Role.SCREENER), enquiry()

    page = browser.get(page_of(asked)).text

    assert ("Send the answer" in page, "Add a question" in page, "Enter an enquiry" in page) == (True, False, False)
    assert browser.get(page_of(asked, "ask_further")).status_code == 403
    assert "Enter an enquiry" not in browser.get(LIST).text


ENTERED = {"email": "Caller@Example.org", "name": "A caller", "subject": "By telephone", "question": "When?\r\nWhere?"}


def test_a_question_by_telephone_is_entered_in_the_name_of_the_secretariat(browser: FlaskClient) -> None:
    answer = browser.post(f"{LIST}/new", data={**ENTERED, "acknowledged": "y"})

    asked = db.session.query(Enquiry).one()
    assert (answer.status_code, answer.location) == (303, page_of(asked))
    assert (asked.email, asked.name, asked.subject, asked.question, asked.state) == (
        "Caller@example.org", "A caller", "By telephone", "When?\nWhere?", State.OPEN,
    )  # fmt: skip
    assert [(entry.trigger, entry.role, entry.actor_name) for entry in asked.history] == [
        ("ask", "secretariat", "The secretariat")
    ]
    assert [letter.audience for letter in asked.letters] == ["enquirer", "secretariat"]


def test_a_question_is_entered_without_an_acknowledgement_where_none_is_wanted(browser: FlaskClient) -> None:
    browser.post(f"{LIST}/new", data=ENTERED)

    asked = db.session.query(Enquiry).one()
    assert [letter.audience for letter in asked.letters] == ["secretariat"]
    assert "No letter acknowledged it." in browser.get(page_of(asked)).text


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"email": ""}, "Write the address to which the answer goes"),
        ({"email": "nobody"}, "write an address such as name@example.org"),
        ({"subject": ""}, "Write in a few words what it is about."),
        ({"subject": "x" * 301}, "write at most 300 characters"),
        ({"question": " \n "}, "Write what they asked."),
        ({"question": "x" * 20_001}, "write at most 20,000 characters"),
    ],
)
def test_an_entry_that_lacks_something_is_not_stored_and_keeps_its_words(
    browser: FlaskClient, changes: dict[str, str], said: str
) -> None:
    refused = browser.post(f"{LIST}/new", data={**ENTERED, **changes})

    assert (refused.status_code, said in words(refused), "A caller" in refused.text) == (422, True, True)
    assert db.session.query(Enquiry).count() == 0


@pytest.mark.parametrize(("text", "step"), [("answer", "answer"), ("ask", "")])
def test_a_letter_that_cannot_be_written_stops_the_step_and_loses_no_word(
    browser: FlaskClient, text: str, step: str
) -> None:
    asked = enquiry()
    broken = LetterText(folder="enquiry", kind=text, audience=Audience.ENQUIRER, language="en", number=1,
                        text="Subject: x\n\n{{ gone }}\n", english_digest="", author_name="Somebody")  # fmt: skip
    db.session.add(broken)
    db.session.commit()
    entered = {**ENTERED, "acknowledged": "y"}

    answer = send(browser, asked, step, answer="A caller") if step else browser.post(f"{LIST}/new", data=entered)

    db.session.refresh(asked)
    assert (answer.status_code, "A caller" in answer.text, db.session.query(Enquiry).count()) == (409, True, 1)
    assert "“gone” is no placeholder of this letter." in words(answer)
    assert (asked.state, asked.version) == (State.OPEN, 2)


@pytest.mark.parametrize("number", ["ENQ-0000-0000", "P2C-0000-0000", "ENQ-1", "enq-0000-0000"])
def test_an_unknown_number_is_no_page(browser: FlaskClient, number: str) -> None:
    assert browser.get(f"{LIST}/{number}").status_code == 404
    assert browser.post(f"{LIST}/{number}/answer", data={"version": 1}).status_code == 404


def test_the_first_page_counts_the_enquiries_that_wait(browser: FlaskClient) -> None:
    enquiry()
    enquiry()
    answered()

    page = words(browser.get("/staff/"))

    assert '<a href="/staff/enquiries">To answer</a> </dt> <dd class="figure-number"> 2 </dd>' in page


def test_a_letter_of_an_enquiry_leads_to_it(browser: FlaskClient) -> None:
    asked = enquiry(subject="Language of the Roundtable")

    page = browser.get(f"/staff/outbox/{asked.letters[0].id}").text

    assert f'href="{page_of(asked)}"><bdi>Language of the Roundtable</bdi>' in page
    assert ("Enquiry: Received" in page, "whoever asked" in page) == (True, True)


@pytest.mark.parametrize("text", ["ask.enquirer", "ask.secretariat", "ask_further.secretariat", "answer.enquirer"])
def test_texts_are_previewed_with_an_enquiry(browser: FlaskClient, text: str, expression: Make) -> None:
    address = f"/staff/letter-texts/{text}.en"
    none = browser.get(address).text
    asked = answered(question="When?")
    expression()

    page = browser.get(address).text
    other = browser.get(f"{address}?reference=ENQ-0000-0000").text

    assert "There is no enquiry to show it with yet." in none
    assert "No enquiry has this number." in other
    assert (f"<bdi>{asked.reference}: " in page, f'href="{page_of(asked)}"' in page) == (True, True)
    assert "&gt; When?" in page or text == "ask.enquirer"


def test_a_text_of_an_enquiry_that_staff_wrote_is_what_the_next_letter_says(browser: FlaskClient) -> None:
    ours = "Subject: {{ reference }}: ours\n\nNoted on {{ asked_on }}: {{ topic }}. By {{ answer_by }}.\n"

    saved = browser.post("/staff/letter-texts/ask.enquirer.en", data={"version": 1, "text": ours, "reference": ""})

    asked = enquiry(subject="Language")
    assert (saved.status_code, asked.letters[0].subject) == (303, f"{asked.reference}: ours")
    assert ": Language. By " in asked.letters[0].body
