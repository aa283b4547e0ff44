"""What a person may type: made clean, kept within limits, refused with a sentence that says how to mend it."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict

from intake.forms import (
    AmountField,
    CheckboxesField,
    ChoiceField,
    DateField,
    EmailField,
    IntakeForm,
    LineField,
    LinkField,
    PhoneField,
    RadiosField,
    TextField,
    VersionField,
    column_limit,
)
from intake.models import Expression

ADDRESS = "write an address that begins with https://, such as https://example.org/report."
CONTROL = "it held invisible control characters, which are taken out now. Read it and send it again."
DAY = "write the date as year-month-day, such as 2027-06-30."
AMOUNT = "write digits alone, with a point before cents, such as 250000 or 1250.50."


class Every(IntakeForm):
    """One field of each type."""

    line = LineField("Name", 10)
    text = TextField("Text", 20)
    email = EmailField("E-mail")
    link = LinkField("Link")
    day = DateField("Day")
    amount = AmountField("Amount")
    phone = PhoneField("Phone", 40)
    one = ChoiceField("One", {"": "None", "Group": {"a": "A", "b": "B"}})
    few = RadiosField("Few", lambda: {"x": "X"})
    many = CheckboxesField("Many", {4: "Four", 9: "Nine"}, coerce=int)
    version = VersionField()


Sent = Callable[..., Every]


@pytest.fixture
def sent(app: Flask) -> Sent:
    """A validated form to which some fields were sent."""

    def send(**fields: Any) -> Every:
        app.config["WTF_CSRF_ENABLED"] = False
        with app.test_request_context("/", method="POST", data=MultiDict(fields)):
            form = Every()
            form.validate()
            return form

    return send


@pytest.mark.parametrize(
    ("field", "typed", "kept"),
    [
        ("line", "  Ghana\t1 ", "Ghana 1"),
        ("line", "\ufeffe\u0301", "é"),
        ("text", "a\r\nb\rc\vd\fe\u2028f", "a\nb\nc\nd\ne\nf"),
        ("text", "a\tb", "a\tb"),
        ("email", " Officer@EXAMPLE.org ", "Officer@example.org"),
        ("email", "officer@bücher.example", "officer@xn--bcher-kva.example"),
        ("link", "example.org/a?b=c", "https://example.org/a?b=c"),
        ("link", "example.org:8443/a", "https://example.org:8443/a"),
        ("link", "HTTP://example.org", "HTTP://example.org"),
        ("day", "20270630", "2027-06-30"),
        ("amount", "1,250,000.50", "1250000.50"),
        ("amount", "1 250 000", "1250000"),
        ("amount", "0", "0"),
        ("amount", "1000000000000000", "1000000000000000"),
        ("phone", "+250 (788) 000-000 x 12", "+250 (788) 000-000 x 12"),
        ("one", "b", "b"),
        ("few", "x", "x"),
        ("many", ["9", "4", "9"], [4, 9]),
        ("version", "7", 7),
    ],
)
def test_words_are_made_clean_and_kept(sent: Sent, field: str, typed: Any, kept: Any) -> None:
    form = sent(**{field: typed})

    assert (form[field].data, form.errors) == (kept, {})


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("line", "12345678901", "Name: write at most 10 characters (you have 11)."),
        ("line", "a\nb", "Name: write it on one line."),
        ("line", "a\u2028b", "Name: write it on one line."),
        ("line", "a\x00b", f"Name: {CONTROL}"),
        ("line", "a\x1bb", f"Name: {CONTROL}"),
        ("text", "a\u202eb", f"Text: {CONTROL}"),
        ("text", "a\u2066b", f"Text: {CONTROL}"),
        ("text", "a\ufffdb", "Text: some of its letters could not be read. Type them again."),
        ("text", "x" * 21, "Text: write at most 20 characters (you have 21)."),
        ("email", "a@example.org\r\nBcc: b@example.org", "E-mail: write it on one line."),
        ("email", "a@localhost", "E-mail: write an address such as name@example.org."),
        ("email", "A B <a@example.org>", "E-mail: write an address such as name@example.org."),
        ("email", "a" * 255, "E-mail: write at most 254 characters (you have 255)."),
        ("link", "javascript:alert(1)", f"Link: {ADDRESS}"),
        ("link", "ftp://example.org", f"Link: {ADDRESS}"),
        ("link", "https://", f"Link: {ADDRESS}"),
        ("link", "https://[", f"Link: {ADDRESS}"),
        ("link", "https://a:b@example.org", f"Link: {ADDRESS}"),
        ("link", "https://example.org:99999", f"Link: {ADDRESS}"),
        ("link", "https://example.org/a b", f"Link: {ADDRESS}"),
        ("link", "example.org/" + "x" * 485, "Link: write at most 500 characters (you have 505)."),
        ("day", "2027-02-30", f"Day: {DAY}"),
        ("day", "0001-01-01", f"Day: {DAY}"),
        ("day", "tomorrow", f"Day: {DAY}"),
        ("amount", "-1", f"Amount: {AMOUNT}"),
        ("amount", "NaN", f"Amount: {AMOUNT}"),
        ("amount", "1e9", f"Amount: {AMOUNT}"),
        ("amount", "1.000,50", f"Amount: {AMOUNT}"),
        ("amount", "1000000000000001", "Amount: write 1,000,000,000,000,000 at most."),
        ("phone", "call me", "Phone: write digits, with the country first, such as +250 788 000 000."),
        ("one", "c", "One: choose one of the answers offered."),
        ("few", "y", "Few: choose one of the answers offered."),
        ("many", ["4", "5"], "Many: choose among the answers offered."),
    ],
)
def test_what_cannot_be_kept_is_refused_with_a_sentence(sent: Sent, field: str, typed: Any, sentence: str) -> None:
    assert sent(**{field: typed}).errors == {field: [sentence]}


def test_what_is_invisible_is_taken_out_of_the_form_that_is_shown_again(sent: Sent) -> None:
    assert sent(text="a\x00b\u202ec\u2066d\x9be").text.data == "abcde"


def test_over_long_words_stay_in_the_form(sent: Sent) -> None:
    form = sent(line="12345678901")

    assert 'value="12345678901"' in str(form.line())


def test_nothing_sent_is_nothing_wrong(sent: Sent) -> None:
    form = sent()

    assert (form.errors, form.line.data, form.many.data, form.few.data, form.version.data) == ({}, "", [], "", 0)


@pytest.mark.parametrize("garbage", ["", "-1", "1.5", "x", "9" * 5000, "\x00", "٣"])
def test_a_version_that_is_none_counts_as_stale(sent: Sent, garbage: str) -> None:
    form = sent(version=garbage)

    assert form.errors == {}
    assert form.version.data in {0, 2**31 - 1}


def test_a_form_shows_what_is_kept(app: Flask) -> None:
    with app.test_request_context("/"):
        form = Every(line="Ghana", many=[4], version=3, one="a")

        assert (form.line.data, form.many.data, form.version.data, form.one.data) == ("Ghana", [4], 3, "a")


def test_files_and_json_are_no_words(app: Flask) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    with app.test_request_context("/", method="POST", json={"line": ["Ghana"]}):
        assert Every().line.data == ""


def test_amounts_and_days_are_numbers_and_dates_to_those_who_ask(sent: Sent) -> None:
    form = sent(amount="1,000.5", day="2027-06-30")

    assert (form.amount.amount, str(form.day.day)) == (Decimal("1000.5"), "2027-06-30")


def test_limits_are_those_of_the_columns() -> None:
    assert (column_limit(Expression.organisation_name), column_limit(Expression.contact_phone)) == (200, 40)


def test_a_page_shown_again_carries_the_version_of_now(sent: Sent) -> None:
    form = sent(version="7")
    form.version.data = 8

    assert 'value="8"' in str(form.version())
