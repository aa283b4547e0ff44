"""The composition: pictures with their table, the what-if of one step, who would fill a gap, and bounded lists."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient

from intake import composition
from intake.composition import Candidate, Line
from intake.current import call_row, programme
from intake.models import Expression
from tests.screening.visits import forget
from tests.statements import counted
from workflows.expression import State
from workflows.people import Role

Make = Callable[..., Expression]
SignIn = Callable[[Role], FlaskClient]
PAGE = "/staff/composition"


def squeezed(page: str) -> str:
    """A page without its white space."""
    return " ".join(page.split())


def seats(page: str, number: int) -> list[str]:
    """The numbers in the seats of one group's picture."""
    picture = page.split(f'aria-labelledby="group-{number}-title')[1].split("</svg>")[0]
    return re.findall(r'class="chart-(?:count|none) chart-middle"[^>]*>(\d+)<', picture)


def cells(page: str) -> list[list[str]]:
    """The numbers of the table, row by row."""
    body = page.split('<table class="matrix">')[1].split("<tbody>")[1].split("</tbody>")[0]
    rows = body.split("</tr>")[:-1]
    return [re.findall(r'<span class="cell-count">(.*?)</span>', row) for row in rows]


def days_ago(days: int) -> datetime:
    """A moment so many days ago."""
    return datetime.now(UTC) - timedelta(days=days)


def test_the_picture_and_its_table_show_the_same_numbers(expression: Make, sign_in: SignIn) -> None:
    for area, category in (("access", "member_states"), ("access", "member_states"), ("adoption", "youth")):
        expression(State.ASSIGNED, focus_area=area, category=category)

    page = sign_in(Role.SCREENER).get(PAGE).text

    numbers = [
        ["2", "0", "0", "0", "0", "0"],
        ["0", "0", "0", "0", "0", "1"],
        ["0", "0", "0", "0", "0", "0"],
        ["0", "0", "0", "0", "0", "0"],
    ]
    assert [seats(page, group) for group in (1, 2, 3, 4)] == numbers
    assert cells(page) == numbers
    assert '<desc id="group-1-about">Member States: 2, Private Sector: gap, UN and international' in squeezed(page)
    assert page.count('class="chart-empty"') == 22


def test_an_assignment_shows_which_gap_it_closes(expression: Make, sign_in: SignIn) -> None:
    rwanda = expression(State.SCREENED)

    page = squeezed(sign_in(Role.SECRETARIAT).get(f"{PAGE}?reference={rwanda.reference}&act=assign").text)

    assert "If it were assigned to ACCESS" in page
    assert "It closes a gap: Member States in ACCESS." in page
    assert cells(page)[0] == ["0 → 1 (+1)", "0", "0", "0", "0", "0"]
    assert seats(page, 1)[0] == "1"
    assert page.count('class="chart-change"') == 1
    assert f'href="/staff/expressions/{rwanda.reference}/assign">Assign</a>' in page


def test_a_move_closes_one_gap_and_opens_another(expression: Make, sign_in: SignIn) -> None:
    rwanda = expression(State.CONFIRMED, focus_area="access")

    page = squeezed(sign_in(Role.SECRETARIAT).get(f"{PAGE}?reference={rwanda.reference}&act=move&area=accelerate").text)

    assert "If it were moved from ACCESS to ACCELERATE" in page
    assert "It closes a gap: Member States in ACCELERATE." in page
    assert "It opens a gap: Member States in ACCESS." in page
    assert [row[0] for row in cells(page)] == ["1 → 0 (−1)", "0", "0", "0 → 1 (+1)"]


def test_a_withdrawal_leaves_a_smaller_group(expression: Make, sign_in: SignIn) -> None:
    rwanda, _other = expression(State.ASSIGNED), expression(State.ASSIGNED)

    page = squeezed(sign_in(Role.SCREENER).get(f"{PAGE}?reference={rwanda.reference}&act=withdraw").text)

    assert "If it were withdrawn from ACCESS" in page
    assert "It neither closes nor opens a gap." in page
    assert cells(page)[0][0] == "2 → 1 (−1)"
    assert f"/staff/expressions/{rwanda.reference}/withdraw" not in page


def test_a_question_changes_nothing(expression: Make, sign_in: SignIn) -> None:
    rwanda = expression(State.SCREENED)
    browser = sign_in(Role.SECRETARIAT)

    browser.get(f"{PAGE}?reference={rwanda.reference}&act=assign&area=access")

    assert cells(browser.get(PAGE).text)[0][0] == "0"


@pytest.mark.parametrize(
    ("state", "query", "said"),
    [
        (State.SCREENED, "act=move", "It is in no group yet: ask what an assignment would do."),
        (State.SCREENED, "act=withdraw", "It is in no group yet, so its withdrawal would change none."),
        (State.ASSIGNED, "act=assign", "It is in ACCESS already: ask what a move would do."),
        (State.ASSIGNED, "act=move&area=access", "It is in this focus area already. Choose another one."),
        (State.DECLINED, "act=assign", "It has left the call (declined), so nothing would change in the groups."),
        (State.SCREENED, "act=promote", "“promote” is not known here. Choose what would be done."),
        (State.SCREENED, "act=assign&area=moon", "Choose a focus area."),
        (State.DRAFT, "act=assign", "There is no expression with the reference"),
    ],
)
def test_a_question_without_an_answer_says_why(
    state: State, query: str, said: str, expression: Make, sign_in: SignIn
) -> None:
    subject = expression(state)

    answer = sign_in(Role.SECRETARIAT).get(f"{PAGE}?reference={subject.reference}&{query}")

    assert (answer.status_code, said in squeezed(answer.text), "It closes" in answer.text) == (200, True, False)


@pytest.mark.parametrize("reference", ["P2C-0000-0000", "<script>", "%00", "x" * 5000, "P2C"])
def test_an_unknown_reference_is_said(reference: str, sign_in: SignIn) -> None:
    answer = sign_in(Role.SECRETARIAT).get(f"{PAGE}?reference={reference}&act=assign")

    known = "There is no expression with the reference" in answer.text
    assert (answer.status_code, known or reference == "%00", "<script>" in answer.text.split("<main")[1]) == (
        200,
        True,
        False,
    )


def test_a_reference_may_be_typed_in_small_letters(expression: Make, sign_in: SignIn) -> None:
    rwanda = expression(State.SCREENED)

    page = sign_in(Role.SECRETARIAT).get(f"{PAGE}?reference=+{rwanda.reference.lower()}+&act=assign").text

    assert "If it were assigned to ACCESS" in squeezed(page)


def test_who_would_fill_a_gap_stands_by_state_rank_and_waiting_time(expression: Make) -> None:
    def waits(name: str, state: State, preferences: list[str], days: int) -> Candidate:
        made = expression(state, organisation_name=name, preferences=preferences, submitted_at=days_ago(days))
        rank = preferences.index("adoption") + 1 if "adoption" in preferences else 0
        return Candidate(made.reference, name, "RWA", state, made.submitted_at, rank)

    last = waits("Submitted, first choice", State.SUBMITTED, ["adoption"], 30)
    third = waits("Screened, second choice", State.SCREENED, ["access", "adoption"], 20)
    second = waits("Screened, first choice, later", State.SCREENED, ["adoption"], 1)
    first = waits("Screened, first choice", State.SCREENED, ["adoption", "access"], 2)
    waits("Does not rank it", State.SCREENED, ["access"], 40)
    expression(State.SCREENED, category="youth", preferences=["adoption"])
    expression(State.RETURNED, preferences=["adoption"])

    place = ("adoption", "member_states")
    found = composition.candidates(call_row().id, [place])

    assert found == {place: Line(*place, total=4, candidates=[first, second, third, last])}


def test_a_gap_names_a_few_and_counts_the_others(expression: Make, sign_in: SignIn) -> None:
    for number in range(12):
        expression(State.SCREENED, preferences=["access"], submitted_at=days_ago(number))

    page = squeezed(sign_in(Role.SECRETARIAT).get(PAGE).text)

    gaps = page.split('id="gaps"')[1].split('id="seats"')[0]
    assert ("12 wait" in gaps, "and 2 more" in gaps, gaps.count("<li>") - gaps.count("</li></ul>")) == (True, True, 33)
    assert gaps.count(">Assign <") == 10
    assert gaps.count(">What if <") == 10


def test_only_who_may_assign_is_offered_to(expression: Make, sign_in: SignIn) -> None:
    expression(State.SCREENED)

    page = squeezed(sign_in(Role.SCREENER).get(PAGE).text)

    assert (">Assign <" in page, ">What if <" in page) == (False, True)


def test_a_group_without_gaps_says_so(expression: Make, sign_in: SignIn) -> None:
    for area in programme().focus_areas:
        for category in programme().categories:
            expression(State.ASSIGNED, focus_area=area.id, category=category.id)

    assert "There is none: every category is in every group." in sign_in(Role.SCREENER).get(PAGE).text


def test_a_large_group_has_pages_of_its_own(expression: Make, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("intake.composition.MOST_MEMBERS", 2)
    monkeypatch.setattr("intake.composition.PAGE", 2)
    for name in ("Beta", "alpha", "Gamma"):
        expression(State.ASSIGNED, organisation_name=name)
    expression(State.ASSIGNED, organisation_name="Elsewhere", focus_area="adoption")
    browser = sign_in(Role.SCREENER)

    overview = browser.get(PAGE).text
    first = browser.get("/staff/composition/members?area=access").text
    second = browser.get(first.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")).text

    def named(page: str) -> list[str]:
        return [name for name in ("alpha", "Beta", "Gamma", "Elsewhere") if f"<bdi>{name}</bdi>" in page]

    assert "All 3 members of ACCESS" in overview
    assert named(overview) == ["alpha", "Beta", "Elsewhere"]
    assert [named(first), named(second)] == [["alpha", "Beta"], ["Gamma"]]


@pytest.mark.parametrize(
    ("query", "status"),
    [("", 404), ("area=moon", 404), ("area=access&from=zzz", 200), ("area=access&from=n%00-1", 200)],
)
def test_an_unknown_group_is_no_page_and_an_unknown_place_is_said(query: str, status: int, sign_in: SignIn) -> None:
    answer = sign_in(Role.SCREENER).get(f"/staff/composition/members?{query}")

    assert (answer.status_code, "is not known here and was left out" in answer.text) == (status, status == 200)


@pytest.mark.parametrize("count", [1, 30])
def test_the_composition_takes_the_same_few_statements(count: int, expression: Make, sign_in: SignIn) -> None:
    for _ in range(count):
        expression(State.CONFIRMED)
        expression(State.WAITLISTED)
        waits = expression(State.SCREENED)
    browser, address = sign_in(Role.SECRETARIAT), f"{PAGE}?reference={waits.reference}&act=assign&area=adoption"
    forget()

    with counted() as statements:
        answer = browser.get(address)

    assert (answer.status_code, len(statements) <= 8) == (200, True), statements
