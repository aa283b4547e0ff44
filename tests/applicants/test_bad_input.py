"""Whatever is sent to an applicant's page is answered by a sentence or a 4xx, and nothing that was saved is lost."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from intake.applicants import linking
from intake.models import Expression
from tests.applicants import walking
from tests.applicants.walking import ANSWERS
from workflows.expression import State

Make = Callable[..., Expression]
FIELDS = {name for typed in ANSWERS.values() for name in typed} | {
    *("seen", "version", "key", "go", "consent", "acknowledged", "answer_1", "reason", "email"),
    *("delegate_name", "delegate_title", "csrf_token"),
}
HOSTILE = {
    "nul": "a\x00b",
    "control": "a\x1b[2Jb",
    "turned": "a\u202eb\u2066c",
    "header": "a@example.org\r\nBcc: b@example.org",
    "long": "x" * 20_000,
    "markup": "<script>alert(1)</script>",
    "template": "{{ 7 * 7 }}%(x)s%s",
    "number": "9" * 4000,
    "negative": "-1",
    "bare accent": "\u0301",
    "emoji": "\U0001f469\u200d\U0001f4bb",
    "empty": "",
}
PAGES = (
    *(f"/answers/{step}" for step in ANSWERS),
    *("/check", "/points", "/delegate", "/withdraw", "/link"),
)


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linking, "EQUAL_SECONDS", 0.0)


@pytest.fixture
def mine(client: FlaskClient, expression: Make) -> Expression:
    """A returned expression, which has every page open."""
    made = expression(State.RETURNED)
    walking.hold(client, made)
    return made


def addresses(expression: Expression) -> Iterator[str]:
    """Every address that takes a form."""
    yield from (walking.address(expression, page) for page in PAGES)
    yield from ("/expressions", "/link", f"/link/{'x' * 43}")


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_words_in_every_field_of_every_form(client: FlaskClient, mine: Expression, kind: str) -> None:
    form = dict.fromkeys(sorted(FIELDS), HOSTILE[kind])

    codes = {where: client.post(where, data=form).status_code for where in addresses(mine)}

    assert {code for code in codes.values() if code not in {200, 303, 404, 409, 422}} == set(), codes
    stored = walking.by_reference(mine.reference)
    assert (stored.contact_email, stored.organisation_name != "") == (mine.contact_email, True)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"organisation_name=%ff%fe%00&seen=%c3%28", "application/x-www-form-urlencoded"),
        (b"\xff\xfe\x00\x01", "application/x-www-form-urlencoded"),
        (b'{"organisation_name": ["x"]}', "application/json"),
        (b"[" * 100_000, "application/json"),
        (b"x", "multipart/form-data"),
        (b"--b\r\nbroken", "multipart/form-data; boundary=b"),
        (b'--b\r\nContent-Disposition: form-data; name="organisation_name"; filename="x"\r\n\r\nx\r\n--b--\r\n',
         "multipart/form-data; boundary=b"),
        (b"a=" + "é".encode("latin-1"), "application/x-www-form-urlencoded; charset=latin-1"),
        (b"", "text/plain"),
    ],
)  # fmt: skip
def test_wrong_encodings_and_types_are_never_our_error(
    client: FlaskClient, mine: Expression, body: bytes, kind: str
) -> None:
    codes = [client.post(where, data=body, content_type=kind).status_code for where in addresses(mine)]

    assert {code for code in codes if code not in {200, 303, 400, 404, 409, 413, 415, 422}} == set()
    assert walking.by_reference(mine.reference).organisation_name == mine.organisation_name


@pytest.mark.parametrize("field", ["organisation_name", "statement", "seen", "other"])
def test_two_megabytes_are_too_much_and_said_so(
    app: Flask, client: FlaskClient, mine: Expression, field: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    for where in addresses(mine):
        page = client.post(where, data={field: "x" * 2_000_000})

        assert page.status_code == 413
        assert "That is too much at once" in page.get_data(as_text=True)


def test_a_hundred_thousand_fields_are_refused_or_ignored(client: FlaskClient, mine: Expression) -> None:
    body = "&".join(f"f{number}=" for number in range(40_000))

    codes = [
        client.post(where, data=body, content_type="application/x-www-form-urlencoded").status_code
        for where in addresses(mine)
    ]

    assert {code for code in codes if code not in {200, 303, 400, 404, 409, 413, 422}} == set()


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "OPTIONS"])
def test_other_methods_change_nothing(client: FlaskClient, mine: Expression, method: str) -> None:
    codes = {client.open(where, method=method).status_code for where in addresses(mine)}

    assert codes <= {200, 404, 405}
    assert walking.by_reference(mine.reference).version == mine.version


def test_without_a_csrf_token_nothing_is_accepted(
    app: Flask, client: FlaskClient, mine: Expression, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    before = mine.version

    pages = [client.post(where, data={"csrf_token": token}) for where in addresses(mine) for token in ("", "forged")]

    assert {page.status_code for page in pages} == {400}
    assert "The form could not be accepted" in pages[0].get_data(as_text=True)
    assert walking.by_reference(mine.reference).version == before


@pytest.mark.parametrize(
    "reference", ["P2C-0000-000", "p2c-0000-0000", "P2C-IIII-OOOO", "P2C-0000-0000%00", "..%2f..%2fetc", "'OR 1=1--"]
)
def test_what_is_no_reference_opens_nothing(client: FlaskClient, reference: str) -> None:
    assert client.get(f"/expressions/{reference}").status_code in {403, 404}


def test_a_forged_session_opens_nothing(client: FlaskClient, mine: Expression) -> None:
    forged: list[Any] = ["eyJsaW5rcyI6WzFdfQ.forged.forged", "x" * 4000, "é"]
    for cookie in forged:
        client.delete_cookie("intake")
        client.set_cookie("intake", cookie)

        assert client.get(walking.address(mine)).status_code == 403


def test_every_page_of_the_applicants_is_whole_html_in_every_state(client: FlaskClient, expression: Make) -> None:
    for state in State:
        made = expression(state)
        walking.hold(client, made)
        for page in ("", "/check", "/answers", *PAGES):
            assert client.get(walking.address(made, page)).status_code in {200, 303, 405, 409}
    for public in ("/", "/link", "/notice", "/staff/login"):
        assert client.get(public).status_code == 200
