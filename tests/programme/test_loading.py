"""A programme's file is read whole, or refused with every line that is wrong."""

import re
from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.programme import (
    Call,
    Category,
    FocusArea,
    ProgrammeError,
    Roundtable,
    Secretariat,
    SubType,
    demonstration_text,
    load_programme,
    read_programme,
)
from intake.programme.loading import EXAMPLE, SHIPPED, shipped_text

GENEVA = ZoneInfo("Europe/Zurich")
TEXT = shipped_text(EXAMPLE)


def refusals(text: str) -> list[str]:
    with pytest.raises(ProgrammeError) as refused:
        read_programme(text, name="file.toml")
    return str(refused.value).splitlines()


def changed(old: str, new: str) -> tuple[str, int]:
    """The example with one place changed, and the line of that place."""
    assert TEXT.count(old) == 1, old
    return TEXT.replace(old, new), TEXT[: TEXT.index(old)].count("\n") + 1


def test_the_shipped_programme_is_partner2connect_with_the_roundtable_of_kigali():
    programme = load_programme()

    assert (programme.slug, programme.name) == ("partner2connect", "Partner2Connect Digital Coalition")
    assert programme.call == Call(
        slug="2021-22",
        title="Expressions of interest in the working groups, 2021-22",
        opens=datetime(2021, 9, 19, 22, 0, tzinfo=UTC),
        closes=datetime(2022, 5, 31, 21, 59, tzinfo=UTC),
        zone=GENEVA,
        decision_working_days=15,
        answer_working_days=10,
        enquiry_working_days=10,
        undo_minutes=10,
        link_days=90,
        two_screeners=False,
    )
    assert programme.roundtable == Roundtable(
        name="Partner2Connect Digital Development Roundtable",
        place="Kigali, Rwanda, at the World Telecommunication Development Conference (WTDC)",
        starts=date(2022, 6, 7),
        ends=date(2022, 6, 9),
        seats_in_person=1000,
        seats_remote=350,
    )
    assert programme.secretariat == Secretariat(
        name="Partner2Connect secretariat",
        addresses=("secretariat@example.org",),
        sender="intake@example.org",
        reply_to="secretariat@example.org",
        enquiry_subject="Partner2Connect Digital Coalition – Information Request",
    )


def test_the_four_focus_areas_are_numbered_in_their_order():
    assert [(a.number, a.id, f"{a.name}: {a.tagline}", a.lead_email) for a in load_programme().focus_areas] == [
        (1, "access", "ACCESS: Connecting people everywhere", None),
        (2, "adoption", "ADOPTION: Empowering communities", None),
        (3, "value_creation", "VALUE CREATION: Building digital ecosystems", None),
        (4, "accelerate", "ACCELERATE: Incentivizing investments", None),
    ]


def test_the_six_categories_have_their_sub_types():
    assert {c.id: [s.id for s in c.sub_types] for c in load_programme().categories} == {
        "member_states": ["ministry", "regulator", "other_government"],
        "private_sector": ["company", "philanthropic", "trade_association"],
        "un_io": ["un_agency", "mdb", "regional_organization", "other_international"],
        "civil_society": ["ngo", "foundation", "community_network", "other_civil_society"],
        "academia": ["university", "research_institute", "training_institute"],
        "youth": ["youth_network", "youth_led_organization", "student_association"],
    }


def test_the_four_criteria_ask_for_their_own_facts_and_carry_guidance():
    criteria = load_programme().criteria

    assert [(c.id, c.facts) for c in criteria] == [
        ("commitment", "commitment"),
        ("pledge", "pledge"),
        ("participation", "participation"),
        ("engagement", "engagement"),
    ]
    assert all(len(c.met) >= 2 and len(c.not_met) >= 2 for c in criteria)


def test_a_lookup_finds_by_id_and_else_names_the_known_ids():
    programme = load_programme()

    assert programme.focus_area("adoption") == programme.focus_areas[1]
    assert programme.category("youth").sub_type("youth_network") == SubType("youth_network", "Youth network")
    assert programme.criterion("pledge") == programme.criteria[1]
    with pytest.raises(
        KeyError, match=r"no focus area “adaption”. Known: access, adoption, value_creation, accelerate"
    ):
        programme.focus_area("adaption")
    with pytest.raises(KeyError, match=r"no category “press”. Known: member_states, "):
        programme.category("press")
    with pytest.raises(KeyError, match=r"no criterion “size”. Known: commitment, pledge, participation, engagement"):
        programme.criterion("size")


def test_a_call_is_open_from_its_first_moment_to_its_last_in_geneva():
    call = load_programme().call

    assert [
        call.is_open(datetime(2021, 9, 19, 23, 59, 59, tzinfo=GENEVA)),
        call.is_open(datetime(2021, 9, 20, 0, 0, tzinfo=GENEVA)),
        call.is_open(datetime(2022, 5, 31, 23, 59, tzinfo=GENEVA)),
        call.is_open(datetime(2022, 5, 31, 23, 59, 1, tzinfo=GENEVA)),
    ] == [False, True, True, False]
    with pytest.raises(ValueError, match="no time zone"):
        call.is_open(datetime(2022, 1, 1))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("line", "asked"), [("two_screeners = true\n", True), ("two_screeners = false\n", False), ("", False)]
)
def test_a_second_screener_is_asked_for_by_those_who_say_so(line: str, asked: bool):
    text, _ = changed("two_screeners = false\n", line)

    assert read_programme(text, name="file.toml").call.two_screeners is asked


@pytest.mark.parametrize(("line", "days"), [("lapse_after_days = 0\n", 0), ("lapse_after_days = 30\n", 30), ("", None)])
def test_expressions_lapse_by_themselves_only_where_the_programme_says_so(line: str, days: int | None):
    text, _ = changed("two_screeners = false\n", line)

    assert read_programme(text, name="file.toml").call.lapse_after_days == days


def test_seats_are_counted_by_mode():
    roundtable = load_programme().roundtable

    assert (roundtable.seats("in_person"), roundtable.seats("remote")) == (1000, 350)
    with pytest.raises(KeyError, match="Known: in_person, remote"):
        roundtable.seats("hybrid")


def test_the_example_is_open_for_a_long_while_and_differs_only_in_its_call_and_roundtable():
    shipped, example = load_programme(), read_programme(TEXT, name=EXAMPLE)

    assert (example.call.opens.astimezone(GENEVA), example.call.closes.astimezone(GENEVA)) == (
        datetime(2026, 9, 1, tzinfo=GENEVA),
        datetime(2027, 3, 31, 23, 59, tzinfo=GENEVA),
    )
    assert (example.roundtable.place, example.roundtable.seats_in_person, example.roundtable.seats_remote) == (
        "Geneva (example)",
        60,
        200,
    )
    assert (example.focus_areas, example.categories, example.criteria, example.secretariat, example.notice) == (
        shipped.focus_areas,
        shipped.categories,
        shipped.criteria,
        shipped.secretariat,
        shipped.notice,
    )


@pytest.mark.parametrize("today", [date(2026, 11, 24), date(2027, 2, 26), date(2028, 2, 29), date(2030, 12, 31)])
def test_the_demonstration_is_open_on_its_day_and_has_few_seats(today: date):
    programme = read_programme(demonstration_text(today), name="demonstration")

    noon = datetime(today.year, today.month, today.day, 12, tzinfo=UTC)
    assert programme.call.is_open(noon)
    assert (programme.call.slug, "demonstration" in programme.call.title) == ("demonstration", True)
    closes = programme.call.closes.astimezone(GENEVA)
    assert ((closes.date() - today).days, closes.hour, closes.minute) == (60, 23, 59)
    assert (today - programme.call.opens.astimezone(GENEVA).date()).days == 30
    assert ((programme.roundtable.starts - today).days, (programme.roundtable.ends - today).days) == (150, 152)
    assert (programme.roundtable.seats("in_person"), programme.roundtable.seats("remote")) == (6, 4)


def test_the_shipped_files_never_write_to_a_real_mailbox():
    for text in (shipped_text(SHIPPED), TEXT, demonstration_text(date(2026, 11, 24))):
        written = read_programme(text, name="shipped").secretariat
        assert {a.partition("@")[2] for a in (*written.addresses, written.sender, written.reply_to)} == {"example.org"}


WRONG = [
    ("enquiry_working_days = 10", "enquiry_working_days = 0", "“enquiry_working_days” is 0: it must be from 1 to 250."),
    (
        "closes = 2027-03-31T23:59:00",
        "closes = 2026-03-31T23:59:00",
        "The call closes before it opens. Mend “opens” or “closes”.",
    ),
    ("ends = 2027-06-10", "ends = 2027-06-07", "The Roundtable ends before it starts. Mend “starts” or “ends”."),
    ("seats_remote = 200", "seats_remote = -1", "“seats_remote” is -1: it must be from 0 to 100000."),
    ("seats_remote = 200", "seats_remote = true", "“seats_remote” must be a whole number, not true or false."),
    ("two_screeners = false", "two_screeners = 2", "“two_screeners” must be true or false, not a whole number."),
    ("two_screeners = false", "two_screener = true", "“two_screener” is not known here. Did you mean “two_screeners”?"),
    ("two_screeners = false", "lapse_after_days = 367", "“lapse_after_days” is 367: it must be from 0 to 366."),
    (
        "two_screeners = false",
        'lapse_after_days = "a month"',
        "“lapse_after_days” must be a whole number, not a text.",
    ),
    ("seats_remote = 200", "seats_remote = 20.5", "“seats_remote” must be a whole number, not a number."),
    ("starts = 2027-06-08", 'starts = "8 June"', "“starts” must be a date such as 2022-06-07, not a text."),
    (
        "opens = 2026-09-01T00:00:00",
        "opens = 2026-09-01",
        "“opens” must be a date with a time, such as 2022-05-31T23:59:00, not a date alone.",
    ),
    (
        "opens = 2026-09-01T00:00:00",
        "opens = 2026-03-29 02:30:00",
        "“opens” is a time that the clocks of Europe/Zurich skip. Choose another.",
    ),
    (
        "opens = 2026-09-01T00:00:00",
        "opened = 2026-09-01T00:00:00",
        "“opened” is not known here. Did you mean “opens”?",
    ),
    (
        'zone = "Europe/Zurich"',
        'zone = "Europe/Zürich"',
        "“Europe/Zürich” is no known time zone. Did you mean “Europe/Zurich”?",
    ),
    ('zone = "Europe/Zurich"', 'zone = "../etc"', "“../etc” is no known time zone. Write one such as Europe/Zurich."),
    (
        'sender = "intake@example.org"',
        'sender = "intake"',
        "“intake” is no e-mail address: An email address must have an @-sign.",
    ),
    ('addresses = ["secretariat@example.org"]', "addresses = []", "“addresses” is empty: give at least one text."),
    (
        'addresses = ["secretariat@example.org"]',
        "addresses = [7]",
        "“addresses” must hold texts in quotation marks only.",
    ),
    (
        'addresses = ["secretariat@example.org"]',
        'addresses = ["a@example.org", "a@example.org"]',
        "The address a@example.org is given twice.",
    ),
    ('name = "ADOPTION"', 'name = ""', "“name” is empty: write a text."),
    ('name = "ADOPTION"', 'name = "' + "A" * 201 + '"', "“name” has 201 characters: shorten it to 200 at most."),
    ('name = "ADOPTION"', 'name = "A\\u0000B"', "“name” holds a control character: remove it."),
    ('name = "ADOPTION"', 'name = "A\\u202EB"', "“name” holds a control character: remove it."),
    (
        'name = "ADOPTION"',
        'name = "ADOPTION"\nlead_email = "lead"',
        "“lead” is no e-mail address: An email address must have an @-sign.",
    ),
    (
        'id = "adoption"',
        'id = "Adoption!"',
        "“Adoption!” cannot be “id”: use up to 40 small letters (a to z), digits, _ and -.",
    ),
    (
        'facts = "engagement"',
        'facts = "zeal"',
        "“facts” cannot be “zeal”. Choose one of: commitment, pledge, participation, engagement, none.",
    ),
    (
        '{ id = "mdb", name = "Multilateral Development Bank" }',
        '{ id = "mdb" }',
        "“name” is missing in categories.sub_types. Add it.",
    ),
    ('{ id = "mdb", name = "Multilateral Development Bank" }', "7", "“sub_types” must hold tables only."),
    (
        "closes = 2027-03-31T23:59:00",
        "closes = 0001-01-01T00:00:00",
        "“closes” is in the year 1: it must be from 2000 to 2200.",
    ),
    ('name = "ADOPTION"', "name = 10:00:00", "“name” must be a text in quotation marks, not a time alone."),
    (
        'tagline = "Empowering communities"',
        'tagline = ["a"]',
        "“tagline” must be a text in quotation marks, not a list.",
    ),
]


@pytest.mark.parametrize(("old", "new", "reason"), WRONG)
def test_a_wrong_place_is_refused_with_its_line_and_the_reason(old: str, new: str, reason: str):
    text, line = changed(old, new)

    assert refusals(text) == [f"file.toml, line {line + new.count(chr(10))}: {reason}"]


def test_an_absent_key_is_refused_at_its_table_and_an_absent_table_once_at_the_top():
    text, _ = changed("link_days = 90\n", "")
    header = text[: text.index("[call]")].count("\n") + 1
    assert refusals(text) == [f"file.toml, line {header}: “link_days” is missing in call. Add it."]

    without_notice = TEXT[: TEXT.index("[notice]")]
    assert refusals(without_notice) == ["file.toml, line 1: “notice” is missing. Add it."]


def test_a_second_use_of_an_id_or_of_facts_names_the_line_of_the_first():
    first = TEXT[: TEXT.index('id = "adoption"')].count("\n") + 1
    text, line = changed('id = "accelerate"', 'id = "adoption"')
    assert refusals(text) == [
        f"file.toml, line {line}: The id “adoption” is taken by line {first} already. Choose another."
    ]

    first = TEXT[: TEXT.index('facts = "pledge"')].count("\n") + 1
    text, line = changed('facts = "engagement"', 'facts = "pledge"')
    assert refusals(text) == [
        f"file.toml, line {line}: The facts “pledge” are asked for by the criterion of line {first} already. "
        "Use “none” or others."
    ]


def test_all_problems_are_told_at_once_in_the_order_of_the_lines():
    text, first = changed("seats_remote = 200", "seats_remote = -5")
    text = text.replace('sender = "intake@example.org"', 'colour = "blue"').replace(
        "undo_minutes = 10", "undo_minute = 10"
    )

    found = refusals(text)

    earlier, second = (text[: text.index(each)].count("\n") + 1 for each in ("undo_minute", "[secretariat]"))
    assert found == [
        f"file.toml, line {earlier}: “undo_minute” is not known here. Did you mean “undo_minutes”?",
        f"file.toml, line {first}: “seats_remote” is -5: it must be from 0 to 100000.",
        f"file.toml, line {second}: “sender” is missing in secretariat. Add it.",
        f"file.toml, line {text[: text.index('colour')].count(chr(10)) + 1}: “colour” is not known here. "
        "Known here: name, addresses, sender, reply_to, enquiry_subject.",
    ]


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("slug = 1\nname =\n", "file.toml, line 2, column 7: this is not TOML: Invalid value."),
        ('slug = "a"\nslug = "b"\n', "file.toml, line 2, column 11: this is not TOML: Cannot overwrite a value."),
        ('slug = "a"\nname = """never\nended\n', "file.toml, line 3: this is not TOML: Unterminated string."),
    ],
)
def test_what_is_not_toml_is_refused_with_the_line(text: str, refusal: str):
    assert refusals(text) == [refusal]


@given(
    place=st.integers(0, TEXT.count("\n") - 1),
    line=st.sampled_from(
        (
            *(
                "",
                "call = 7",
                "x = 10:00:00",
                "[[call]]",
                "[notice.more]",
                "closes = 0001-01-01T00:00:00",
                "= 1",
                "facts = []",
            ),
            *('"a\\nb" = {}', "sub_types = [[]]", "id = 1", "criteria.x = 1", f"n = {'9' * 5000}", f"n = {'[' * 5000}"),
        )
    ),
)
def test_a_changed_line_is_read_or_refused_in_sentences(place: int, line: str):
    lines = TEXT.split("\n")
    lines[place] = line

    try:
        read_programme("\n".join(lines), name="file.toml")
    except ProgrammeError as refused:
        said = str(refused).splitlines()
        assert said
        assert all(re.fullmatch(r"file\.toml(, line \d+)?(, column \d+)?: .+[.?]", sentence) for sentence in said)


def test_an_empty_file_lacks_everything():
    keys = ("call", "categories", "criteria", "focus_areas", "name", "notice")
    keys += ("retention", "roundtable", "secretariat", "slug")

    assert refusals("") == [f"file.toml, line 1: “{key}” is missing. Add it." for key in keys]


def test_a_programme_without_a_focus_area_is_refused():
    without = "focus_areas = []\n" + TEXT[: TEXT.index("# The focus areas")] + TEXT[TEXT.index("# The aim") :]

    assert refusals(without) == ["file.toml, line 1: “focus_areas” is empty: give at least one."]


def test_a_file_is_read_from_its_path_with_a_byte_order_mark_and_other_line_ends(tmp_path: Path):
    path = tmp_path / "call.toml"
    path.write_bytes(b"\xef\xbb\xbf" + TEXT.replace("\n", "\r\n").encode())

    assert asdict(load_programme(path)) == asdict(read_programme(TEXT, name=EXAMPLE))


def test_a_file_that_cannot_be_read_is_refused_in_a_sentence(tmp_path: Path):
    absent, latin = tmp_path / "absent.toml", tmp_path / "latin.toml"
    latin.write_bytes(b'slug = "a"\nname = "Coalici\xf3n"\n')

    with pytest.raises(ProgrammeError) as no_file:
        load_programme(absent)
    with pytest.raises(ProgrammeError) as no_utf8:
        load_programme(latin)

    assert str(no_file.value) == f"{absent}: cannot be read: No such file or directory."
    assert str(no_utf8.value) == f"{latin}, line 2: this is not UTF-8. Save the file as UTF-8."


def test_another_coalition_can_be_written_with_areas_and_categories_of_its_own():
    other = TEXT[: TEXT.index("# The focus areas")].replace("Partner2Connect", "Clean Water")
    other += '[[focus_areas]]\nid = "wells"\nname = "Wells"\ntagline = "Dig"\n'
    other += 'summary = "Deep."\nlead_email = "w@example.org"\n'
    other += '[[categories]]\nid = "towns"\nname = "Towns"\nshort_name = "Towns"\nsub_types = []\n'
    other += TEXT[TEXT.index("# `facts`") :]

    programme = read_programme(other, name="water.toml")

    assert programme.focus_areas == (FocusArea("wells", 1, "Wells", "Dig", "Deep.", "w@example.org"),)
    assert programme.categories == (Category("towns", "Towns", "Towns", ()),)
