"""The pages of conflicts of interest, and of a category that is corrected."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from intake import conflicts
from intake.extensions import db
from intake.models import Conflict, ConflictKind, Expression, User
from tests.screening.visits import forget
from workflows.expression import State
from workflows.people import Role

Make = Callable[..., Expression]
SignIn = Callable[[Role], FlaskClient]
Account = Callable[[Role], User]
SCREENER, SECRETARIAT = Role.SCREENER, Role.SECRETARIAT
TYPED = {"kind": "advice", "reason": "I wrote <a part> of it."}
HAS_ONE = "You have a conflict of interest with this applicant"


def page_of(ghana: Expression, more: str = "") -> str:
    """The address of an expression, or of one of its pages."""
    return f"/staff/expressions/{ghana.reference}{more}"


def plain(text: str) -> str:
    """A page with its line ends and indents as single spaces."""
    return " ".join(text.split())


def declared(ghana: Expression, by: User) -> Conflict:
    """A conflict of interest that somebody has declared."""
    conflicts.declare(ghana, by=by, kind=ConflictKind.ADVICE, reason="I wrote a part.")
    db.session.commit()
    return db.session.scalars(select(Conflict)).one()


def test_a_conflict_is_declared_after_its_consequences_were_shown(
    expression: Make, sign_in: SignIn, account: Account
) -> None:
    ghana = expression(screener_id=account(SCREENER).id)
    home, form = page_of(ghana), page_of(ghana, "/conflicts")
    browser = sign_in(SCREENER)

    asked = browser.post(form, data=TYPED)
    before = db.session.scalars(select(Conflict)).all()
    answer = browser.post(form, data={**TYPED, "confirmed": "yes"})
    forget()
    page = plain(browser.get(answer.location).text)

    assert (asked.status_code, before, "Please confirm" in asked.text) == (200, [], True)
    assert ("I wrote &lt;a part&gt; of it.</textarea>" in asked.text, "<a part>" in asked.text) == (True, False)
    assert 'name="confirmed" type="hidden" value="yes"' in asked.text
    assert (answer.status_code, answer.location) == (303, home)
    assert "You are no longer the screener of this expression" in page
    assert (HAS_ONE in page, "What you can do" in page, "Save the verdicts" in page) == (True, False, False)
    assert "The tie: you declared advice to the applicant, or help with this expression." in page
    row = db.session.scalars(select(Conflict)).one()
    assert (row.user_id, row.kind, row.reason) == (account(SCREENER).id, ConflictKind.ADVICE, TYPED["reason"])


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"reason": "Advised."}, "What ties you to the applicant: this answer is needed."),
        ({"kind": "advice", "reason": " "}, "In a sentence, what it is: this answer is needed."),
        ({"kind": "envy", "reason": "Advised."}, "What ties you to the applicant: choose one of the answers offered."),
        ({"kind": "advice", "reason": "x" * 1001}, "write at most 1,000 characters"),
    ],
)
def test_a_declaration_needs_its_kind_and_its_reason(
    expression: Make, sign_in: SignIn, typed: dict[str, str], said: str
) -> None:
    answer = sign_in(SCREENER).post(page_of(expression(), "/conflicts"), data={**typed, "confirmed": "yes"})

    assert (answer.status_code, said in answer.text) == (422, True)
    assert db.session.scalars(select(Conflict)).all() == []


def test_a_second_declaration_says_that_there_is_one(expression: Make, sign_in: SignIn, account: Account) -> None:
    ghana = expression()
    declared(ghana, account(SCREENER))

    answer = sign_in(SCREENER).post(page_of(ghana, "/conflicts"), data={**TYPED, "confirmed": "yes"})

    assert answer.status_code == 409
    assert "You have declared a conflict of interest with this applicant already." in answer.text


def test_a_page_without_a_conflict_offers_to_declare_one(expression: Make, sign_in: SignIn) -> None:
    ghana = expression()

    page = sign_in(SCREENER).get(page_of(ghana)).text

    assert (HAS_ONE in page, f'href="{page_of(ghana, "/conflicts")}"' in page) == (False, True)
    assert "What you can do" in page


@pytest.mark.parametrize("trigger", ["decline", "request_information", "correct_category"])
def test_who_has_a_conflict_is_refused_every_step_with_the_reason(
    expression: Make, sign_in: SignIn, account: Account, trigger: str
) -> None:
    ghana = expression(website="https://ministry.gov.xx/")
    account(SCREENER).organisation = ghana.organisation_name
    db.session.commit()
    browser = sign_in(SCREENER)

    page = plain(browser.get(page_of(ghana, f"/{trigger}")).text)

    assert f"{HAS_ONE}: the account says that you work for {ghana.organisation_name}." in page


def test_who_has_a_conflict_neither_judges_nor_takes(expression: Make, sign_in: SignIn, account: Account) -> None:
    ghana = expression()
    declared(ghana, account(SCREENER))
    browser = sign_in(SCREENER)
    typed = {"version": ghana.version, "pledge-outcome": "met", "pledge-reason": "Shown."}

    judged = browser.post(page_of(ghana, "/verdicts"), data=typed)
    forget()
    taken = browser.post(page_of(ghana, "/take"))

    assert [(each.status_code, HAS_ONE in each.text) for each in (judged, taken)] == [(409, True), (409, True)]
    assert "Shown." in judged.text


def test_the_secretariat_lifts_a_conflict_with_a_reason(expression: Make, sign_in: SignIn, account: Account) -> None:
    ghana = expression()
    row = declared(ghana, account(SCREENER))
    browser = sign_in(SECRETARIAT)
    lift, field = page_of(ghana, f"/conflicts/{row.id}/lift"), f"conflict-{row.id}-reason"

    shown, seen = plain(browser.get(page_of(ghana)).text), browser.get(page_of(ghana, "/conflicts")).text
    empty = browser.post(lift, data={field: " "})
    answer = browser.post(lift, data={field: "Mixed up."})
    again = browser.post(lift, data={field: "Mixed up."})

    assert ("1 colleague has declared one." in shown, "What you can do" in shown) == (True, True)
    assert ("I wrote a part." in seen, f'name="{field}"' in seen) == (True, True)
    assert (empty.status_code, "this answer is needed" in empty.text) == (422, True)
    assert (answer.status_code, answer.location) == (303, page_of(ghana, "/conflicts"))
    assert (again.status_code, "has been lifted already" in again.text) == (409, True)
    assert (row.lift_reason, row.lifted_by_id) == ("Mixed up.", account(SECRETARIAT).id)
    page = browser.get(answer.location).text
    assert ("Mixed up." in page, "The secretariat" in page, f'name="{field}"' in page) == (True, True, False)


def test_nobody_lifts_a_conflict_of_their_own(expression: Make, sign_in: SignIn, account: Account) -> None:
    ghana = expression()
    row = declared(ghana, account(SECRETARIAT))
    browser = sign_in(SECRETARIAT)

    page = browser.get(page_of(ghana, "/conflicts")).text
    answer = browser.post(page_of(ghana, f"/conflicts/{row.id}/lift"), data={f"conflict-{row.id}-reason": "Over."})

    assert (f"/conflicts/{row.id}/lift" in page, "nobody lifts their own" in page) == (False, True)
    assert (answer.status_code, row.lifted_at) == (409, None)


def test_a_conflict_is_lifted_on_its_own_expression_alone(expression: Make, sign_in: SignIn, account: Account) -> None:
    row, other = declared(expression(), account(SCREENER)), expression()
    browser, typed = sign_in(SECRETARIAT), {f"conflict-{row.id}-reason": "Mixed up."}

    answers = [browser.post(page_of(other, f"/conflicts/{id}/lift"), data=typed) for id in (row.id, 4711)]

    assert [answer.status_code for answer in answers] == [404, 404]


def test_a_screener_does_not_read_why_a_colleague_declared_a_conflict(
    expression: Make, sign_in: SignIn, account: Account
) -> None:
    ghana = expression()
    declared(ghana, account(SECRETARIAT))

    page = sign_in(SCREENER).get(page_of(ghana, "/conflicts")).text

    assert "I wrote a part." not in page


def test_a_conflict_that_was_noticed_is_explained(expression: Make, sign_in: SignIn, account: Account) -> None:
    ghana = expression()
    account(SCREENER).organisation = ghana.organisation_name
    db.session.commit()

    page = plain(sign_in(SCREENER).get(page_of(ghana, "/conflicts")).text)

    assert "It was noticed, not declared" in page
    assert "Declare a conflict of interest of yours" in page


def test_a_category_is_corrected_from_one_list(expression: Make, sign_in: SignIn) -> None:
    ghana = expression(State.SUBMITTED)
    key = ghana.id
    browser = sign_in(SCREENER)
    typed = {"version": str(ghana.version), "category": "academia:university", "reason": "A university applied."}

    page = browser.get(page_of(ghana, "/correct_category")).text
    shown = browser.post(page_of(ghana, "/correct_category"), data=typed)
    confirmed = shown.text.split('name="confirmed" type="hidden" value="')[1].split('"')[0]
    answer = browser.post(page_of(ghana, "/correct_category"), data={**typed, "confirmed": confirmed})

    assert '<option selected value="member_states:ministry">Member States: Ministry</option>' in page
    assert answer.status_code == 303
    forget()
    ghana = db.session.get_one(Expression, key)
    assert (ghana.category, ghana.sub_type) == ("academia", "university")
    after = browser.get(page_of(ghana)).text
    assert "Category: Academia: University" in after
    assert ("sub_type" in after, "Reason: A university applied." in after) == (False, True)


def test_the_same_category_is_no_correction(expression: Make, sign_in: SignIn) -> None:
    ghana = expression(State.SUBMITTED)
    typed = {"version": ghana.version, "category": "member_states:ministry", "reason": "None.", "confirmed": "yes"}

    answer = sign_in(SCREENER).post(page_of(ghana, "/correct_category"), data=typed)

    assert answer.status_code == 409
    assert "The expression has this category and sub-type already. Choose another." in answer.text
